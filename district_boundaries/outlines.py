"""Lines and points that a map draws of the areas: made once when boundaries change, not with every tile."""

from __future__ import annotations

from datetime import date
from pathlib import Path

from sqlalchemy import Connection

from database import clock
from database.sql import queries

Q = queries(Path(__file__).with_name("outlines.sql"))

LAST_DISTRICTS = date(2025, 6, 30)
"""The last day of the former districts."""


def refresh(connection: Connection) -> None:
    """Draw the borders of today's wards and of the former districts again, each once, and the city's outside."""
    today = clock.local(clock.now()).date()
    connection.execute(Q["clear"])
    connection.execute(Q["draw_lines"], {"layer": "ward_lines", "level": "ward", "day": today})
    connection.execute(Q["draw_lines"], {"layer": "district_lines", "level": "district", "day": LAST_DISTRICTS})
    connection.execute(Q["draw_outside"], {"day": today})
    connection.execute(Q["label_points"])

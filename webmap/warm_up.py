"""What the first report and the first search of a web process would wait for, read beside them as soon as it starts.

Names of streets and areas take one to two seconds of processor time to be tied to each other. Read here in a thread,
the process serves everything else meanwhile, and nobody's report is the one that waits. Nothing becomes stale by it:
every answer compares the state with the database, as it does without this.
"""

from __future__ import annotations

import threading

import structlog
from sqlalchemy.exc import SQLAlchemyError

from database import clock
from database.engine import read
from database.errors import OperatorError
from district_boundaries.area_names import area_names
from geo.geocoder import geocode
from geo.geocoder.suggest import suggest
from geo.reverse import around

log = structlog.get_logger(__name__)

_ADDRESS = "1 Le Loi, Quan 1"  # any: the first look-up makes what is made on demand
_PLACE = (106.698, 10.7725)


def begin() -> None:
    """Start reading; whatever goes wrong is met again, and answered for, by the first request that needs it."""
    threading.Thread(target=_read, name="warm-up", daemon=True).start()


def _read() -> None:
    try:
        with read() as connection:
            names = area_names(connection)
        today = clock.local(clock.now()).date()
        around(*_PLACE, names, on=today)  # first what a report waits for, then what a search does
        geocode([_ADDRESS], names, on=today, limit=1)
        suggest("le", names, on=today)
    except (OperatorError, SQLAlchemyError, OSError) as error:
        log.warning("warm_up", problem=type(error).__name__)

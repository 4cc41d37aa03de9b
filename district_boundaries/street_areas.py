"""Which areas hold each piece of street: made when streets or areas are loaded, so that no request waits for it."""

from __future__ import annotations

from sqlalchemy import Connection

from district_boundaries.area_names import area_names
from geo.geocoder import keep_street_areas


def load_reference(connection: Connection) -> bool:
    """Make the table where streets or areas changed; True if it was made."""
    return keep_street_areas(connection, area_names(connection))

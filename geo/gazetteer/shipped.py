"""The files that come with the project, as records."""

from __future__ import annotations

from pathlib import Path

from geo.gazetteer import osm, stops
from geo.gazetteer.records import Records

DATA = Path(__file__).parent.parent / "data"
EXTRACT = DATA / "hcm_2018_2026.osm.pbf"
STOPS = DATA / "bus_stops.csv"
RENAMES = DATA / "street_renames.csv"
PATHS = DATA / "bus_paths_2015.gpkg"
POIS = DATA / "osm_pois.gpkg"


def records() -> Records:
    """Everything that ships: about 31,000 stretches of street, 27,000 house numbers, 20,000 landmarks."""
    result = osm.read(EXTRACT)
    result += stops.read(STOPS)
    result += stops.shipped_paths(PATHS)
    result += stops.renames(RENAMES)
    result += stops.pois(POIS)
    return result

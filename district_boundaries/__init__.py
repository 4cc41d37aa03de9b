"""Areas and zones with their span of days: loading them, checking them, and finding which of them hold a point.

What others use: `areas.current` (the areas in memory), `locate.locate` and `locate.near` (points to areas),
`area_names.area_names` (what areas are called, for the geocoder), and `load_reference`.
"""

from district_boundaries.areas import Area, AreaIndex
from district_boundaries.load import load_reference
from district_boundaries.locate import Located

__all__ = ["Area", "AreaIndex", "Located", "load_reference"]

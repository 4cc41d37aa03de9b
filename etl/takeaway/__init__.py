"""A view of the map as one file that somebody takes away: it opens from disk, without a network, and draws what the
page drew. `incident_map` makes it; `page` puts libraries and styles into any folium map."""

from etl.takeaway.incident_map import incident_map
from etl.takeaway.page import page
from etl.takeaway.selection import MOST_ROWS, Found, Selection, find

__all__ = ["MOST_ROWS", "Found", "Selection", "find", "incident_map", "page"]

"""A view of the map as one file that somebody takes away: it opens from disk, without a network, and draws what the
page drew. `incident_map` makes it; `page` puts libraries and styles into any folium map.

Both are imported where they are called: folium brings pandas along, 80 MB that no other command or process needs."""

from etl.takeaway.selection import MOST_ROWS, Found, Selection, find

__all__ = ["MOST_ROWS", "Found", "Selection", "find"]

"""The ground under the incidents: roads, water, parks, names, from OpenStreetMap, offline."""

from geo.basemap.load import load_reference

__all__ = ["load_reference"]

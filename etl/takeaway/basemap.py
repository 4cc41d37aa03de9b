"""The ground under a taken-away map: our own streets, water and borders, so that it is not blank without a network."""

from __future__ import annotations

import json
from pathlib import Path

import folium
import numpy as np
from numpy.typing import NDArray
from sqlalchemy import Connection

from database.sql import queries
from incidents.public import Box

Floats = NDArray[np.float64]

Q = queries(Path(__file__).with_name("basemap.sql"))

PANE = "ground"
CITY = (106.36, 10.37, 107.03, 11.16)
_SCREEN_PX = 1600
_METRES_PER_DEGREE = 111_320  # of the Mercator map at the equator
# class → from which width of the view, in degrees of longitude, it is left out; line width in pixels
_ROADS = {"motorway": (9.0, 2.6), "trunk": (9.0, 2.2), "primary": (9.0, 1.8), "secondary": (0.5, 1.4),
          "tertiary": (0.25, 1.1), "minor": (0.07, 0.8)}  # fmt: skip
_LINES = {"ward_lines": ("#9A8FB5", 0.8, "2 3"), "district_lines": ("#7F7496", 1.4, None)}
_FILLS = {"water": "#C3D7E3", "parks": "#DCE7D3"}
_ROAD = "#C9C6BD"
_WATERWAY = "#B4CCDA"


def around(bounds: Floats, connection: Connection, words: dict[str, str]) -> folium.Map:
    """A map of our own ground alone that shows nearly all of these boxes: float64[n, 4], degrees (west, south, east,
    north). A few that lie far off do not make it small; without any it shows the city."""
    west, south = np.percentile(bounds[:, :2], 3, axis=0) if len(bounds) else CITY[:2]
    east, north = np.percentile(bounds[:, 2:], 97, axis=0) if len(bounds) else CITY[2:]
    box = Box(west=float(west), south=float(south), east=float(east), north=float(north))
    map_ = folium.Map(tiles=None, prefer_canvas=True, zoom_snap=0.25, max_zoom=19, min_zoom=8)
    map_.fit_bounds([[box.south, box.west], [box.north, box.east]])
    lay(map_, connection, box, words)
    return map_


def lay(map_: folium.Map, connection: Connection, box: Box, words: dict[str, str]) -> None:
    """Put the ground of `box` on the map, each part a layer that can be switched off."""
    width = box.east - box.west
    tolerance = width * _METRES_PER_DEGREE / _SCREEN_PX * 0.75
    found = connection.execute(
        Q["ground"],
        {
            "west": box.west, "south": box.south, "east": box.east, "north": box.north,
            # a screen is rarely as wide and high as the view that was taken
            "margin": width * _METRES_PER_DEGREE * (0.6 if width < 0.2 else 0.1), "tolerance": tolerance,
            "roads": [name for name, (widest, _) in _ROADS.items() if width < widest],
            "digits": 4 if width > 0.4 else 5,
        },
    ).all()  # fmt: skip
    folium.map.CustomPane(PANE, z_index=250, pointer_events=False).add_to(map_)
    groups = {
        name: folium.FeatureGroup(name=words[name], overlay=True, control=True)
        for name in ("waters", "roads", "wards", "districts")
    }
    for layer, class_, geometry in sorted(found, key=lambda row: _order(row[0], row[1])):
        style, group = _style(layer, class_)
        folium.GeoJson(
            {"type": "Feature", "properties": {}, "geometry": json.loads(geometry)},
            style_function=lambda _, style=style: style,
            pane=PANE,
            interactive=False,
            control=False,
        ).add_to(groups[group])
    for part in groups.values():
        part.add_to(map_)


def _order(layer: str, class_: str) -> tuple[int, int]:
    """Water under streets, small streets under large ones, borders on top."""
    layers = ("parks", "water", "waterways", "roads", "ward_lines", "district_lines")
    roads = list(_ROADS)
    return layers.index(layer), -roads.index(class_) if class_ in roads else 0


def _style(layer: str, class_: str) -> tuple[dict[str, object], str]:
    """How it is drawn, and the group that it belongs to."""
    if layer in _FILLS:
        fill = _FILLS[layer]
        return {"stroke": False, "fillColor": fill, "fillOpacity": 1}, "waters"
    if layer == "waterways":
        return {"color": _WATERWAY, "weight": 1.2, "fill": False}, "waters"
    if layer == "roads":
        return {"color": _ROAD, "weight": _ROADS[class_][1], "fill": False}, "roads"
    colour, weight, dash = _LINES[layer]
    style = {"color": colour, "weight": weight, "fill": False} | ({"dashArray": dash} if dash else {})
    return style, "wards" if layer == "ward_lines" else "districts"

"""Coordinates as people type them."""

from __future__ import annotations

import re


def read_coordinates(typed: str) -> tuple[float, float] | None:
    """lon, lat of "10.79879, 106.72697", "10,79879; 106,72697" or "106.7 10.8": the greater one is the longitude here.
    None where it is no pair of coordinates."""
    text = typed.replace(";", " ").strip()
    if ";" in typed or re.fullmatch(r"\S*\d,\d+\s+\d+,\d+\S*", text):
        text = text.replace(",", ".")
    found = [part for part in re.split(r"[,\s]+", text) if part]
    try:
        lat, lon = (float(part.rstrip("°NEĐB")) for part in found)
    except ValueError:
        return None
    if abs(lat) > 90 >= abs(lon):
        lat, lon = lon, lat
    return (lon, lat) if abs(lat) <= 90 and abs(lon) <= 180 else None

"""The styles that an analysis's layers bring along, and the colours and words of its classes."""

from __future__ import annotations

from collections.abc import Iterable

from etl import qgis

COLOURS = {
    "hot99": "#7a0016", "hot95": "#b8324a", "hot90": "#e08a95", "none": "#ffffff",
    "cold90": "#a9c6e8", "cold95": "#5d93d0", "cold99": "#1f5ea8",
}  # fmt: skip
LABELS = {
    "hot99": "Nóng 99%", "hot95": "Nóng 95%", "hot90": "Nóng 90%", "none": "Không có ý nghĩa",
    "cold90": "Lạnh 90%", "cold95": "Lạnh 95%", "cold99": "Lạnh 99%",
}  # fmt: skip
_INK = "#1b2733"


def cells(columns: Iterable[str]) -> str | None:
    """Cells by class: three steps of red and of blue, a white hairline between. None where there is no class."""
    if "class" not in columns:
        return None
    return qgis.categorized(
        "class",
        [(name, LABELS[name], qgis.fill(colour, 0.0 if name == "none" else 0.75)) for name, colour in COLOURS.items()],
    )


def places() -> str:
    """Hot places: a dark dot and its letter."""
    return qgis.single(qgis.marker(_INK, 2.5), label="letter")

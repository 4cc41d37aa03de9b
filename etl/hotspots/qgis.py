"""The styles that an analysis's layers bring along for QGIS."""

from __future__ import annotations

from xml.etree.ElementTree import Element

from etl import qgis
from etl.hotspots import legend
from etl.hotspots.answer import Answer
from etl.hotspots.legend import COLOURS, Entry

_INK = "#1b2733"
_NAMES = ("new", "consecutive", "intensifying", "persistent", "diminishing", "sporadic", "oscillating", "historical")


def cells(answer: Answer) -> str | None:
    """Cells by class, a white hairline between. None where there is no class."""
    drawn = legend.of(answer)
    if not drawn.entries:
        return None
    if not drawn.column:
        return qgis.single(qgis.fill(drawn.entries[0].colour, 0.6))
    return qgis.categorized(
        drawn.column, [(value, each.vi, _fill(each)) for each in drawn.entries for value in _values(each)]
    )


def _values(entry: Entry) -> list[str]:
    """What files say for a class: each cold history by its own name."""
    return [f"cold {name}" for name in _NAMES] if entry.name == "cold" else [entry.name]


def _fill(entry: Entry) -> Element:
    if entry.outline:
        return qgis.fill(entry.colour, 0.9, entry.outline)
    return qgis.fill(entry.colour, 0.0 if entry.name == "none" else 0.75)


def places() -> str:
    """Hot places: a dark dot and its letter."""
    return qgis.single(qgis.marker(_INK, 2.5), label="letter")


RATES = {"rate1": "#e2ddec", "rate2": "#bbb0d3", "rate3": "#8d7db4", "rate4": "#5b4a8a", "few": "#ffffff"}
"""of time to close, the shortest first"""
RATE_WORDS = {
    "rate1": ("nhanh nhất", "quickest quarter"), "rate2": ("nhanh", "quick"), "rate3": ("chậm", "slow"),
    "rate4": ("chậm nhất", "slowest quarter"), "few": ("quá ít để đánh giá", "too few to judge"),
}  # fmt: skip


def plain(kind: str) -> str:
    """The layer of a plain question: places as dots with how often, areas by their median or by how they changed."""
    if kind == "repeats":
        return qgis.single(qgis.marker("#b8324a", 3.0), label="n")
    if kind == "closing":
        steps = [(name, RATE_WORDS[name][0], qgis.fill(colour, 0.75)) for name, colour in RATES.items()]
        return qgis.categorized("step", steps)
    steps = [
        (f"{way}{share}", f"{word}, {share}%", qgis.fill(COLOURS[f"{hot}{share}"], 0.75))
        for way, word, hot in (("more", "Tăng", "hot"), ("less", "Giảm", "cold"))
        for share in legend.SHARES
    ]
    return qgis.categorized("change", [*steps, ("none", "Không khác mức chung", qgis.fill("#ffffff", 0.2, "#8a949c"))])

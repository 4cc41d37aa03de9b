"""The eight choices of the report sheet: what a person in the street calls it, and the categories behind each.

A choice with several categories asks one question more, in place; its first category is the usual one.
"""

from __future__ import annotations

from dataclasses import dataclass

from flask_babel import lazy_gettext as _l


@dataclass(frozen=True, kw_only=True)
class Choice:
    """One button of the sheet."""

    key: str
    symbol: str
    """the map's kind, whose symbol it shows"""
    name: object
    categories: tuple[str, ...]
    """category codes, the usual one first"""


CHOICES = (
    Choice(key="tree", symbol="tree", name=_l("Cây gãy, đổ"), categories=("fallen_tree", "dangerous_tree")),
    Choice(key="subsidence", symbol="subsidence", name=_l("Lún mặt đường"), categories=("road_subsidence",)),
    Choice(
        key="construction",
        symbol="construction",
        name=_l("Xây dựng sai phép"),
        categories=("construction_without_permit", "construction_against_permit"),
    ),
    Choice(key="pipe", symbol="water", name=_l("Bể ống nước"), categories=("burst_pipe",)),
    Choice(
        key="drain",
        symbol="drainage",
        name=_l("Sụt cống, ngập"),
        categories=("drain_subsidence", "flooding", "blocked_drain", "manhole_cover"),
    ),
    Choice(
        key="light",
        symbol="lighting",
        name=_l("Đèn đường"),
        categories=("light_out", "light_burning_by_day", "light_damaged"),
    ),
    Choice(
        key="cable",
        symbol="electricity",
        name=_l("Cáp, cột điện"),
        categories=("power_cable", "power_pole", "power_leak", "telecom_cable", "telecom_pole"),
    ),
)

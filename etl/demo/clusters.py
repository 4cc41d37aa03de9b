"""Planted clusters: places where more is reported than the city's rhythm explains.

A hotspot analysis should find them.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

import numpy as np

from etl.demo.geography import Geography

# (name, category, radius in metres, share of all reports, share of the span that it lasts, where: 0 town, 1 outskirts)
_PLANS = (
    ("ngập tái diễn", "flooding", 220, 0.006, 1.0, 0.2),
    ("lún mặt đường theo tuyến", "road_subsidence", 180, 0.005, 0.35, 0.2),
    ("xây dựng không phép", "construction_without_permit", 350, 0.008, 0.6, 0.8),
    ("cây xanh nguy hiểm", "dangerous_tree", 250, 0.005, 0.4, 0.1),
    ("mất đèn chiếu sáng", "light_out", 260, 0.006, 0.15, 0.3),
    ("lấn chiếm vỉa hè", "street_encroachment", 150, 0.009, 1.0, 0.0),
    ("đổ rác trộm", "waste", 200, 0.006, 0.8, 0.5),
    ("bể ống nước", "burst_pipe", 160, 0.004, 0.1, 0.2),
    ("tiếng ồn ban đêm", "noise", 140, 0.008, 0.5, 0.0),
)
_APART_M = 2500.0
_NEIGHBOURS = 25  # street points a centre has at least within twice its radius


@dataclass(frozen=True, kw_only=True)
class Cluster:
    """One planted cluster. Its reports scatter around the centre with a standard deviation near `radius_m`."""

    name: str
    category: str
    lon: float
    lat: float
    radius_m: float
    since: datetime
    until: datetime
    share: float
    """of all reports"""
    ward: str
    weights: np.ndarray
    """float64[points of the geography], summing to 1"""


def plant(geography: Geography, since: datetime, until: datetime, random: np.random.Generator) -> tuple[Cluster, ...]:
    """Clusters for the span [since, until), at least 2.5 km apart. The centres hang on `random` alone; the printed
    centre is the mean of where the cluster's reports can lie."""
    taken: list[tuple[float, float]] = []
    found = []
    for name, category, radius, share, lasts, spread in _PLANS:
        weights = geography.weights(spread)
        while True:
            seed = int(random.choice(len(weights), p=weights))
            lon, lat = float(geography.lon[seed]), float(geography.lat[seed])
            distance = geography.metres_from(lon, lat)
            near = (distance < 2 * radius) & (geography.street != "")
            if near.sum() < _NEIGHBOURS or any(geography.metres_from(*place)[seed] < _APART_M for place in taken):
                continue
            break
        taken.append((lon, lat))
        pull = np.where(near, np.exp(-0.5 * (distance / (0.7 * radius)) ** 2), 0.0)
        pull /= pull.sum()
        length = (until - since) * lasts
        begin = since + (until - since - length) * float(random.random())
        found.append(
            Cluster(
                name=name,
                category=category,
                lon=float(pull @ geography.lon),
                lat=float(pull @ geography.lat),
                radius_m=float(radius),
                since=begin,
                until=min(begin + max(length, timedelta(days=1)), until),
                share=share,
                ward=geography.ward_names[geography.ward[seed]],
                weights=pull,
            )
        )
    return tuple(found)

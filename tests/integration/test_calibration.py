"""`confidence` and `accuracy_m` of areas are true, on a third of the bus stops by place and on shops' addresses.

Streets are left out here, since the stops are among what the gazetteer knows; benchmarks/geocoder.py hides them.

Bus stops stand on main roads, which are the borders of wards; shops stand within. A report may come from either: the
settings lie between, so each kind is allowed to be off to its own side, and both together are not.
"""

from __future__ import annotations

import csv
from datetime import date
from pathlib import Path

import numpy as np
import pytest

from district_boundaries import areas
from district_boundaries.area_names import AreaNames
from geo.crs import to_metres
from geo.geocoder import geocode

FIXTURES = Path(__file__).parents[1] / "fixtures"
NOW = date(2026, 8, 1)


class Measured:
    """Answers beside the truth: arrays of those that were answered."""

    def __init__(self, names, file):
        rows = list(csv.DictReader((FIXTURES / file).open(encoding="utf-8")))
        answers = geocode([row["address"] for row in rows], names, on=NOW, limit=1)
        kept = [(row, answer[0]) for row, answer in zip(rows, answers, strict=True) if answer]
        self.asked, self.answered = len(rows), len(kept)
        places = [place for _, place in kept]
        x, y = to_metres([float(row["lon"]) for row, _ in kept], [float(row["lat"]) for row, _ in kept])
        found_x, found_y = to_metres([p.lon for p in places], [p.lat for p in places])
        self.distance = np.hypot(found_x - x, found_y - y)
        self.confidence = np.array([p.confidence for p in places])
        self.accuracy = np.array([p.accuracy_m for p in places])
        self.ward = np.array([p.precision == "ward" for p in places])
        self.ward_right = np.array([p.ward_code == row.get("ward_2025") for row, p in kept])

    def held(self, which):
        return float(np.mean(self.distance[which] <= self.accuracy[which]))

    def error(self, which, bins=5):
        """Expected calibration error of `confidence`, equal counts in each bin."""
        order = np.argsort(self.confidence[which])
        near = self.distance[which] <= 500
        parts = np.array_split(order, bins)
        return sum(abs(self.confidence[which][p].mean() - near[p].mean()) * len(p) for p in parts) / len(order)


@pytest.fixture
def stops(app_connection):
    return Measured(AreaNames(areas.current(app_connection)), "bus_stop_addresses.csv")


@pytest.fixture
def shops(app_connection):
    return Measured(AreaNames(areas.current(app_connection)), "shop_addresses.csv")


def test_the_radius_holds_what_it_says(stops, shops):
    assert 0.55 <= stops.held(stops.ward) <= 0.75
    assert 0.63 <= stops.held(~stops.ward) <= 0.80
    assert 0.60 <= shops.held(shops.ward) <= 0.90
    assert 0.62 <= (stops.held(stops.ward) + shops.held(shops.ward)) / 2 <= 0.76


def test_the_confidence_is_true(stops, shops):
    assert stops.error(stops.ward) <= 0.10
    assert stops.error(~stops.ward) <= 0.05
    assert shops.error(shops.ward, bins=3) <= 0.15


def test_a_constant_confidence_would_not_pass(stops, shops):
    sure = stops.confidence > 0.5
    assert np.mean(stops.distance[sure] <= 500) > 2 * np.mean(stops.distance[~sure] <= 500)
    sure = shops.confidence > 0.5
    assert np.mean(shops.distance[sure] <= 500) > 2 * np.mean(shops.distance[~sure] <= 500)


def test_shops_lie_in_the_ward_that_is_answered(shops):
    assert shops.answered >= 0.75 * shops.asked
    assert np.mean(shops.ward_right[shops.ward]) >= 0.93

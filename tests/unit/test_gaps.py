"""Streets that no file has are drawn through what stands on them, and stretches that belong together are joined."""

from __future__ import annotations

import numpy as np

from geo.gazetteer import gaps
from geo.gazetteer.compact import build
from geo.gazetteer.records import HouseNumber, Records, StreetLine

NONE = (np.zeros(0, dtype=np.int32), np.zeros(0), np.zeros(0))
FEW, MANY = np.array([True]), np.array([False])


def line(*points, name=0):
    x, y = np.array(points, dtype=float).T
    return name, x, y


def standing(*points):
    x, y = np.array(points, dtype=float).T
    return np.zeros(len(x), dtype=np.int32), x, y


def length(lines):
    return sum(float(np.hypot(np.diff(x), np.diff(y)).sum()) for _, x, y in lines)


def test_a_street_runs_through_what_stands_on_it():
    added = gaps.missing([], [], standing((0, 0), (400, 10), (800, 0), (1200, 10)), MANY)
    assert len(added) == 3
    assert 1190 < length(added) < 1250


def test_what_stands_on_a_known_line_adds_nothing():
    assert gaps.missing([line((0, 0), (1000, 0))], [], standing((100, 20), (900, -30)), MANY) == []


def test_a_line_is_carried_on_to_what_stands_behind_its_end():
    added = gaps.missing([line((0, 0), (1000, 0))], [], standing((1400, 0)), MANY)
    assert 350 < length(added) < 450


def test_one_number_far_from_everything_is_a_street_by_itself():
    added = gaps.missing([line((0, 0), (100, 0))], [], standing((9000, 0)), MANY)
    assert 30 < length(added) < 60


def test_only_the_part_of_a_bus_way_that_lies_beside_no_street_is_added():
    added = gaps.missing([line((0, 0), (1000, 0))], [line((0, 10), (2000, 10))], NONE, MANY)
    assert 900 < length(added) < 1100
    assert gaps.missing([line((0, 0), (1000, 0))], [line((0, 10), (900, 10))], NONE, MANY) == []


def test_stretches_of_a_name_that_few_bear_are_joined_and_others_are_not():
    parts = [line((0, 0), (500, 0)), line((900, 0), (1500, 0)), line((9000, 0), (9500, 0))]
    assert 350 < length(gaps.missing(parts, [], NONE, FEW)) < 450
    assert gaps.missing(parts, [], NONE, MANY) == []


def test_a_street_known_from_its_numbers_alone_is_found_with_them():
    lon = 106.70 + np.arange(5) * 0.003
    gazetteer = build(
        Records(
            streets=[
                StreetLine(names=("Lê Lợi",), kind="primary", lon=np.array([106.5, 106.51]), lat=np.full(2, 10.8))
            ],
            numbers=[
                HouseNumber(number=str(2 * k + 2), street="Giáp Hải", lon=float(at), lat=10.9)
                for k, at in enumerate(lon)
            ],
        )
    )
    (street,) = gazetteer.streets["giap hai"]
    assert len(gazetteer.anchors[street][0]) == 5
    assert street in gazetteer.chains

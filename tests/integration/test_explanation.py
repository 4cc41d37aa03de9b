"""Who is responsible at a place, and why: the routing's answers, with the rule and the border behind them."""

from __future__ import annotations

from datetime import date

import numpy as np
import pytest
import shapely

from district_boundaries import areas
from district_boundaries.locate import locate
from geo.crs import from_metres, to_metres
from incidents import reference
from incidents.explanation import explain
from incidents.routing import route

DAY = date(2026, 11, 24)
DAYS = (date(2019, 6, 1), date(2024, 6, 1), DAY)


@pytest.fixture
def known(app_connection):
    return reference.current(app_connection)


@pytest.fixture
def index(app_connection):
    return areas.current(app_connection)


def beside_a_border(index, metres: float) -> tuple[float, float, str, str]:
    """A point inside Phường Sài Gòn, `metres` from Phường Bến Thành: lon, lat, both committees' codes."""
    inside, other = index.by_code("26740", "ward", DAY), index.by_code("26743", "ward", DAY)
    shape, beyond = index.metres(inside.id), index.metres(other.id)
    edge = shapely.intersection(shapely.boundary(shape), shapely.buffer(beyond, 1))
    for share in np.linspace(0.2, 0.8, 40):
        on_edge = shapely.line_interpolate_point(shapely.line_merge(shapely.get_parts(edge)[0]), share, normalized=True)
        for angle in np.linspace(0, 2 * np.pi, 72):
            pin = shapely.Point(on_edge.x + metres * np.cos(angle), on_edge.y + metres * np.sin(angle))
            if shapely.contains(shape, pin) and abs(shapely.distance(beyond, pin) - metres) < 0.05:
                lon, lat = from_metres(pin.x, pin.y)
                return float(lon), float(lat), "UBND-26740", "UBND-26743"
    raise AssertionError("no such point")


@pytest.mark.parametrize("day", DAYS)
def test_the_answers_are_the_routings(known, index, day) -> None:
    random = np.random.default_rng(1022)
    lon, lat = random.uniform(106.6, 106.8, 40), random.uniform(10.7, 10.9, 40)
    accuracy = random.uniform(0, 80, 40)
    explained = explain(known, index, lon, lat, day, accuracy)
    located = locate(index, lon, lat, day)
    for code, category in known.categories.items():
        routed = route(known, index, [code] * 40, located, lon, lat, accuracy, day)
        for row, each in enumerate(explained):
            own = {answer.category: answer for answer in each.categories}
            answer = own.get(code) or next(field for field in each.fields if field.field == category.field)
            assert answer.unit_id == routed.unit_id[row], (code, row)
            assert answer.area_id == routed.area_id[row]
            assert list(answer.candidates) == routed.candidates[row]
            assert answer.told_unit_id == routed.told[row] or code not in own
            if answer.rule is not None:
                assert answer.rule.id == routed.responsibility_id[row]
                assert answer.rule.first <= day.toordinal() <= answer.rule.last
    assert {len(each.fields) for each in explained} == {10}


def test_five_metres_from_a_border_both_units_are_named(known, index) -> None:
    lon, lat, here, there = beside_a_border(index, 5.0)
    (found,) = explain(known, index, [lon], [lat], DAY, 12.0)
    assert found.ward_border is not None
    assert found.ward_border.metres == pytest.approx(5.0, abs=0.1)
    assert index.area(found.ward_border.area_id).code == "26743"
    construction = next(each for each in found.categories if each.category == "construction_without_permit")
    assert [known.units[unit].code for unit in construction.candidates] == [here, there]
    assert construction.rule.name == "construction-without-permit-ward-since-2025"
    assert known.units[construction.told_unit_id].code == "SXD"
    assert construction.level == "ward"
    assert construction.border.metres == pytest.approx(5.0, abs=0.1)
    assert known.units[construction.border.unit_id].code == there
    (sure,) = explain(known, index, [lon], [lat], DAY, 3.0)
    assert not any(each.level == "ward" for each in sure.unsure)


def test_a_border_is_as_far_as_the_lines_say(known, index) -> None:
    """Against every other area of the layer, measured one by one; pinholes between areas are no borders."""
    random = np.random.default_rng(7)
    lon, lat = random.uniform(106.55, 106.8, 25), random.uniform(10.7, 10.95, 25)
    wards = index.of_level("ward", on=DAY)
    for each in explain(known, index, lon, lat, DAY):
        if not each.ward_id:
            continue
        pin = shapely.Point(*to_metres(each.lon, each.lat))
        metres = min(shapely.distance(index.metres(ward.id), pin) for ward in wards if ward.id != each.ward_id)
        if each.ward_border.area_id:
            assert each.ward_border.metres == pytest.approx(metres)
        else:
            assert each.ward_border.metres < metres


def test_outside_nobody_is_asked(known, index) -> None:
    (found,) = explain(known, index, [105.0], [10.0], DAY, 50.0)
    assert not found.inside
    assert {each.unit_id for each in (*found.fields, *found.categories)} == {known.desk.id}
    assert not found.unsure
    assert found.ward_border is None

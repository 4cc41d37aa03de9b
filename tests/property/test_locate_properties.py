"""What holds of every point: one area of a level or none, the same alone and in a crowd, near to itself."""

from __future__ import annotations

from datetime import date

import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from district_boundaries import shipped, zones
from district_boundaries.areas import Area, AreaIndex
from district_boundaries.exact import holding
from district_boundaries.locate import Located, locate, locate_layer, near
from geo.crs import from_metres, to_metres

LON = st.floats(106.0, 107.7)
LAT = st.floats(8.5, 11.6)
DAYS = st.dates(date(2015, 1, 1), date(2030, 12, 31))


@pytest.fixture(scope="module")
def index():
    rows = shipped.rows()
    rows += zones.rows(rows)
    areas = [
        Area(
            id=number,
            level=row.level,
            field=row.field,
            code=row.code,
            name=row.name,
            valid_from=row.valid_from,
            valid_to=row.valid_to,
            approximate=row.approximate,
        )
        for number, row in enumerate(rows, 1)
    ]
    return AreaIndex(areas, [row.geometry for row in rows])


@given(lon=LON, lat=LAT, on=DAYS)
@settings(max_examples=150, deadline=None)
def test_the_answer_holds_the_point_and_is_in_force(index, lon, lat, on):
    found = locate(index, [lon], [lat], on)
    for level, id in (("ward", int(found.ward_id[0])), ("district", int(found.district_id[0]))):
        if id:
            area = index.area(id)
            assert area.level == level
            assert area.valid_on(on) or (level == "district" and on > area.valid_to == date(2025, 6, 30))
            distance = shapely.distance(index.metres(id), shapely.Point(*(float(c) for c in to_metres(lon, lat))))
            assert distance <= (25.0 if found.nearest[0] else 1e-3)
            assert [id] == [i for i in near(index, level, "", [lon], [lat], 25.0, on)[0] if i == id]
    if found.inside[0]:
        assert found.district_id[0] and found.zone_ids[0].all()
        assert on < date(2025, 7, 1) or found.ward_id[0]
    else:
        assert not (found.ward_id[0] or found.district_id[0] or found.zone_ids[0].any() or found.nearest[0])


@given(points=st.lists(st.tuples(LON, LAT, DAYS), min_size=1, max_size=60))
@settings(max_examples=40, deadline=None)
def test_alone_and_in_a_crowd(index, points):
    lon, lat, days = (list(column) for column in zip(*points, strict=True))
    crowd = locate(index, lon, lat, days)
    wards = locate_layer(index, "ward", "", lon, lat, days)
    for k, (x, y, day) in enumerate(points):
        alone = locate(index, [x], [y], day)
        for column in ("inside", "ward_id", "district_id", "zone_ids", "nearest", "approximate"):
            assert np.array_equal(getattr(crowd, column)[k : k + 1], getattr(alone, column))
        assert wards[k] == alone.ward_id[0]


@given(lon=LON, lat=LAT, metres=st.floats(0, 3000), more=st.floats(0, 3000))
@settings(max_examples=60, deadline=None)
def test_farther_reaches_more(index, lon, lat, metres, more):
    day = date(2026, 1, 1)
    closer, wider = (set(near(index, "ward", "", [lon], [lat], m, day)[0]) for m in (metres, metres + more))
    assert closer <= wider


@given(lon=LON, lat=LAT)
def test_degrees_and_metres_are_each_others_inverse(lon, lat):
    back = from_metres(*to_metres(lon, lat))
    assert np.allclose(back, (lon, lat), atol=1e-9)


@given(
    code=st.permutations(["10", "11", "9"]),
    where=st.sampled_from([(0.0, 0.0), (0.0, 0.5), (0.5, 0.0), (0.25, 0.25)]),
)
def test_three_areas_meet_and_the_lowest_code_answers(code, where):
    """A plane of three: two squares and one below both; codes are compared as text in every implementation."""
    shapes = [shapely.box(-1, 0, 0, 1), shapely.box(0, 0, 1, 1), shapely.box(-1, -1, 1, 0)]
    areas = [Area(id=k + 1, level="ward", code=c, name=c) for k, c in enumerate(code)]
    city = Area(id=9, level="city", code="79", name="Thành phố")
    index = AreaIndex([*areas, city], [*map(_multi, shapes), _multi(shapely.box(-1, -1, 1, 1))])
    found = locate(index, [where[0]], [where[1]], date(2026, 1, 1))
    holders = [area for area, shape in zip(areas, shapes, strict=True) if shape.covers(shapely.Point(where))]
    assert index.area(found.ward_id[0]).code == min(area.code for area in holders)
    assert isinstance(found, Located)
    assert holding(index.day(date(2026, 1, 1)), np.array([5.0]), np.array([5.0])).tolist()[0][:2] == [-1, -1]


def _multi(shape):
    return shapely.MultiPolygon([shape])

"""Where points lie: known points, borders, gaps; SQL and arrays say the same."""

from __future__ import annotations

from dataclasses import fields
from datetime import date, timedelta

import geopandas
import numpy as np
import pytest
import shapely
from sqlalchemy import text

from database.engine import OPERATOR
from district_boundaries import areas, shipped
from district_boundaries.locate import GAP_METRES, Located, locate, locate_sql, near
from geo.crs import from_metres, to_metres

TODAY = date(2026, 1, 1)
SPANS = (date(2019, 6, 1), date(2024, 6, 1), date(2025, 3, 1), TODAY)
BEN_THANH = (106.6980, 10.7725)


@pytest.fixture
def index(app_connection):
    return areas.current(app_connection)


def same(one: Located, other: Located) -> None:
    for column in fields(Located):
        ours, theirs = getattr(one, column.name), getattr(other, column.name)
        assert np.array_equal(ours, theirs), f"{column.name} differs in {np.flatnonzero(ours != theirs)[:10]}"


def names(index, located, k=0):
    def name(id):
        return index.area(id).name if id else None

    return name(located.ward_id[k]), name(located.district_id[k])


@pytest.mark.parametrize(
    ("lon", "lat", "on", "ward", "district"),
    [
        (*BEN_THANH, TODAY, "Phường Bến Thành", "Quận 1"),
        (106.7009, 10.7769, date(2024, 6, 1), "Phường Bến Nghé", "Quận 1"),
        (106.7009, 10.7769, TODAY, "Phường Sài Gòn", "Quận 1"),
        (106.7520, 10.7720, date(2019, 6, 1), "Phường Thạnh Mỹ Lợi", "Quận 2"),
        (106.7520, 10.7720, date(2024, 6, 1), "Phường Thạnh Mỹ Lợi", "Thành phố Thủ Đức"),
        (106.4930, 10.9740, date(2024, 6, 1), None, "Huyện Củ Chi"),
        (105.85, 21.03, TODAY, None, None),
    ],
)
def test_known_points(index, app_connection, lon, lat, on, ward, district):
    found = locate(index, [lon], [lat], on)
    assert names(index, found) == (ward, district)
    assert found.inside[0] == (district is not None)
    same(found, locate_sql(app_connection, [lon], [lat], on))


def test_codes_of_the_reform(index):
    found = locate(index, [106.7009] * 2, [10.7769] * 2, [date(2025, 6, 30), date(2025, 7, 1)])
    assert [index.area(id).code for id in found.ward_id] == ["26740", "26740"]
    assert found.ward_id[0] != found.ward_id[1]
    assert found.approximate.tolist() == [True, False]


def test_after_the_reform_the_district_is_the_last_former_one(index):
    for on in (date(2025, 6, 30), date(2025, 7, 1), date(2035, 1, 1)):
        district = index.area(locate(index, *([c] for c in BEN_THANH), on).district_id[0])
        assert (district.code, district.valid_to) == ("760", date(2025, 6, 30))


@pytest.mark.parametrize(
    ("lon", "lat"), [(np.nan, 10.7), (106.7, np.nan), (np.inf, 10.7), (1e300, 10.7), (106.7, -1e9)]
)
def test_what_is_no_place_is_outside(index, app_connection, lon, lat):
    found = locate(index, [lon, BEN_THANH[0]], [lat, BEN_THANH[1]], TODAY)
    assert found.inside.tolist() == [False, True]
    assert found.ward_id[0] == found.district_id[0] == 0
    assert not found.zone_ids[0].any()
    same(found, locate_sql(app_connection, [lon, BEN_THANH[0]], [lat, BEN_THANH[1]], TODAY))


def test_no_point_at_all(index, app_connection):
    assert len(locate(index, [], [], TODAY)) == 0
    assert len(locate_sql(app_connection, [], [], TODAY)) == 0


def test_a_point_on_a_shared_border_belongs_to_the_lowest_code(index, app_connection):
    """Corners that two or more wards share, and the middles between them, which rounding puts beside the line."""
    wards = index.of_level("ward", on=TODAY)
    shapes = [index.geometry(ward.id) for ward in wards]
    one, other = shapely.STRtree(shapes).query(shapes, predicate="touches")
    points, lowest = [], []
    rng = np.random.default_rng(5)
    for a, b in rng.permutation(np.column_stack([one, other])[one < other])[:120]:
        line = shapely.line_merge(shapely.intersection(shapely.boundary(shapes[a]), shapely.boundary(shapes[b])))
        for part in shapely.get_parts(line):
            corners = shapely.get_coordinates(part)
            if len(corners) < 2:
                continue
            for x, y in (corners[len(corners) // 2], (corners[0] + corners[1]) / 2):
                holding = [
                    w
                    for w, shape in zip(wards, shapes, strict=True)
                    if shapely.dwithin(shape, shapely.Point(x, y), 1e-12)
                ]
                points.append((x, y))
                lowest.append(min(ward.code for ward in holding))
    assert len(points) > 200
    lon, lat = np.array(points).T
    found = locate(index, lon, lat, TODAY)
    assert [index.area(id).code for id in found.ward_id] == lowest
    assert not found.nearest.any()
    same(found, locate_sql(app_connection, lon, lat, TODAY))


def test_a_gap_goes_to_the_nearest_and_beyond_is_none(index, app_connection):
    """Points at known distances from the city's outer line."""
    city = index.metres(index.by_code("79").id)
    ring = max(shapely.get_parts(city), key=shapely.area).exterior
    points = []
    for k in range(12):
        at = shapely.line_interpolate_point(ring, (k + 0.5) / 12, normalized=True)
        for metres in (10, GAP_METRES - 0.5, GAP_METRES + 0.5, 60):
            around = shapely.Point(at).buffer(metres)
            points += [
                xy for xy in shapely.get_coordinates(around)[::7] if not shapely.covers(city, shapely.Point(xy))
            ][:3]
    x, y = np.array(points).T
    lon, lat = from_metres(x, y)
    distance = shapely.distance(city, shapely.points(*to_metres(lon, lat)))
    found = locate(index, lon, lat, TODAY)
    assert np.array_equal(found.inside, distance <= GAP_METRES)
    assert np.array_equal(found.nearest, found.inside)
    assert (found.ward_id[found.inside] != 0).all()
    assert found.inside.any() and not found.inside.all()
    same(found, locate_sql(app_connection, lon, lat, TODAY))


@pytest.mark.parametrize("on", SPANS)
def test_sql_and_arrays_agree_on_random_points(index, app_connection, on):
    rng = np.random.default_rng(on.toordinal())
    lon, lat = rng.uniform(106.3, 107.6, 3000), rng.uniform(10.3, 11.5, 3000)
    same(locate(index, lon, lat, on), locate_sql(app_connection, lon, lat, on))


def test_every_point_with_its_own_day(index, app_connection):
    rng = np.random.default_rng(3)
    lon, lat = rng.uniform(106.6, 106.8, 800), rng.uniform(10.7, 10.9, 800)
    days = [date(2015, 1, 1) + timedelta(days=int(d)) for d in rng.integers(0, 4500, 800)]
    found = locate(index, lon, lat, days)
    same(found, locate_sql(app_connection, lon, lat, days))
    for k in range(0, 800, 97):
        same(found[k : k + 1], locate(index, lon[k : k + 1], lat[k : k + 1], days[k]))


def test_near_counts_metres(index):
    """Straight away from a ward's border: the neighbour is near exactly up to the distance."""
    ward = index.by_code("26743", "ward", TODAY)
    inside = shapely.Point(*to_metres(*ward.centre))
    others = [area for area in index.of_level("ward", on=TODAY) if area.id != ward.id]
    distances = {area.id: shapely.distance(index.metres(area.id), inside) for area in others}
    for metres in (0, 200, 600, 2500):
        expected = {ward.id} | {id for id, distance in distances.items() if distance <= metres}
        lon, lat = ward.centre
        found = near(index, "ward", "", [lon], [lat], metres, TODAY)[0]
        assert set(found) == expected
        assert [index.area(id).code for id in found] == sorted(index.area(id).code for id in found)


def test_codes_mean_the_area_of_their_day(index):
    assert index.by_code("26740").name == "Phường Sài Gòn"
    assert index.by_code("26740", on=date(2024, 6, 1)).name == "Phường Bến Nghé"
    assert index.by_code("769").name == "Thành phố Thủ Đức"
    assert index.by_code("769", on=date(2019, 1, 1)).name == "Quận 2"
    assert index.by_code("district:760").name == "Quận 1"
    assert index.by_code("760", on=TODAY) is None
    assert index.by_code("79").level == "city"
    assert index.by_code("nothing") is None


def test_memory_is_never_stale(owner_connection):
    connection = owner_connection.execution_options(hotline_context=OPERATOR)
    before = areas.current(connection)
    assert areas.current(connection) is before
    connection.execute(text("UPDATE area SET name = 'Phường Thử' WHERE code = '26743' AND level = 'ward'"))
    connection.execute(text("UPDATE reference_version SET version = version + 1 WHERE name = 'boundaries'"))
    after = areas.current(connection)
    assert after is not before
    assert after.by_code("26743").name == "Phường Thử"


def test_wards_are_those_of_geopandas_away_from_borders(index):
    compare_with_geopandas(index, 20_000, seed=11)


@pytest.mark.slow
@pytest.mark.timeout(1800)
def test_a_million_points_agree_everywhere(index, app_connection):
    lon, lat, found = compare_with_geopandas(index, 1_000_000, seed=1)
    for start in range(0, len(lon), 200_000):
        part = slice(start, start + 200_000)
        same(found[part], locate_sql(app_connection, lon[part], lat[part], TODAY))


def compare_with_geopandas(index, n, seed):
    """Random points over the city against sjoin on the source file: equal farther than a metre from any border."""
    source = geopandas.read_file(shipped.WARDS, layer="wards")
    rng = np.random.default_rng(seed)
    west, south, east, north = 106.33, 10.30, 107.58, 11.51
    lon, lat = rng.uniform(west, east, n), rng.uniform(south, north, n)
    found = locate(index, lon, lat, TODAY)
    points = geopandas.GeoDataFrame(geometry=geopandas.points_from_xy(lon, lat), crs=4326)
    joined = geopandas.sjoin(points, source[["code", "geometry"]], predicate="within")
    codes = np.array([""] + [""] * max(index.areas), dtype=object)
    for id, area in index.areas.items():
        codes[id] = area.code
    ours = codes[found.ward_id]
    theirs = np.full(n, "", dtype=object)
    once = joined[~joined.index.duplicated(keep=False)]
    theirs[once.index] = once["code"].to_numpy()
    differ = np.flatnonzero(ours != theirs)
    differ = differ[~((theirs[differ] == "") & found.nearest[differ])]  # within 25 m outside of the city's line
    if len(differ):
        lines = shapely.STRtree(shapely.boundary(source.to_crs(9210).geometry.values))
        pins = shapely.points(*to_metres(lon[differ], lat[differ]))
        _, distance = lines.query_nearest(pins, return_distance=True, all_matches=False)
        assert (distance <= 1).all(), "a ward differs farther than a metre from a border"
    assert (found.ward_id != 0).sum() > n // 10
    return lon, lat, found

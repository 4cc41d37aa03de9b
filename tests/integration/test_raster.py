"""The table of a day answers as the exact way does, everywhere, and is made anew when a line moves."""

from __future__ import annotations

import sys
from contextlib import nullcontext
from datetime import date

import numpy as np
import pytest
import shapely
from sqlalchemy import text

from district_boundaries import areas, raster, tables
from district_boundaries.exact import exactly, holding
from district_boundaries.locate import locate, near_in_layers

SPANS = (date(2024, 6, 1), date(2026, 1, 1))


@pytest.fixture
def index(app_connection):
    return areas.current(app_connection)


@pytest.fixture(scope="module")
def made():
    """Tables made in this module, by the day's hash: each takes some seconds."""
    return {}


@pytest.fixture(params=[pytest.param(SPANS[0], marks=pytest.mark.slow), SPANS[1]], ids=str)
def day(request, index):
    return index.day(request.param)


@pytest.fixture
def table(day, made):
    if day.hash not in made:
        made[day.hash] = raster.build(day)
    return made[day.hash]


def agree(table, day, lon, lat):
    which = table.look_up(lon, lat)
    known = which >= 0
    held = holding(day, lon[known], lat[known])
    held[held[:, 0] < 0] = -1
    assert np.array_equal(table.combinations[which[known]], held)
    return known


def test_random_points(table, day):
    rng = np.random.default_rng(1)
    known = agree(table, day, rng.uniform(106.3, 107.6, 15_000), rng.uniform(10.3, 11.5, 15_000))
    assert known.mean() > 0.97


def test_points_close_to_lines(table, day):
    """From a hundredth of a micrometre to a hundred metres off the corners of every level."""
    rng = np.random.default_rng(2)
    corners = np.concatenate([shapely.get_coordinates(shape) for shape in day.geometries[::5]])
    off = rng.normal(0, 1, (15_000, 2)) * 10 ** rng.uniform(-13, -3, (15_000, 1))
    at = corners[rng.integers(0, len(corners), 15_000)] + off
    known = agree(table, day, at[:, 0], at[:, 1])
    assert 0 < known.mean() < 0.5


def test_corners_of_cells(table, day):
    """Points on the grid's own lines, in doubles: rounding must not put them into a wrong cell."""
    rng = np.random.default_rng(3)
    step = raster.COARSE_DEGREES / raster.FINE
    lon = table.west + rng.integers(300, 1200, 6000) * raster.FINE * step
    lat = table.south + rng.integers(1800, 2700, 6000) * raster.FINE * step
    for nudge in (-1e-14, 0, 1e-14):
        agree(table, day, lon + nudge, lat + nudge)


def test_a_point_in_a_gap_is_never_answered_by_the_table(table, day, index):
    rng = np.random.default_rng(4)
    city = day.geometries[0]
    corners = shapely.get_coordinates(city)
    at = corners[rng.integers(0, len(corners), 4000)] + rng.normal(0, 2e-4, (4000, 2))
    answer = exactly(index, day, at[:, 0], at[:, 1])
    assert answer.nearest.any()
    assert (table.look_up(at[answer.nearest, 0], at[answer.nearest, 1]) < 0).all()


def test_what_lies_off_the_grid_is_outside(table):
    lon = np.array([np.nan, np.inf, -1e300, 0, 106.7, 106.7])
    lat = np.array([10.7, 10.7, 10.7, 0, np.nan, 90.0])
    assert (table.look_up(lon, lat) == 0).all()


def test_locate_with_and_without_the_table(index, made, monkeypatch, tmp_path):
    on = SPANS[1]
    rng = np.random.default_rng(6)
    lon, lat = rng.uniform(106.3, 107.6, 5000), rng.uniform(10.3, 11.5, 5000)
    monkeypatch.setattr(tables, "_made", {})
    monkeypatch.setattr(tables, "_folder", lambda: tmp_path / "raster")
    without = locate(index, lon, lat, on)
    assert not tables._made
    monkeypatch.setattr(raster, "build", lambda day: made.get(day.hash) or build(day))
    kept = tables.prepare(index.day(on))
    with_table = locate(index, lon, lat, on)
    monkeypatch.setattr(tables, "_made", {})
    monkeypatch.setattr(raster, "build", None)  # from the disk now, or not at all
    from_disk = locate(index, lon, lat, on)
    assert tables._made and kept is not next(iter(tables._made.values()))
    for other in (with_table, from_disk):
        for column in ("inside", "ward_id", "district_id", "zone_ids", "nearest", "approximate"):
            assert np.array_equal(getattr(without, column), getattr(other, column)), column


build = raster.build


def test_what_is_near_with_and_without_the_table(table, day, index, monkeypatch):
    """Also next to lines, off the city, and where a distance is none."""
    rng = np.random.default_rng(5)
    corners = np.concatenate([shapely.get_coordinates(shape) for shape in day.geometries[::9]])
    at = corners[rng.integers(0, len(corners), 3000)] + rng.normal(0, 1, (3000, 2)) * 10 ** rng.uniform(
        -7, -2, (3000, 1)
    )
    lon, lat = np.concatenate([at, rng.uniform((106.3, 10.3), (107.6, 11.5), (3000, 2))]).T
    lon[:3], lat[3:6] = np.nan, 95
    metres = rng.choice([0, 1, 10, 48, 75, 400, np.nan], len(lon))
    layers = rng.integers(0, len(index.layers), len(lon))
    on = next(first for first in SPANS if index.day(first) is day)
    answers = []
    for known in (table, None):
        monkeypatch.setattr(tables, "of", lambda day, points, known=known: known)
        answers.append(near_in_layers(index, layers, lon, lat, metres, on))
    assert answers[0] == answers[1]
    undivided = table.undivided(lon[6:], lat[6:], np.full(len(lon) - 6, 1e-4)) >= 0
    assert 0.2 < undivided.mean() < 0.95 and max(map(len, answers[0])) > 2


def test_the_key_follows_the_lines(index):
    day = index.day(SPANS[1])
    moved = day.geometries.copy()
    moved[5] = shapely.transform(moved[5], lambda xy: xy + 1e-9)
    assert areas.Day(day.layers, day.areas, moved).hash != day.hash
    assert areas.Day(day.layers, day.areas, day.geometries).hash == day.hash


def small(index, shift=0.0):
    """The index of a city of three wards."""
    wards = [index.by_code(code) for code in ("26740", "26743", "26758")]
    shapes = [shapely.transform(index.geometry(ward.id), lambda xy: xy + shift) for ward in wards]
    city = index.by_code("79")
    return areas.AreaIndex([city, *wards], [shapely.union_all(shapes), *shapes], fields=index.fields)


def test_tables_are_made_ahead_once_and_again_where_a_line_moved(index, monkeypatch, tmp_path):
    monkeypatch.setattr(tables, "_made", {})
    monkeypatch.setattr(tables, "_folder", lambda: tmp_path / "raster")
    city = small(index)
    waiting = tables.missing(city)
    assert len(waiting) == 2  # before the reform and since
    for day in waiting:
        tables.make(day)
    assert tables.missing(city) == [] == tables.missing(small(index)) and not tables._made
    since = city.day(SPANS[1])
    table = tables.of(since, tables.WORTH_READING)
    west, south, east, north = shapely.total_bounds(since.geometries)
    rng = np.random.default_rng(9)
    known = agree(table, since, rng.uniform(west, east, 500), rng.uniform(south, north, 500))
    assert known.any()
    assert len(tables.missing(small(index, shift=1e-7))) == 2


def test_the_worker_has_missing_tables_made_once_for_each_state(database_url, monkeypatch, owner_connection):
    """A process of its own per state of the boundaries; one that fails is tried again."""
    from webmap import table_maker

    monkeypatch.setattr(table_maker, "_COMMAND", (sys.executable, "-c", "pass"))
    maker = table_maker.TableMaker()
    maker.look()
    first = maker._making
    assert first.wait(30) == 0
    maker.look()
    assert maker._making is None
    with owner_connection.begin_nested() as changed:
        owner_connection.execute(text("UPDATE reference_version SET version = version + 1 WHERE name = 'boundaries'"))
        monkeypatch.setattr(table_maker, "read", lambda: nullcontext(owner_connection))
        monkeypatch.setattr(table_maker, "_COMMAND", (sys.executable, "-c", "raise SystemExit(1)"))
        maker.look()
        assert maker._making.wait(30) == 1
        maker.look()
        assert maker._making is not None
        maker.stop()
        changed.rollback()

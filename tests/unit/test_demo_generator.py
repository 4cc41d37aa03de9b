"""The demo generator: repeatable, inside the city, plausible, with the duplicates and clusters it promises."""

from __future__ import annotations

from collections import Counter, defaultdict
from datetime import UTC, date, datetime, timedelta

import geopandas as gpd
import numpy as np
import pytest

import district_boundaries
from etl.demo import Geography, Planned, generate, planted
from etl.demo.addresses import address
from etl.demo.calendar import LOCAL, months_before, tet_days
from etl.demo.generator import CHANNELS, REPEATED
from etl.demo.geography import load
from etl.demo.mix import kinds
from etl.demo.run import Run, parse

UNTIL = datetime(2026, 11, 24, 10, 30, tzinfo=UTC)
SEED, MONTHS, REPORTS = 7, 12, 8000


@pytest.fixture(scope="module")
def geography() -> Geography:
    return load()


@pytest.fixture(scope="module")
def reports(geography: Geography) -> list[Planned]:
    return [report for batch in generate(SEED, MONTHS, REPORTS, UNTIL, geography) for report in batch]


def test_same_seed_same_reports(geography: Geography, reports: list[Planned]) -> None:
    again = [report for batch in generate(SEED, MONTHS, REPORTS, UNTIL, geography, batch=37) for report in batch]
    assert again == reports
    other = [report for batch in generate(SEED + 1, MONTHS, REPORTS, UNTIL, geography) for report in batch]
    assert other != reports


@pytest.mark.parametrize(("months", "count"), [(1, 0), (1, 1), (3, 2), (36, 501)])
def test_as_many_as_asked_within_the_months(geography: Geography, months: int, count: int) -> None:
    found = [report for batch in generate(SEED, months, count, UNTIL, geography) for report in batch]
    assert len(found) == count
    since = months_before(UNTIL.astimezone(LOCAL), months)
    times = [report.draft.reported_at for report in found]
    assert times == sorted(times)
    assert all(since <= moment < UNTIL for moment in times)


def test_every_report_lies_in_the_city_and_is_marked(reports: list[Planned]) -> None:
    file = district_boundaries.__path__[0] + "/data/wards_2025-07-01.gpkg"
    wards = gpd.read_file(file)
    points = gpd.GeoDataFrame(geometry=gpd.points_from_xy([r.lon for r in reports], [r.lat for r in reports]), crs=4326)
    inside = gpd.sjoin(points, wards[["geometry"]], predicate="within")
    assert inside.index.nunique() == len(reports)
    assert all(report.draft.demo and report.draft.released for report in reports)
    assert all(report.draft.reporter is None for report in reports)


def test_six_channels_in_their_shares(reports: list[Planned]) -> None:
    found = Counter(report.draft.channel for report in reports)
    assert set(found) == {"phone", "sms", "web", "app", "email", "social"}
    for channel, share in CHANNELS.items():
        assert found[channel] / REPORTS == pytest.approx(share, abs=0.02)


def test_without_coordinates_there_is_an_address(reports: list[Planned]) -> None:
    without = [report.draft for report in reports if report.draft.lon is None]
    assert 0.04 < len(without) / REPORTS < 0.16
    assert all(draft.address and draft.lat is None for draft in without)
    assert not any(draft.channel in ("web", "app") for draft in without)


def test_every_category_occurs(reports: list[Planned]) -> None:
    assert {report.category for report in reports} == {kind.category for kind in kinds()}


def test_known_duplicates_are_near_in_time_and_space(geography: Geography, reports: list[Planned]) -> None:
    again = [report for report in reports if report.repeats is not None]
    assert len(again) == pytest.approx(REPORTS * REPEATED, abs=1)
    for report in again:
        first = reports[report.repeats or 0]
        assert first.thing == report.thing and first.repeats is None and first.category == report.category
        assert first.draft.reported_at and report.draft.reported_at
        assert timedelta(0) <= report.draft.reported_at - first.draft.reported_at <= timedelta(hours=3)
        east = (report.lon - first.lon) * 111_320 * np.cos(np.radians(first.lat))
        assert np.hypot(east, (report.lat - first.lat) * 111_320) < 125
    things = Counter(report.thing for report in reports)
    assert sum(number - 1 for number in things.values()) == len(again)


def test_clusters_lie_where_they_are_said_to_lie(geography: Geography, reports: list[Planned]) -> None:
    mine = defaultdict(list)
    for report in reports:
        if report.cluster:
            mine[report.cluster].append(report)
    clusters = planted(SEED, MONTHS, UNTIL, geography)
    assert {cluster.name for cluster in clusters} == set(mine)
    for cluster in clusters:
        own = mine[cluster.name]
        middle = (np.mean([r.lon for r in own]) - cluster.lon) * 111_320 * np.cos(np.radians(cluster.lat))
        north = (np.mean([r.lat for r in own]) - cluster.lat) * 111_320
        assert np.hypot(middle, north) < cluster.radius_m
        # Denser than the city's rhythm explains: within the radius, against the mean of the same category's things.
        kind = [r for r in reports if r.category == cluster.category]
        east = np.array([(r.lon - cluster.lon) * 109_300 for r in kind])
        metres = np.hypot(east, [(r.lat - cluster.lat) * 111_320 for r in kind])
        near, ring = (metres < 2 * cluster.radius_m).sum(), ((metres > 1500) & (metres < 3000)).sum()
        assert near / (2 * cluster.radius_m) ** 2 > 10 * ring / (3000**2 - 1500**2)


def test_rhythms_of_season_storm_tet_and_hour(reports: list[Planned]) -> None:
    days = Counter(report.draft.reported_at.date() for report in reports if report.draft.reported_at)
    rainy = sum(number for day, number in days.items() if 5 <= day.month <= 11)
    assert rainy / REPORTS > 7 / 12
    trees = Counter(r.draft.reported_at.date() for r in reports if r.category == "fallen_tree" and r.draft.reported_at)
    assert trees.most_common(1)[0][1] > 30 * sum(trees.values()) / 365 / 5
    tet = [day for day in tet_days({2026}) if day in days]
    assert np.mean([days[day] for day in tet]) < 0.7 * np.median(list(days.values()))
    hours = Counter(r.draft.reported_at.hour for r in reports if r.draft.reported_at and r.category == "road_damage")
    assert sum(hours[h] for h in range(8, 18)) > 3 * sum(hours[h] for h in range(6))


def test_old_ones_are_done_and_recent_ones_are_not(reports: list[Planned]) -> None:
    def status(report: Planned) -> str:
        return report.draft.past[-1].status if report.draft.past else "-"

    old = [status(r) for r in reports if r.draft.reported_at and UNTIL - r.draft.reported_at > timedelta(days=60)]
    assert np.mean([name in ("closed", "resolved", "rejected", "withdrawn") for name in old]) > 0.99
    recent = [status(r) for r in reports if r.draft.reported_at and UNTIL - r.draft.reported_at < timedelta(hours=12)]
    assert np.mean([name not in ("closed", "resolved") for name in recent]) > 0.5
    for report in reports:
        moments = [step.at for step in report.draft.past]
        assert moments == sorted(moments)
        assert report.draft.reported_at and all(report.draft.reported_at < moment < UNTIL for moment in moments)


def test_no_invented_house_number_where_an_owner_would_be_accused(geography: Geography) -> None:
    on, random = UNTIL.date(), np.random.default_rng(SEED)
    for point in np.flatnonzero(geography.street != "")[::500]:
        street = geography.street[point]
        assert address(geography, point, "construction_without_permit", on, random).split(", ")[0] == street


def test_before_the_reform_addresses_name_the_former_ward_and_district(geography: Geography) -> None:
    random = np.random.default_rng(SEED)
    for point in np.flatnonzero(geography.former >= 0)[::1000]:
        former = geography.former_wards[geography.former[point]]
        text = address(geography, point, "noise", date(2024, 5, 1), random)
        assert former.name.removeprefix("Phường ").removeprefix("Xã ").removeprefix("Thị trấn ") in text
        assert former.district.split(" ", 1)[1].removeprefix("phố ").removeprefix("xã ") in text


def test_bad_spans_are_refused(geography: Geography) -> None:
    with pytest.raises(ValueError):
        next(generate(SEED, 0, 1, UNTIL, geography))
    with pytest.raises(ValueError):
        next(generate(SEED, 1, 1, UNTIL.replace(tzinfo=None), geography))


def test_a_run_is_read_back_from_its_external_ids(reports: list[Planned]) -> None:
    run, number = parse(reports[12].draft.external_id or "")
    assert number == 12
    assert run == Run(seed=SEED, months=MONTHS, reports=REPORTS, until=UNTIL)
    with pytest.raises(ValueError):
        parse("code:ABC")

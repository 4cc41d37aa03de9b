"""Who is responsible, on the real areas: every category, every ward, every span of days since 2015."""

from __future__ import annotations

import itertools
from datetime import date, timedelta

import numpy as np
import pytest

from database.reference import versions
from district_boundaries import areas
from district_boundaries.locate import locate
from incidents import reference
from incidents.reference import BadReference, files, load_reference
from incidents.routing import route, zone_unit

REFORM = date(2025, 7, 1)
BEN_THANH = (106.6980, 10.7725)
CU_CHI = (106.4930, 10.9740)


@pytest.fixture
def known(app_connection):
    return reference.current(app_connection)


@pytest.fixture
def index(app_connection):
    return areas.current(app_connection)


def routed(known, index, category, point, on, accuracy_m=0.0):
    """One report's way: (unit code, told unit's code or None, candidates' codes)."""
    lon, lat = [point[0]], [point[1]]
    answer = route(known, index, [category], locate(index, lon, lat, on), lon, lat, accuracy_m, on)
    told = known.units.get(int(answer.told[0]))
    codes = [known.units[unit].code for unit in answer.candidates[0]]
    return known.units[int(answer.unit_id[0])].code, told.code if told else None, codes


def ward_points(index):
    """A point inside each of today's wards."""
    wards = index.of_level("ward", on=date(2026, 1, 1))
    assert len(wards) == 168
    points = [index.geometry(ward.id).representative_point() for ward in wards]
    return wards, np.array([p.x for p in points]), np.array([p.y for p in points])


def days_of_change(index) -> list[date]:
    """A first and a last day of every span without a change since 2015, of areas and of rules."""
    starts = {date(2015, 1, 1), date(2024, 1, 1), *index.changes}
    days = {day for start in starts if start >= date(2015, 1, 1) for day in (start, start - timedelta(days=1))}
    return [*sorted(day for day in days if day >= date(2015, 1, 1)), areas.today()]


def test_counts(known) -> None:
    connected = [unit for unit in known.units.values() if unit.connected]
    assert len(connected) == 84
    assert known.desk.code == "1022"
    assert not known.desk.connected
    wards = [unit for unit in known.units.values() if unit.kind == "ward_committee"]
    assert sum(unit.in_force(areas.today()) for unit in wards) == 168
    assert not any(unit.connected for unit in wards)
    assert (
        sum(unit.kind == "district_committee" and unit.in_force(date(2019, 1, 1)) for unit in known.units.values())
        == 40
    )
    assert (
        sum(unit.kind == "district_committee" and unit.in_force(date(2024, 1, 1)) for unit in known.units.values())
        == 38
    )


def test_every_category_in_every_ward_on_every_span_of_days_has_one_unit(known, index) -> None:
    wards, lon, lat = ward_points(index)
    for day in days_of_change(index):
        located = locate(index, lon, lat, day)
        for category in known.categories:
            answer = route(known, index, [category] * len(wards), located, lon, lat, 0.0, day)
            assert (answer.unit_id != known.desk.id).all(), (category, day)
            assert (answer.responsibility_id > 0).all()
            for unit_id in set(answer.unit_id.tolist()):
                unit = known.units[unit_id]
                assert unit.in_force(day), (category, day, unit.code)
                assert unit.connected or unit.kind.endswith("_committee")


def test_rules_of_one_area_never_meet_on_a_day(known) -> None:
    tiers = itertools.chain(itertools.chain.from_iterable(known.tiers.values()), known.field_tiers.values())
    for tier in tiers:
        for rules in tier.rules.values():
            for before, after in itertools.pairwise(rules):
                assert before.last < after.first


def test_construction_goes_to_the_committee_of_the_day(known, index) -> None:
    category = "construction_without_permit"
    assert routed(known, index, category, BEN_THANH, REFORM)[:2] == ("UBND-26743", "SXD")
    assert routed(known, index, category, BEN_THANH, REFORM - timedelta(days=1))[:2] == (
        "UBND-26743-2025",
        "UBND-760-2025",
    )
    # Củ Chi had wards too, but nobody's lines of them: the district acts, and nobody else is told.
    assert routed(known, index, category, CU_CHI, date(2024, 5, 1))[:2] == ("UBND-783-2025", None)


def test_thu_duc_before_and_after(known, index) -> None:
    thao_dien = (106.7520, 10.7720)
    assert routed(known, index, "public_order", thao_dien, date(2019, 6, 1))[0] == "UBND-769-2020"
    assert routed(known, index, "public_order", thao_dien, date(2024, 6, 1))[0] == "UBND-769-2025"
    assert routed(known, index, "public_order", thao_dien, date(2025, 8, 1))[0].startswith("UBND-27")
    told = routed(known, index, "construction_without_permit", thao_dien, date(2019, 6, 1))[1]
    assert told in ("UBND-769-2020", None)


def test_a_changed_rule_has_its_day(known, index) -> None:
    hoc_mon = (106.5950, 10.8860)
    assert routed(known, index, "burst_pipe", hoc_mon, date(2023, 12, 31))[0] == "CN-TA"
    assert routed(known, index, "burst_pipe", hoc_mon, date(2024, 1, 1))[0] == "CN-NN"


def test_power_company_by_former_district(known, index) -> None:
    assert routed(known, index, "power_outage", BEN_THANH, areas.today())[0] == "PE0100"


def test_no_category_or_outside_is_the_desks(known, index) -> None:
    assert routed(known, index, None, BEN_THANH, areas.today()) == ("1022", None, [])
    assert routed(known, index, "burst_pipe", (105.85, 21.03), areas.today(), 50.0) == ("1022", None, [])
    nowhere = (float("nan"), float("nan"))
    assert routed(known, index, "burst_pipe", nowhere, areas.today(), 50.0) == ("1022", None, [])


def border_point(index, one: int, other: int, metres: float):
    """A point in area `one`, about `metres` from area `other`."""
    import shapely

    from geo.crs import from_metres

    shared = index.metres(other).buffer(metres).boundary.intersection(index.metres(one))
    x, y = shapely.get_coordinates(
        max(getattr(shared, "geoms", [shared]), key=lambda part: part.length).interpolate(0.5, normalized=True)
    )[0]
    lon, lat = from_metres(np.array([x]), np.array([y]))
    return float(lon[0]), float(lat[0])


def test_a_border_nearer_than_the_accuracy_names_both(known, index) -> None:
    ward = index.by_code("26743", "ward", areas.today())
    other = index.by_code("26740", "ward", areas.today())
    point = border_point(index, ward.id, other.id, 12)
    unit, _, candidates = routed(known, index, "construction_without_permit", point, areas.today(), 25.0)
    assert unit == "UBND-26743"
    assert candidates[:1] == [unit]
    assert "UBND-26740" in candidates
    assert routed(known, index, "construction_without_permit", point, areas.today(), 5.0)[2] == []
    # Both wards lie in one power company's zone: nobody else could be meant.
    assert routed(known, index, "power_outage", point, areas.today(), 25.0)[2] == []


def test_batches_answer_like_single_reports(known, index) -> None:
    wards, lon, lat = ward_points(index)
    categories = [*known.categories, None] * 5
    categories = categories[: len(wards)]
    days = [date(2018 + number % 9, 3, 1) for number in range(len(wards))]
    together = route(known, index, categories, locate(index, lon, lat, days), lon, lat, 300.0, days)
    for row in range(0, len(wards), 7):
        alone = route(
            known, index, [categories[row]], locate(index, lon[[row]], lat[[row]], days[row]), lon[[row]], lat[[row]],
            300.0, days[row],
        )  # fmt: skip
        assert alone.unit_id[0] == together.unit_id[row]
        assert alone.told[0] == together.told[row]
        assert alone.candidates[0] == together.candidates[row]


def test_a_zones_unit(known, index) -> None:
    located = locate(index, [BEN_THANH[0]], [BEN_THANH[1]], areas.today())
    units = [zone_unit(known, int(zone), areas.today()).code for zone in located.zone_ids[0]]
    assert len(units) == 10
    assert units[known.field_by_code["electricity"].position] == "PE0100"
    assert units[known.field_by_code["urban_order"].position] == "UBND-26743"
    assert "1022" not in units


def test_loading_again_changes_nothing_and_keeps_ids(app_connection) -> None:
    before = versions(app_connection)
    assert load_reference(app_connection) is False
    assert versions(app_connection) == before


def edited(tmp_path, old: str, new: str):
    """The reference files with one line of responsibilities.csv changed."""
    for name in files.NAMES:
        text = (files.FOLDER / f"{name}.csv").read_text(encoding="utf-8")
        if name == "responsibilities":
            assert old in text
            text = text.replace(old, new, 1)
        (tmp_path / f"{name}.csv").write_text(text, encoding="utf-8")
    return tmp_path


def test_a_changed_line_takes_effect_at_once_and_only_there(app_connection, known, index, tmp_path) -> None:
    folder = edited(tmp_path, "trees-cx-1,,trees,zone,CX-1,CX-1,", "trees-cx-1,,trees,zone,CX-1,CX-2,")
    assert load_reference(app_connection, folder)
    after = reference.current(app_connection)
    assert after is not known
    assert routed(after, index, "fallen_tree", BEN_THANH, areas.today())[0] == "CX-2"

    def rules(of):
        return {r.id: (r.name, r.version) for tier in of.field_tiers.values() for rs in tier.rules.values() for r in rs}

    changed = set(rules(after).values()) - set(rules(known).values())
    assert changed == {("trees-cx-1", 2)}
    assert len(rules(after).keys() - rules(known).keys()) == 1


def test_a_doubled_rule_is_refused_by_name_and_day(app_connection, tmp_path) -> None:
    line = "trees-cx-1,,trees,zone,CX-1,CX-1,,,,"
    folder = edited(tmp_path, line, f"trees-twice,,trees,zone,CX-1,CX-2,,2020-01-01,2020-12-31,yes,sample\n{line}")
    with pytest.raises(BadReference, match=r"'trees-cx-1' and rule 'trees-twice'.*CX-1\), 2020-01-01 … 2020-12-31"):
        load_reference(app_connection, folder)


def test_a_rule_for_one_area_goes_before_the_rule_for_all(app_connection, index, tmp_path) -> None:
    line = "traffic-signals,traffic_signal,"
    more = "traffic-signals-1,traffic_signal,,zone,GT-K1,HTKT-K1,,2026-01-01,,yes,sample\n"
    assert load_reference(app_connection, edited(tmp_path, line, more + line))
    known = reference.current(app_connection)
    assert routed(known, index, "traffic_signal", BEN_THANH, date(2025, 12, 31))[0] == "HTKT"
    assert routed(known, index, "traffic_signal", BEN_THANH, date(2026, 1, 1))[0] == "HTKT-K1"


def test_a_unit_that_leaves_the_files_stays_for_its_incidents(app_connection, tmp_path) -> None:
    for name in files.NAMES:
        lines = (files.FOLDER / f"{name}.csv").read_text(encoding="utf-8").splitlines(keepends=True)
        if name in ("units", "contacts"):
            lines = [line for line in lines if not line.startswith("MT-8,")]
        (tmp_path / f"{name}.csv").write_text("".join(lines).replace(",MT-8,", ",MT-7,"), encoding="utf-8")
    assert load_reference(app_connection, tmp_path)
    gone = reference.current(app_connection).unit_by_code["MT-8"]
    assert not gone.connected
    assert not gone.in_force(areas.today())
    assert load_reference(app_connection)  # and back
    back = reference.current(app_connection).unit_by_code["MT-8"]
    assert back.connected
    assert back.id == gone.id
    assert back.in_force(areas.today())


def test_the_order_of_the_fields_is_settled(app_connection, tmp_path) -> None:
    for name in files.NAMES:
        lines = (files.FOLDER / f"{name}.csv").read_text(encoding="utf-8").splitlines(keepends=True)
        if name == "fields":
            lines[1], lines[2] = lines[2], lines[1]
        (tmp_path / f"{name}.csv").write_text("".join(lines), encoding="utf-8")
    with pytest.raises(BadReference, match=r"fields.csv, line \d: field 'traffic' must stay field number 1"):
        load_reference(app_connection, tmp_path)

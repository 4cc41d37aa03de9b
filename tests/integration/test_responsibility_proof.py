"""The proof by overlay: nothing found in what is shipped; a rule taken out or doubled is named with place and days."""

from __future__ import annotations

from datetime import date

import pytest
from sqlalchemy import text

from district_boundaries import areas
from incidents import proof
from incidents.reference import memory

pytestmark = pytest.mark.slow  # every field's polygons are laid over the city

UNTIL = date(2026, 1, 31)


@pytest.fixture
def index(app_connection):
    return areas.current(app_connection)


def findings(connection, index, since=proof.SINCE):
    return proof.prove(memory.read(connection), index, since, UNTIL)


def test_every_place_has_exactly_one_unit_since_2015(app_connection, index) -> None:
    assert findings(app_connection, index) == []


def test_a_rule_taken_out_is_named(app_connection, index) -> None:
    app_connection.execute(text("DELETE FROM responsibility WHERE rule = 'water-cn-hm-until-2023'"))
    (gap,) = findings(app_connection, index)
    assert gap.kind == "gap"
    assert set(gap.categories) == {"burst_pipe", "no_water", "water_quality"}
    assert (gap.first, gap.last) == (date(2015, 1, 1), date(2023, 12, 31))
    assert "Hóc Môn" in gap.place
    assert 100 < gap.km2 < 120
    assert "2015-01-01 … 2023-12-31" in str(gap)


def test_a_rule_of_todays_wards_taken_out_is_named(app_connection, index) -> None:
    app_connection.execute(
        text(
            "DELETE FROM responsibility AS r USING area AS a WHERE a.id = r.area_id AND a.code = '26743'"
            " AND r.rule = 'construction-without-permit-ward-since-2025'"
        )
    )
    (gap,) = findings(app_connection, index, date(2025, 1, 1))
    assert gap.categories == ("construction_without_permit",)
    assert (gap.first, gap.last) == (date(2025, 7, 1), UNTIL)
    assert gap.place == "Phường Bến Thành (26743)"


def test_a_doubled_rule_is_named(app_connection, index) -> None:
    app_connection.execute(
        text(
            "INSERT INTO responsibility (rule, field, area_id, unit_id, valid)"
            " SELECT 'second', field, area_id, unit_id, daterange('2020-01-01', '2021-01-01') FROM responsibility"
            " WHERE rule = 'trees-cx-1'"
        )
    )
    (double,) = findings(app_connection, index, date(2019, 1, 1))
    assert double.kind == "double"
    assert set(double.rules) == {"trees-cx-1", "second"}
    assert (double.first, double.last) == (date(2020, 1, 1), date(2020, 12, 31))
    assert set(double.categories) == {"fallen_tree", "dangerous_tree"}

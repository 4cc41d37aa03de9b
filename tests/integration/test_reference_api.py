"""/api/v1/fields, /categories and /units, and the commands of `units`."""

from __future__ import annotations

import pytest


def test_fields(client) -> None:
    answer = client.get("/api/v1/fields")
    assert answer.status_code == 200
    codes = " ".join(field["code"] for field in answer.json)
    assert codes == "traffic water drainage trees lighting electricity telecoms transport environment urban_order"
    assert answer.json[0]["name"] == {"vi": "Giao thông", "en": "Traffic"}
    assert all(field["categories"] for field in answer.json)


def test_categories(client) -> None:
    found = {category["code"]: category for category in client.get("/api/v1/categories").json}
    assert len(found) == 33
    tree = found["fallen_tree"]
    assert (tree["field"], tree["group"], tree["urgency"]) == ("trees", "fallen_trees", "emergency")
    assert (tree["kind"], tree["hero"]) == ("tree", "tree")
    assert (found["waste"]["kind"], found["waste"]["hero"], found["waste"]["group"]) == ("environment", "other", None)
    assert set(tree["name"]) == set(tree["short_name"]) == {"vi", "en"}
    assert tree["deadlines"]["dispatch_minutes"] == 5
    construction = client.get("/api/v1/categories?group=construction").json
    assert {category["field"] for category in construction} == {"urban_order"}
    assert len(client.get("/api/v1/categories?field=water,trees").json) == 5


def test_units(client) -> None:
    found = client.get("/api/v1/units").json
    assert len(found) == 1 + 84 + 168
    assert found[0]["code"] == "1022"
    connected = client.get("/api/v1/units?connected=true").json
    assert len(connected) == 84
    assert all(unit["sample"] == unit["source"].startswith("sample") for unit in connected)
    assert len({unit["code"] for unit in found}) == len(found)
    power = client.get("/api/v1/units?field=electricity&connected=true&kind=company").json
    assert sum(not unit["sample"] for unit in power) == 15
    ward = next(unit for unit in found if unit["code"] == "UBND-26743")
    assert ward["area"] == {"level": "ward", "code": "26743", "name": "Phường Bến Thành"}
    before = {unit["code"] for unit in client.get("/api/v1/units?on=2019-06-01&kind=district_committee").json}
    assert len(before) == 40
    assert "UBND-769-2020" in before


def test_lists_page_by_links(client) -> None:
    first = client.get("/api/v1/units?connected=true&limit=50")
    assert len(first.json) == 50
    assert first.headers["X-Total-Count"] == "84"
    address = first.headers["Link"].split(">")[0].lstrip("<")
    second = client.get(address)
    assert len(second.json) == 34
    assert "Link" not in second.headers
    assert not {unit["code"] for unit in first.json} & {unit["code"] for unit in second.json}


@pytest.mark.parametrize(
    "query",
    ["units?field=litter", "units?connected=maybe", "units?on=yesterday", "categories?group=x", "fields?limit=0"],
)
def test_a_bad_parameter_is_a_problem(client, query: str) -> None:
    answer = client.get(f"/api/v1/{query}")
    assert answer.status_code == 400
    assert answer.mimetype == "application/problem+json"
    assert answer.json["errors"]


def test_units_list(application) -> None:
    runner = application.test_cli_runner()
    listed = runner.invoke(args=["units", "list", "--field", "electricity"])
    assert listed.exit_code == 0
    assert "PE0100\tthật\tcompany\telectricity\tCông ty Điện lực Sài Gòn" in listed.output
    wrong = runner.invoke(args=["units", "list", "--field", "litter"])
    assert wrong.exit_code != 0
    assert "'litter' is none of traffic" in wrong.output
    for args in (["units", "--help"], ["units", "list", "--help"], ["units", "check", "--help"]):
        assert runner.invoke(args=args).exit_code == 0


@pytest.mark.slow
def test_units_check(application) -> None:
    checked = application.test_cli_runner().invoke(args=["units", "check", "--since", "2025-06-30"])
    assert checked.exit_code == 0, checked.output
    assert "84 đơn vị kết nối" in checked.output

"""The description is valid, names every address there is, and the answers have the shapes that it promises."""

from __future__ import annotations

import re

import pytest
from jsonschema import Draft202012Validator
from openapi_spec_validator import validate

BEN_THANH = {"lat": 10.7725, "lon": 106.6980}


@pytest.fixture
def description(client):
    return client.get("/api/v1/openapi.json").json


def test_it_is_valid_openapi(description) -> None:
    validate(description)
    assert description["openapi"].startswith("3.1")


def test_every_address_is_described_and_nothing_else(description, application) -> None:
    def described(rule) -> str:
        return re.sub(r"<(?:\w+:)?(\w+)>", r"{\1}", rule.rule)

    interface = ("/api/v1/", "/tiles/", "/photos/", "/healthz", "/readyz")
    there = {
        (described(rule), method.lower())
        for rule in application.url_map.iter_rules()
        for method in rule.methods - {"HEAD", "OPTIONS"}
        if rule.rule.startswith(interface) and rule.rule != "/api/v1/openapi.json"
    }
    said = {(path, method) for path, methods in description["paths"].items() for method in methods}
    assert said == there


def holds(description, schema: str, value) -> None:
    validator = Draft202012Validator({**description, "$ref": f"#/components/schemas/{schema}"})
    errors = [f"{list(error.path)}: {error.message}" for error in validator.iter_errors(value)]
    assert not errors


def test_answers_have_the_promised_shapes(client, empty_database, description) -> None:
    receipt = client.post("/api/v1/reports", json={"channel": "web", "category": "waste", **BEN_THANH}).json
    holds(description, "Receipt", receipt)
    second = client.post("/api/v1/reports", json={"channel": "web", "description": "rác", **BEN_THANH}).json
    holds(description, "Receipt", second)
    vague = client.post("/api/v1/reports", json={"channel": "web", "category": "waste", "address": "Quận 3"}).json
    holds(description, "Receipt", vague)
    holds(description, "ReportPage", client.get(f"/api/v1/reports/{receipt['code']}").json)
    for schema, address in (
        ("ReportFeatures", "/api/v1/reports"),
        ("IncidentFeatures", "/api/v1/incidents"),
        ("Located", "/api/v1/locate?lat=10.7725&lon=106.698"),
        ("Located", "/api/v1/locate?lat=10.7725&lon=106.698&on=2019-06-01"),
        ("Places", "/api/v1/geocode?q=phường Bến Thành"),
        ("Places", "/api/v1/reverse?lat=10.7725&lon=106.698"),
        ("TileJSON", "/tiles/incidents.json"),
        ("Problem", "/api/v1/locate?lat=x&lon=1"),
        ("Problem", "/api/v1/nowhere"),
    ):
        holds(description, schema, client.get(address).json)
    for schema, address in (
        ("Field", "fields"), ("Category", "categories"), ("Unit", "units"), ("AreaListed", "areas?level=ward"),
    ):  # fmt: skip
        listed = client.get(f"/api/v1/{address}").json
        assert listed
        for each in listed:
            holds(description, schema, each)


def test_the_page_shows_every_address(client, description) -> None:
    page = client.get("/api/docs").get_data(as_text=True)
    for path in description["paths"]:
        assert path in page
    assert "<script" not in page and "style=" not in page

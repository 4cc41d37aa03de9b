"""POST and GET /api/v1/reports: one door, its answers, and what it refuses."""

from __future__ import annotations

import io
import json
from concurrent.futures import ThreadPoolExecutor

import psycopg
import pytest
from PIL import Image

BEN_THANH = {"lat": 10.7725, "lon": 106.6980}
HANOI = {"lat": 21.03, "lon": 105.85}


def post(client, body, **headers):
    return client.post("/api/v1/reports", json=body, headers=headers)


@pytest.fixture(autouse=True)
def start_from_nothing(empty_database):
    return empty_database


def rows(database, statement, *values):
    with psycopg.connect(database) as connection:
        return connection.execute(statement, values).fetchall()


def test_a_pin_with_a_category_is_assigned_with_a_deadline(client, empty_database) -> None:
    answer = post(client, {"channel": "web", "category": "fallen_tree", **BEN_THANH, "description": "Cây đổ"})
    assert answer.status_code == 201
    report = answer.json
    assert report["status"] == "assigned"
    assert report["ward"]["code"] == "26743"
    assert report["district"]["code"] == "760"
    assert [zone["field"] for zone in report["zones"]] == [
        "traffic", "water", "drainage", "trees", "lighting", "electricity", "telecoms", "transport", "environment",
        "urban_order",
    ]  # fmt: skip
    assert all(zone["unit"]["code"] and zone["unit"]["name"] for zone in report["zones"])
    assert report["unit"]["code"] == next(z for z in report["zones"] if z["field"] == "trees")["unit"]["code"]
    assert report["location"] == {**BEN_THANH, "precision": "pin", "accuracy_m": 10, "confidence": 1.0, "source": "web"}
    assert report["due_at"].endswith("+07:00")
    assert report["review_reasons"] == report["candidate_units"] == report["possible_duplicates"] == []
    assert report["follow"]["pin"] in report["follow"]["url"]
    assert answer.headers["Location"] == f"/r/{report['code']}"
    for table in ("report", "incident", "event", "assignment", "public_report", "public_incident"):
        assert rows(empty_database, f"SELECT count(*) FROM {table}") == [(1,)], table


def test_the_report_is_shown_without_anything_private(client) -> None:
    sent = post(
        client,
        {
            "channel": "app",
            "category": "burst_pipe",
            "description": "Gọi 0903111222 gặp anh Tư",
            **BEN_THANH,
            "reporter": {"name": "Trần Thị Canary", "phone": "0903111222", "email": "canary@example.vn"},
        },
    ).json
    shown = client.get(f"/api/v1/reports/{sent['code'].lower()[:3]}-{sent['code'][3:]}")
    assert shown.status_code == 200
    report = shown.json
    assert report["code"] == sent["code"]
    assert [step["status"] for step in report["steps"]] == ["received", "assigned"]
    assert report["steps"][0]["text"]["vi"] == "Đã tiếp nhận"
    assert report["incident"] == {"code": sent["code"], "reports": 1}
    assert report["photos"] == [] and report["description"] is None
    listed = client.get("/api/v1/reports").get_data(as_text=True)
    for text in (shown.get_data(as_text=True), listed):
        for private in ("Canary", "0903111222", "canary@", "anh Tư"):
            assert private not in text


def test_texts_and_people_are_nowhere_in_the_record(client, empty_database) -> None:
    post(
        client,
        {
            "channel": "app",
            "category": "burst_pipe",
            "description": "canary-text",
            **BEN_THANH,
            "reporter": {"name": "Canary Person"},
        },
    )
    ((event,),) = rows(empty_database, "SELECT data::text FROM event")
    assert "canary" not in event.lower()
    assert "description" in json.loads(event)  # its salted commitment
    ((name,),) = rows(empty_database, "SELECT name FROM person")
    assert b"Canary" not in name


def test_without_a_category_it_waits_with_a_suggestion(client) -> None:
    report = post(client, {"channel": "web", "description": "cay do chan ngang duong", **BEN_THANH}).json
    assert report["status"] == "received"
    assert report["category"] is None
    assert report["category_suggestion"]["code"] == "fallen_tree"
    assert 0 < report["category_suggestion"]["confidence"] <= 1
    assert report["review_reasons"] == ["no_category"]


def test_an_address_alone_is_found_by_its_ward(client) -> None:
    report = post(client, {"channel": "web", "category": "light_out", "address": "phuong ben thanh, quan 1"}).json
    assert report["location"]["precision"] == "ward"
    assert report["ward"]["code"] == "26743"
    assert 0 < report["location"]["confidence"] < 1
    assert report["location"]["accuracy_m"] > 100


def test_an_unknown_address_is_never_made_up(client) -> None:
    report = post(client, {"channel": "web", "category": "light_out", "address": "xyzzy plugh"}).json
    assert report["location"] is None and report["ward"] is None
    assert report["status"] == "classified"
    assert "no_place" in report["review_reasons"]


def test_near_a_border_of_two_units_a_person_decides(client) -> None:
    # Wide uncertainty in the middle of the city reaches other wards' committees for certain.
    report = post(
        client, {"channel": "web", "category": "construction_without_permit", **BEN_THANH, "accuracy_m": 900}
    ).json
    assert report["status"] == "classified"
    assert "unit_border" in report["review_reasons"]
    assert len(report["candidate_units"]) >= 2
    assert report["unit"]["code"] not in [unit["code"] for unit in report["candidate_units"]]


def test_the_same_thing_reported_again_is_named_not_joined(client) -> None:
    first = post(client, {"channel": "web", "category": "road_subsidence", **BEN_THANH}).json
    second = post(client, {"channel": "app", "category": "road_subsidence", "lat": 10.77262, "lon": 106.69805}).json
    assert [each["code"] for each in second["possible_duplicates"]] == [first["code"]]
    assert second["possible_duplicates"][0]["distance_m"] == pytest.approx(14.4, abs=1)
    assert "possible_duplicate" in second["review_reasons"]
    assert client.get(f"/api/v1/reports/{second['code']}").json["incident"] == {"code": second["code"], "reports": 1}
    other = post(client, {"channel": "web", "category": "burst_pipe", **BEN_THANH}).json
    assert other["possible_duplicates"] == []


@pytest.mark.parametrize(
    ("body", "status", "field"),
    [
        ({"channel": "web", "category": "fallen_tree", **HANOI}, 422, "lat"),
        ({"channel": "web", "category": "fallen_tree"}, 422, "address"),
        ({"channel": "web", **BEN_THANH}, 422, "description"),
        ({"channel": "web", "category": "dragons", **BEN_THANH}, 422, "category"),
        ({"channel": "web", "category": "fallen_tree", "lat": 10.77}, 422, "lon"),
        ({"channel": "web", "category": "fallen_tree", "lat": 106.698, "lon": 10.7725}, 422, "lat"),
        ({"channel": "web", "category": "fallen_tree", "lat": "abc", "lon": 106.7}, 422, "lat"),
        ({"channel": "phone", "category": "fallen_tree", **BEN_THANH}, 403, "channel"),
        ({"channel": "pigeon", "category": "fallen_tree", **BEN_THANH}, 422, "channel"),
        ({"category": "fallen_tree", **BEN_THANH}, 422, "channel"),
    ],
)
def test_what_cannot_be_taken_says_what_and_where(client, empty_database, body, status, field) -> None:
    answer = post(client, body)
    assert answer.status_code == status
    assert answer.mimetype == "application/problem+json"
    assert answer.json["status"] == status and answer.json["title"] and answer.json["detail"]
    assert field in [error["field"] for error in answer.json["errors"]]
    assert rows(empty_database, "SELECT count(*) FROM report") == [(0,)]


@pytest.mark.parametrize(
    ("data", "mimetype", "status"),
    [(b"{", "application/json", 400), (b"[]", "application/json", 400), (b"a=1", "text/plain", 415)],
)
def test_what_cannot_be_read_is_refused(client, data, mimetype, status) -> None:
    answer = client.post("/api/v1/reports", data=data, content_type=mimetype)
    assert answer.status_code == status
    assert answer.mimetype == "application/problem+json"


def test_photos_come_along_and_are_held(client, empty_database) -> None:
    buffer = io.BytesIO()
    Image.new("RGB", (64, 48), "green").save(buffer, "PNG")
    body = {"channel": "web", "category": "waste", **BEN_THANH}

    def send():
        return client.post(
            "/api/v1/reports",
            data={"report": json.dumps(body), "photos": (io.BytesIO(buffer.getvalue()), "a.png")},
            headers={"Idempotency-Key": "with-photo"},
        )

    answer = send()
    assert answer.status_code == 201
    assert send().json == answer.json
    ((sha256, moderation),) = rows(empty_database, "SELECT sha256, moderation FROM photo")
    assert moderation == "held"
    assert client.get(f"/photos/{sha256}.jpg").status_code == 404
    assert client.get(f"/api/v1/reports/{answer.json['code']}").json["photos"] == []


def test_a_file_that_is_no_photo_is_refused(client, empty_database) -> None:
    answer = client.post(
        "/api/v1/reports",
        data={
            "report": json.dumps({"channel": "web", "category": "waste", **BEN_THANH}),
            "photos": (io.BytesIO(b"<svg/>"), "photo.jpg"),
        },
    )
    assert answer.status_code == 422
    assert answer.json["errors"][0]["field"] == "photos"
    assert rows(empty_database, "SELECT count(*) FROM report") == [(0,)]


def test_one_key_at_once_from_twenty_makes_one_report(application, empty_database) -> None:
    body = {"channel": "web", "category": "fallen_tree", **BEN_THANH}

    def send(_: int):
        with application.test_client() as client:
            answer = post(client, body, **{"Idempotency-Key": "twenty"})
            return answer.status_code, json.dumps(answer.json, sort_keys=True)

    with ThreadPoolExecutor(20) as pool:
        answers = set(pool.map(send, range(20)))
    assert len(answers) == 1
    assert next(iter(answers))[0] == 201
    assert rows(empty_database, "SELECT count(*) FROM report") == [(1,)]
    with application.test_client() as client:
        again = post(client, {**body, "category": "burst_pipe"}, **{"Idempotency-Key": "twenty"})
    assert again.status_code == 409
    assert again.mimetype == "application/problem+json"
    # The pin is derived again for each answer; no kept answer holds one.
    assert rows(empty_database, "SELECT count(*) FROM idempotency WHERE answer::text LIKE '%%pin=%%'") == [(0,)]


def test_a_refused_report_does_not_use_up_its_key(client) -> None:
    body = {"channel": "web", "category": "fallen_tree", **HANOI}
    assert post(client, body, **{"Idempotency-Key": "again"}).status_code == 422
    assert post(client, {**body, **BEN_THANH}, **{"Idempotency-Key": "again"}).status_code == 201


def test_the_list_filters_and_pages(client) -> None:
    codes = [
        post(client, {"channel": "web", "category": category, **BEN_THANH}).json["code"]
        for category in ("fallen_tree", "burst_pipe", "fallen_tree")
    ]
    page = client.get("/api/v1/reports?limit=2").json
    assert page["type"] == "FeatureCollection"
    assert [feature["properties"]["code"] for feature in page["features"]] == [codes[2], codes[1]]
    rest = client.get(page["next"]).json
    assert [feature["properties"]["code"] for feature in rest["features"]] == [codes[0]]
    assert rest["next"] is None

    def found(query: str) -> int:
        return len(client.get(f"/api/v1/reports?{query}").json["features"])

    assert found("field=water") == 1
    assert found("category=fallen_tree") == 2
    assert found("bbox=106.69,10.77,106.70,10.78") == 3
    assert found("bbox=106.75,10.77,106.80,10.78") == 0
    assert found("area=26743") == 3
    assert found("area=district:760") == 3
    assert found("area=26740") == 0
    assert found("status=assigned") == 3
    assert found("until=2020-01-01") == 0
    assert found("since=2020-01-01") == 3


@pytest.mark.parametrize(
    "query", ["limit=0", "limit=x", "bbox=1,2,3", "bbox=a,b,c,d", "since=yesterday", "field=dragons", "cursor=zzz"]
)
def test_a_bad_parameter_is_named(client, query) -> None:
    answer = client.get(f"/api/v1/reports?{query}")
    assert answer.status_code == 400
    assert answer.json["errors"][0]["field"] == query.split("=")[0]


def test_a_code_that_nobody_has_is_404(client) -> None:
    for code in ("222222", "7TR4K0", "nonsense"):
        assert client.get(f"/api/v1/reports/{code}").status_code == 404

"""The watch of an area: numbers that equal the list, one's own records and no other's, "not ours", walls, the city."""

from __future__ import annotations

import re
from typing import Any

import pytest
from sqlalchemy import text

from database.engine import OPERATOR, Context, transaction
from district_boundaries import areas
from incidents import objection, reference, wall_keys, watch
from incidents.errors import NoSuchReport
from incidents.reassignment import CannotChange
from tests import logins
from tests.integration.test_explanation import beside_a_border

HERE = {"lat": 10.7725, "lon": 106.6980}  # Phường Bến Thành
THERE = {"lat": 10.8480, "lon": 106.7720}
WARD = "26743"


@pytest.fixture
def city(client, empty_database) -> str:
    """Accounts of two wards, a former district, the city, the desk and an administrator; no report yet."""
    with transaction(OPERATOR) as connection:
        index = areas.current(connection)
        found = connection.execute(
            text(
                "SELECT id FROM area WHERE level = 'ward' AND in_force AND upper_inf(valid) "
                "AND ST_Contains(geom, ST_SetSRID(ST_MakePoint(:lon, :lat), 4326))"
            ),
            THERE,
        ).scalar_one()
        district = index.by_code("760", "district")
    logins.create("phuong-nay", "area", area_id=logins.area(WARD, "ward"))
    logins.create("phuong-kia", "area", area_id=found)
    logins.create("quan-cu", "area", area_id=district.id)
    logins.create("thanh-pho", "area", area_id=logins.area("79", "city"))
    logins.create("tong-dai", "call_taker")
    logins.create("quan-tri", "administrator")
    return empty_database


@pytest.fixture
def browser(application, city):
    """A function that gives a client logged in as somebody, and its token."""
    made: dict[str, Any] = {}

    def log_in(username: str) -> Any:
        if username not in made:
            made[username] = application.test_client()
            assert logins.log_in(made[username], username).status_code == 303
        return made[username]

    return log_in


def send(client, place=HERE, category="fallen_tree", **more) -> str:
    body = {"channel": "web", "category": category, **place, **more}
    answer = client.post("/api/v1/reports", json=body)
    assert answer.status_code == 201, answer.text
    return answer.json["code"]


def change(code: str, **columns: str) -> None:
    """Set columns of a public incident and its own, as SQL expressions."""
    with transaction(OPERATOR) as connection:
        for table in ("incident", "public_incident"):
            own = {k: v for k, v in columns.items() if not (table == "incident" and k == "due_at")}
            if own:
                settings = ", ".join(f"{name} = {value}" for name, value in own.items())
                connection.execute(text(f"UPDATE {table} SET {settings} WHERE code = :code"), {"code": code})


def object_to(client, code: str, report: str, **form: str) -> Any:
    page = client.get(f"/area/{code}")
    token = re.search(r'data-token="([^"]+)"', page.text)[1]
    headers = logins.ORIGIN | {"X-CSRF-Token": token}
    return client.post(f"/area/{code}/incidents/{report}/objection", data=form, headers=headers)


def test_counters_equal_the_list_under_every_filter(client, browser) -> None:
    late, done, going, old = (
        send(client, category=each) for each in ("fallen_tree", "burst_pipe", "flooding", "waste")
    )
    fresh = [send(client, category=each) for each in ("road_subsidence", "construction_without_permit", "fallen_tree")]
    send(client, THERE)
    change(late, due_at="app_now() - interval '2 days'")
    change(going, status="'in_progress'")
    change(done, status="'resolved'", resolved_at="app_now() - interval '1 day'")
    change(old, status="'closed'", resolved_at="app_now() - interval '8 days'")
    me = browser("phuong-nay")

    def ask(query: str = "") -> dict[str, Any]:
        answer = me.get(f"/area/{WARD}/incidents.json{query}")
        assert answer.status_code == 200 and answer.headers["Cache-Control"] == "no-store"
        return answer.json

    everything = ask()
    assert everything["counts"] == {"new": 3, "progress": 1, "late": 1, "resolved": 1}
    assert everything["heroes"] == {"tree": 2, "subsidence": 1, "construction": 1, "other": 1}
    assert everything["incidents"][0]["code"] == late
    assert {each["code"] for each in everything["incidents"]} == {late, going, *fresh}
    assert everything["total"] == len(everything["incidents"]) == sum(everything["heroes"].values())
    for state, n in everything["counts"].items():
        shown = ask(f"?state={state}")
        assert shown["urgent"] == everything["urgent"], "whatever the filter"
        assert [each["state"] for each in shown["incidents"]] == [state] * n and shown["counts"] == everything["counts"]
        for hero in ("tree", "subsidence", "construction", "other"):
            both = ask(f"?state={state}&group={hero}")
            assert len(both["incidents"]) == both["total"] == shown["heroes"][hero]
            assert {each["hero"] for each in both["incidents"]} <= {hero}
    assert everything["in_time"] == 1.0
    whole = browser("thanh-pho").get("/area/79/rate.json").json["counts"]
    assert whole == {"new": 4, "progress": 1, "late": 1, "resolved": 1}


def test_an_officer_sees_the_whole_record_of_his_area_and_nothing_of_another(client, browser) -> None:
    mine = send(client, description="cây đổ chắn cổng nhà tôi", reporter={"name": "Lê Canary", "phone": "0908123456"})
    other = send(client, THERE, description="chuyện của phường khác")
    me, neighbour = browser("phuong-nay"), browser("phuong-kia")
    record = me.get(f"/area/{WARD}/incidents/{mine}.json").json
    assert record["told"][0]["text"] == "cây đổ chắn cổng nhà tôi" and record["told"][0]["held"]
    assert [hand["what"] for hand in record["hands"]][-1].startswith("Tiếp nhận")
    assert "Canary" not in str(record) and "0908" not in str(record)
    absent = me.get(f"/area/{WARD}/incidents/222222.json")
    foreign = me.get(f"/area/{WARD}/incidents/{other}.json")
    assert (foreign.status_code, absent.status_code) == (404, 404)
    assert neighbour.get(f"/area/{WARD}/incidents/{mine}.json").status_code == 404
    assert neighbour.get(f"/area/{WARD}").status_code == 404
    for path in ("incidents.json", "day.json", "outline.json", "route", "wall", "figures.json", "rate.json"):
        assert neighbour.get(f"/area/{WARD}/{path}").status_code == 404, path
        assert client.get(f"/area/{WARD}/{path}").status_code in (303, 401), path
    said = me.get(f"/area/{WARD}/incidents.json").text + me.get(f"/area/{WARD}/day.json").text
    assert mine in said and other not in said
    assert object_to(me, WARD, other, reason="other_area").status_code == 404
    with transaction(OPERATOR) as connection:
        assert connection.execute(text("SELECT count(*) FROM objection")).scalar() == 0
    # The former district's officer sees what lies there today, by the same pages.
    district = browser("quan-cu")
    assert [each["code"] for each in district.get("/area/760/incidents.json").json["incidents"]] == [mine]
    assert "địa bàn cũ" in district.get("/area/760").text
    assert district.get(f"/area/760/incidents/{mine}.json").status_code == 200
    assert district.get(f"/area/760/incidents/{other}.json").status_code == 404


def test_not_ours_gives_the_committees_case_back_and_tells_the_desk_of_any_other(client, browser) -> None:
    building = send(client, category="construction_without_permit")
    tree = send(client, category="fallen_tree")
    me = browser("phuong-nay")
    answer = object_to(me, WARD, building, reason="other_area", note="Bên kia đường, số 12.")
    assert (answer.status_code, answer.json) == (200, {"returned": True})
    answer = object_to(me, WARD, tree, reason="not_our_task")
    assert (answer.status_code, answer.json) == (200, {"returned": False})
    public = client.get(f"/api/v1/reports/{building}").json
    assert public["status"] == "returned" and public["unit"]["code"] != f"UBND-{WARD}"
    assert "số 12" not in str(public), "the note is the desk's"
    assert client.get(f"/api/v1/reports/{tree}").json["status"] == "assigned"
    listed = {each["code"]: each for each in me.get(f"/area/{WARD}/incidents.json").json["incidents"]}
    assert listed[building]["objected"] and listed[tree]["objected"]
    with transaction(OPERATOR) as connection:
        kinds = connection.execute(
            text(
                "SELECT kind, actor, data FROM event JOIN incident ON incident.id = event.incident_id "
                "WHERE incident.code = :code ORDER BY event.id"
            ),
            {"code": building},
        ).all()
    assert [row.kind for row in kinds] == ["report.received", "incident.objected", "incident.status_changed"]
    assert kinds[1].actor == kinds[2].actor and kinds[1].actor.startswith("account:")
    assert "số 12" not in str(kinds)
    desk = browser("quan-tri").get("/admin/reports").text
    assert f"/admin/reports/{building}" in desk and f"/admin/reports/{tree}" in desk
    assert "Bên kia đường, số 12." in browser("quan-tri").get(f"/admin/reports/{building}").text

    assert object_to(me, WARD, tree, reason="other").status_code == 422, "another reason has to be written"
    assert object_to(me, WARD, tree, reason="nonsense").status_code == 422
    change(tree, status="'closed'")
    assert object_to(me, WARD, tree, reason="other_area").status_code == 409
    without_token = me.post(f"/area/{WARD}/incidents/{tree}/objection", data={"reason": "other_area"})
    assert without_token.status_code == 403


def test_a_unit_gives_back_what_it_cannot_see_afterwards(client, city) -> None:
    code = send(client)
    with transaction(OPERATOR) as connection:
        unit = connection.execute(text("SELECT unit_id FROM incident WHERE code = :code"), {"code": code}).scalar_one()
        index, known = areas.current(connection), reference.current(connection)
    me = Context(actor="account:1", roles=frozenset({"unit"}), unit_id=unit)
    with transaction(me) as connection:
        made = objection.object_to(connection, known, index, code, who=me, reason="not_our_task")
        assert made.returned
        # Behind the step the transaction is the unit's again: it sees nothing of it.
        assert connection.execute(text("SELECT count(*) FROM incident")).scalar() == 0
        assert connection.execute(text("SELECT current_setting('hotline.roles')")).scalar() == "unit"
    with transaction(me) as connection, pytest.raises(NoSuchReport):
        objection.object_to(connection, known, index, code, who=me, reason="not_our_task")
    with transaction(OPERATOR) as connection:
        row = connection.execute(
            text(
                "SELECT status, unit_id, (SELECT count(*) FROM assignment WHERE ended_at IS NULL) AS open FROM incident"
            )
        ).one()
    assert (row.status, row.unit_id, row.open) == ("returned", known.desk.id, 0)
    stranger = Context(actor="account:2", roles=frozenset({"unit"}), unit_id=unit + 1)
    with transaction(stranger) as connection, pytest.raises(NoSuchReport):
        objection.object_to(connection, known, index, code, who=stranger, reason="not_our_task")
    with transaction(OPERATOR) as connection, pytest.raises(CannotChange, match="no_reason"):
        objection.object_to(connection, known, index, code, who=OPERATOR, reason="other")


def test_cases_at_the_border_are_marked_on_both_sides(client, browser, application) -> None:
    with transaction(OPERATOR) as connection:
        lon, lat, here, there = beside_a_border(areas.current(connection), 5.0)
    code = send(client, {"lat": lat, "lon": lon})
    ward, beyond = here.removeprefix("UBND-"), there.removeprefix("UBND-")
    logins.create("ben-nay", "area", area_id=logins.area(ward, "ward"))
    officer = application.test_client()
    logins.log_in(officer, "ben-nay")
    mine = officer.get(f"/area/{ward}/incidents.json").json
    assert [each["code"] for each in mine["incidents"]] == [code] and mine["beyond"] == []
    assert mine["incidents"][0]["border"] == {"metres": 4, "area": "Phường Bến Thành"} or (
        mine["incidents"][0]["border"]["metres"] == 5
    )
    assert beyond == WARD
    other = browser("phuong-nay").get(f"/area/{WARD}/incidents.json").json
    assert other["incidents"] == [] and other["total"] == 0, "the neighbour's is not counted"
    assert [each["code"] for each in other["beyond"]] == [code]
    assert other["beyond"][0]["border"]["metres"] in (4, 5)


def test_a_building_has_the_history_of_its_place_and_of_its_address(client, browser) -> None:
    first = send(client, category="construction_without_permit", address="12 Lê Lợi, Bến Thành")
    near = send(client, {"lat": HERE["lat"] + 0.0002, "lon": HERE["lon"]}, "construction_against_permit")  # 22 m
    far = send(client, {"lat": HERE["lat"] + 0.0006, "lon": HERE["lon"]}, "construction_without_permit")  # 66 m
    address = {"lat": HERE["lat"] + 0.0006, "lon": HERE["lon"] + 0.0001}
    same = send(client, address, "construction_without_permit", address="12  LE LOI, ben thanh")
    send(client, category="fallen_tree")
    found = browser("phuong-nay").get(f"/area/{WARD}/incidents/{first}.json").json["buildings"]
    assert {each["code"]: each["same_address"] for each in found} == {near: False, same: True}
    assert far not in str(found)
    # The officer sees the house, the public somewhere around it.
    listed = browser("phuong-nay").get(f"/area/{WARD}/incidents.json").json["incidents"]
    place = next(each["at"] for each in listed if each["code"] == first)
    assert place == [pytest.approx(HERE["lon"]), pytest.approx(HERE["lat"])]
    shown = client.get(f"/api/v1/reports/{first}").json["location"]
    assert (shown["lon"], shown["lat"]) != (HERE["lon"], HERE["lat"])
    assert next(each["metres"] for each in found if each["code"] == near) in range(20, 25)


def test_the_day_beside_last_week_and_the_usual(client, browser) -> None:
    codes = [send(client) for _ in range(8)]
    hours = browser("phuong-nay").get(f"/area/{WARD}/day.json").json
    assert (sum(hours["today"]), hours["so_far"], hours["usual"], hours["weeks"]) == (8, 8, None, 0)
    with transaction(OPERATOR) as connection:
        # One a week before, two of them a week ago; and the first of all nine weeks ago.
        for weeks, code in zip((1, 1, 2, 3, 4, 5, 9), codes, strict=False):
            connection.execute(
                text("UPDATE public_report SET reported_at = reported_at - make_interval(weeks => :w) WHERE code = :c"),
                {"w": weeks, "c": code},
            )
    hours = browser("phuong-nay").get(f"/area/{WARD}/day.json").json
    assert (sum(hours["today"]), sum(hours["before"]), hours["before_so_far"], hours["weeks"]) == (1, 2, 2, 8)
    assert sum(hours["usual"]) == pytest.approx(6 / 8)
    assert hours["today"].index(1) == hours["before"].index(2) == hours["hour"] or hours["hour"] == 0
    assert {event["code"] for event in hours["events"]} == set(codes)


def test_the_city_says_how_many_times_the_usual_or_that_it_does_not_know(client, browser) -> None:
    me = browser("thanh-pho")
    codes = [send(client) for _ in range(6)] + [send(client, THERE)]
    rate = me.get("/area/79/rate.json").json
    assert (rate["all"]["n"], rate["all"]["factor"], rate["weeks"], rate["storm"]) == (7, None, 0, False)
    assert [place["n"] for place in rate["wards"]] == [6, 1] and rate["wards"][0]["code"] == WARD
    assert rate["wards"][0]["factor"] is None and sum(rate["all"]["bins"]) == 7
    assert rate["districts"][0]["code"] == "760"
    with transaction(OPERATOR) as connection:
        for weeks, code in zip((1, 2, 9), codes, strict=False):
            connection.execute(
                text("UPDATE public_report SET reported_at = reported_at - make_interval(weeks => :w) WHERE code = :c"),
                {"w": weeks, "c": code},
            )
    rate = me.get("/area/79/rate.json").json
    assert (rate["all"]["n"], rate["all"]["usual"], rate["weeks"]) == (4, 0.25, 8)
    assert rate["all"]["factor"] == pytest.approx(16)
    assert rate["wards"][1]["factor"] == pytest.approx(1 / 0.2), "a quiet ward counts as one report in five hours"
    film = me.get("/area/79/minutes.json").json
    assert len(film["points"]) == 4 and film["minutes"] == 60 and all(58 <= point[0] <= 60 for point in film["points"])
    day = me.get("/area/79/minutes.json?day=2026-01-05").json
    assert (day["points"], day["minutes"], day["since"]) == ([], 1440, "2026-01-05T00:00:00+07:00")
    assert me.get("/area/79/minutes.json?day=gestern").status_code == 400
    assert me.get(f"/area/{WARD}/rate.json").status_code == 404


def test_a_walls_key_shows_one_area_until_it_is_taken_away(client, browser, application) -> None:
    code = send(client, description="Canary kể chuyện riêng", address="7 Canary")
    admin = browser("quan-tri")
    token = logins.token(admin, "/admin/walls")
    form = {"csrf_token": token, "area": f"ward:{WARD}", "label": "Phòng trực"}
    made = admin.post("/admin/walls", data=form, headers=logins.ORIGIN)
    secret = re.search(r"wall#([\w-]{40,})", made.text)[1]
    assert secret not in admin.get("/admin/walls").text, "it is shown once"
    with transaction(OPERATOR) as connection:
        assert secret not in str(connection.execute(text("SELECT * FROM wall_key")).all())
        assert secret not in str(connection.execute(text("SELECT data FROM event")).all())
    screen = application.test_client()
    assert screen.get("/wall").status_code == 200 and screen.get("/wall/figures.json").status_code == 401
    assert screen.post("/wall/open", data={"key": secret + "x"}).status_code == 403
    assert screen.post("/wall/open", data={"key": secret}).status_code == 204
    figures = screen.get("/wall/figures.json")
    assert figures.json["counts"]["new"] == 1 and figures.json["incidents"][0]["code"] == code
    assert "Canary" not in figures.text and figures.json["area"]["name"] == "Phường Bến Thành"
    assert screen.get("/wall/outline.json").json["features"][0]["properties"] == {"part": "area"}
    # It opens nothing else.
    for path in (f"/area/{WARD}", f"/area/{WARD}/incidents.json", f"/area/{WARD}/incidents/{code}.json", "/admin"):
        assert screen.get(path).status_code in (303, 401), path
    key = int(re.search(r"/admin/walls/(\d+)/revoke", admin.get("/admin/walls").text)[1])
    token = logins.token(admin, "/admin/walls")
    assert (
        admin.post(f"/admin/walls/{key}/revoke", data={"csrf_token": token}, headers=logins.ORIGIN).status_code == 303
    )
    assert screen.get("/wall/figures.json").status_code == 401
    assert screen.post("/wall/open", data={"key": secret}).status_code == 403
    assert admin.post("/admin/walls", data=form | {"area": "ward:00000"}, headers=logins.ORIGIN).status_code == 422
    with transaction(wall_keys.SCREEN) as connection:
        for table in ("incident", "report", "person", "account", "event"):
            assert connection.execute(text(f"SELECT count(*) FROM {table}")).scalar() == 0, table


def test_a_route_sheet_holds_each_stop_once_in_a_short_order(client, browser) -> None:
    codes = [send(client, {"lat": HERE["lat"] + step * 0.0004, "lon": HERE["lon"]}) for step in (2, 0, 3, 1)]
    me = browser("phuong-nay")
    page = me.get(f"/area/{WARD}/route").text
    numbers = re.findall(r'name="(\w+)\.done"', page)
    assert sorted(numbers) == sorted(codes)
    in_order = [codes[1], codes[3], codes[0], codes[2]]
    assert numbers in (in_order, in_order[::-1])
    assert "<script>" not in page and " style=" not in page
    assert len(re.findall(r'name="(\w+)\.done"', me.get(f"/area/{WARD}/route?n=2").text)) == 2
    only = me.get(f"/area/{WARD}/route?codes={codes[0]},XXXXXX").text
    assert re.findall(r'name="(\w+)\.done"', only) == [codes[0]]
    empty = browser("phuong-kia")
    with transaction(OPERATOR) as connection:
        code = connection.execute(
            text("SELECT area.code FROM account JOIN area ON area.id = area_id WHERE username = 'phuong-kia'")
        )
        there = code.scalar_one()
    assert "Hôm nay không có điểm nào cần đi." in empty.get(f"/area/{there}/route").text


def test_the_list_of_an_area_is_found_by_its_index(client, city) -> None:
    with transaction(OPERATOR) as connection:
        index = areas.current(connection)
        scope = watch.Scope.of(index.area(logins.area(WARD, "ward")), index)
        assert scope.ward_id and not scope.district_id and not scope.area_id
        former = index.by_code("760", "district")
        assert watch.Scope.of(former, index) == watch.Scope(district_id=former.id)
        assert watch.Scope.of(index.by_code("79", "city"), index) == watch.Scope()

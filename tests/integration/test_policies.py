"""Row-level security holds by itself: direct SQL as the application's role, table by table, from the catalogue."""

from __future__ import annotations

import json
import re
from typing import Any

import psycopg
import pytest
from sqlalchemy import Connection, exc, text

from database.engine import OPERATOR, PUBLIC, WORKER, Context, engine, read, transaction
from incidents.record.events import NewEvent, write
from incidents.record.sequencer import run_once

EVERYBODYS = {
    *("area", "area_link", "reference_version", "field", "category", "unit", "responsibility", "deadline_rule"),
    *("basemap", "seal", "public_incident", "public_report"),
    *("gazetteer_source", "gazetteer_entry", "gazetteer_copy", "gazetteer_correction"),
}
"""What is read without a context too; everything else shows nothing then."""
SCHEDULED = (
    "INSERT INTO analysis_schedule (saved_id, parameters, started_at) SELECT id, 'x', app_now() FROM saved_analysis",
    "INSERT INTO analysis_run (schedule_id, due_on, question, analysis_id) "
    "SELECT id, '2026-11-01', 'x', 1 FROM analysis_schedule",
    "INSERT INTO hot_place (run_id, letter, name, ward, n, cells, z, peak, outline) "
    "SELECT id, 'A', 'x', 'x', 1, 1, 1, ST_SetSRID(ST_MakePoint(106.7, 10.8), 4326), "
    "ST_Multi(ST_MakeEnvelope(106.7, 10.8, 106.71, 10.81, 4326)) FROM analysis_run",
    "INSERT INTO analysis_subscription (schedule_id, account_id) "
    "SELECT id, (SELECT min(id) FROM account) FROM analysis_schedule",
    "INSERT INTO hot_notice (run_id, account_id) SELECT id, (SELECT min(id) FROM account) FROM analysis_run",
)


@pytest.fixture
def city(client, empty_database, tmp_path) -> str:
    """Reports of two units in two wards, one with a reporter; an account, a session, a kept answer, seals."""
    for lat, lon, category, key in (
        (10.7725, 106.6980, "fallen_tree", "one"),
        (10.8480, 106.7720, "road_subsidence", "two"),
        (10.8480, 106.7721, "burst_pipe", ""),
    ):
        body = {"channel": "web", "category": category, "description": "đổ", "lat": lat, "lon": lon}
        body["reporter"] = {"name": "Nguyễn Thị Canary", "phone": "0908123456"}
        headers = {"Idempotency-Key": key} if key else {}
        assert client.post("/api/v1/reports", json=body, headers=headers).status_code == 201
    with transaction(OPERATOR) as connection:
        connection.execute(
            text(
                "INSERT INTO account (username, password_hash, roles, unit_id) "
                "SELECT 'tho', 'x', '{unit}', min(unit_id) FROM incident"
            )
        )
        connection.execute(
            text("INSERT INTO account_session (id, account_id, expires_at) SELECT 'x', id, app_now() FROM account")
        )
        connection.execute(
            text(
                "INSERT INTO gazetteer_correction (key, geom) VALUES ('x', ST_SetSRID(ST_MakePoint(106.7, 10.8), 4326))"
            )
        )
        connection.execute(text("INSERT INTO login_attempt VALUES ('x', 1, now())"))
        connection.execute(
            text("INSERT INTO objection (incident_id, actor, reason) SELECT id, 'operator', 'other' FROM incident")
        )
        connection.execute(
            text("INSERT INTO wall_key (hash, area_id, label) SELECT 'x', min(ward_id), 'tường' FROM incident")
        )
        connection.execute(text("INSERT INTO step SELECT id, 'rule', 1, app_now() FROM incident"))
        connection.execute(text("INSERT INTO record_cursor VALUES ('someone', 1)"))
        connection.execute(text("INSERT INTO analysis (id, hash, parameters) VALUES (1, 'x', 'cell_m=500')"))
        connection.execute(text("INSERT INTO analysis_result VALUES (1, 'cells', 'x')"))
        connection.execute(
            text("INSERT INTO saved_analysis (analysis_id, name, saved_by) SELECT 1, 'x', min(id) FROM account")
        )
        for statement in SCHEDULED:
            connection.execute(text(statement))
        connection.execute(text("INSERT INTO report_place (report_id, until) SELECT id, app_now() FROM report"))
        connection.execute(
            text("INSERT INTO photo (report_id, sha256, width, height) SELECT id, 'ab', 1, 1 FROM report")
        )
    with transaction(WORKER) as connection:
        assert run_once(connection, tmp_path / "record.head") == 3
    return empty_database


def tables(connection: Connection) -> dict[str, Any]:
    """Every table of the application's, from the catalogue."""
    found = connection.execute(
        text(
            "SELECT c.relname, c.relrowsecurity AND c.relforcerowsecurity AS forced, "
            "obj_description(c.oid, 'pg_class') AS said, "
            "(SELECT count(*) FROM pg_policy p WHERE p.polrelid = c.oid) AS rules "
            "FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace "
            "WHERE n.nspname = 'public' AND c.relkind IN ('r', 'p') AND pg_get_userbyid(c.relowner) = 'hotline_owner'"
        )
    )
    return {row.relname: row for row in found}


@pytest.mark.usefixtures("database_url")
def test_every_table_has_a_rule_or_a_stated_reason() -> None:
    with transaction(OPERATOR) as connection:
        found = tables(connection)
    assert len(found) > 25
    for name, row in found.items():
        stated = (row.said or "").startswith("No row-level security: ")
        assert (row.forced and row.rules) or stated, f"{name}: add its rules to database/policies.sql"


def test_without_a_context_nothing_is_seen_and_nothing_written(city) -> None:
    with psycopg.connect(city) as owner, engine("app").connect() as app:
        found = tables(app)
        app.rollback()
        secured = [name for name, row in found.items() if row.forced]
        for name in secured:
            line = owner.execute(f"SELECT to_jsonb(t) FROM {name} t LIMIT 1").fetchone()
            assert line is not None, f"{name} is empty: this test would say nothing about it"
            seen = app.execute(text(f"SELECT count(*) FROM {name}")).scalar()
            assert (seen > 0) if name in EVERYBODYS else (seen == 0), name
            first = next(iter(line[0]))
            for statement in (f"UPDATE {name} SET {first} = {first}", f"DELETE FROM {name}"):
                touched: Any = None
                try:
                    touched = app.execute(text(statement)).rowcount
                except exc.ProgrammingError as error:  # not granted at all
                    assert "permission denied" in str(error) or "can only be updated" in str(error)
                app.rollback()
                assert not touched, statement
            given = ", ".join(column for column in line[0] if column != "map_cell")  # which the database fills in
            with pytest.raises(exc.ProgrammingError, match="row-level security"):
                app.execute(
                    text(
                        f"INSERT INTO {name} ({given}) OVERRIDING SYSTEM VALUE "
                        f"SELECT {given} FROM jsonb_populate_record(NULL::{name}, CAST(:line AS jsonb))"
                    ),
                    {"line": json.dumps(line[0])},
                )
            app.rollback()


def test_nobody_reaches_what_is_granted_to_nobody(city) -> None:
    for role in ("app", "public"):
        with engine(role).connect() as connection:
            with pytest.raises(exc.ProgrammingError, match="permission denied"):
                connection.execute(text("SELECT * FROM rate_count"))


def member(role: str, **own: int) -> Context:
    return Context(actor="account:1", roles=frozenset({role}), unit_id=own.get("unit"), area_id=own.get("area"))


def one_of(column: str) -> tuple[int, int]:
    """An incident of one unit or area, chosen so that others have some too; the unit's or area's id with it."""
    with transaction(OPERATOR) as connection:
        row = connection.execute(
            text(f"SELECT id, {column} AS own FROM incident ORDER BY count(*) OVER (PARTITION BY {column}), id LIMIT 1")
        ).one()
        others = connection.execute(text(f"SELECT count(*) FROM incident WHERE {column} <> :own"), {"own": row.own})
        assert others.scalar()
    return row.id, row.own


@pytest.mark.parametrize(
    ("role", "column", "setting"),
    [("unit", "unit_id", "unit"), ("area", "ward_id", "area"), ("area", "district_id", "area")],
)
def test_members_see_their_own_and_nothing_else(city, role, column, setting) -> None:
    _, own = one_of(column)
    with transaction(OPERATOR) as connection:
        mine = set(connection.execute(text(f"SELECT id FROM incident WHERE {column} = :own"), {"own": own}).scalars())
        reports = set(
            connection.execute(
                text("SELECT id FROM report WHERE incident_id = ANY(:mine)"), {"mine": list(mine)}
            ).scalars()
        )
        catalogue = tables(connection)
        columns = {
            name: set(
                connection.execute(
                    text("SELECT column_name FROM information_schema.columns WHERE table_name = :name"), {"name": name}
                ).scalars()
            )
            for name in catalogue
        }
    with transaction(member(role, **{setting: own})) as connection:
        assert set(connection.execute(text("SELECT id FROM incident")).scalars()) == mine
        assert set(connection.execute(text("SELECT id FROM report")).scalars()) == reports
        for name, row in catalogue.items():
            if not row.forced or name in EVERYBODYS:
                continue
            if "incident_id" in columns[name]:
                seen = set(connection.execute(text(f"SELECT incident_id FROM {name}")).scalars())
                assert seen == mine, name
            elif "report_id" in columns[name]:
                seen = set(connection.execute(text(f"SELECT report_id FROM {name}")).scalars())
                assert seen == reports, name
        for name in ("person", "login_attempt", "idempotency", "record_cursor"):
            assert connection.execute(text(f"SELECT count(*) FROM {name}")).scalar() == 0, name


def test_an_area_is_also_seen_by_the_boundaries_of_today(city) -> None:
    with transaction(OPERATOR) as connection:
        incident, today = connection.execute(text("SELECT id, now_ward_id FROM public_incident LIMIT 1")).one()
        connection.execute(text("UPDATE incident SET ward_id = NULL, district_id = NULL"))
    with transaction(member("area", area=today)) as connection:
        assert incident in set(connection.execute(text("SELECT id FROM incident")).scalars())
        assert connection.execute(text("SELECT count(*) FROM incident")).scalar() < 3


def test_an_officer_of_the_city_sees_every_incident_and_no_person(city) -> None:
    with transaction(OPERATOR) as connection:
        whole = connection.execute(text("SELECT id FROM area WHERE level = 'city'")).scalar()
    with transaction(member("area", area=whole)) as connection:
        assert connection.execute(text("SELECT count(*) FROM report")).scalar() == 3
        assert connection.execute(text("SELECT count(*) FROM person")).scalar() == 0


def test_who_handles_all_sees_all_and_planners_no_person_and_no_text(city) -> None:
    for role in ("call_taker", "administrator"):
        with transaction(member(role)) as connection:
            assert connection.execute(text("SELECT count(*) FROM report")).scalar() == 3
            assert connection.execute(text("SELECT count(*) FROM person")).scalar() == 3
    with transaction(member("planner")) as connection:
        assert connection.execute(text("SELECT count(*) FROM incident")).scalar() == 3
        for name in ("person", "report", "photo", "report_place"):
            assert connection.execute(text(f"SELECT count(*) FROM {name}")).scalar() == 0, name


def test_a_role_without_its_unit_or_area_sees_nothing(city) -> None:
    for role in ("unit", "area"):
        with transaction(Context(actor="account:1", roles=frozenset({role}))) as connection:
            assert connection.execute(text("SELECT count(*) FROM incident")).scalar() == 0
    # A unit's number without the role is no key either.
    _, own = one_of("unit_id")
    with transaction(Context(actor="account:1", roles=frozenset({"area"}), unit_id=own)) as connection:
        assert connection.execute(text("SELECT count(*) FROM incident")).scalar() == 0


def test_the_public_context_writes_reports_and_reads_none(city) -> None:
    with transaction(PUBLIC) as connection:
        for name in ("incident", "report", "person", "event", "account", "assignment"):
            assert connection.execute(text(f"SELECT count(*) FROM {name}")).scalar() == 0, name
        assert connection.execute(text("UPDATE public_report SET description = 'x'")).rowcount == 0


def test_a_unit_writes_to_the_record_in_its_own_name_and_about_its_own(city) -> None:
    mine, own = one_of("unit_id")
    unit = member("unit", unit=own)
    with transaction(OPERATOR) as connection:
        other = connection.execute(
            text("SELECT id FROM incident WHERE unit_id <> :own LIMIT 1"), {"own": own}
        ).scalar_one()
    with transaction(unit) as connection:
        write(connection, [NewEvent(kind="incident.status_changed", actor="account:1", incident_id=mine)])
    for actor, incident in (("account:2", mine), ("account:1", other)):
        with pytest.raises(exc.ProgrammingError, match="row-level security"):
            with transaction(unit) as connection:
                write(connection, [NewEvent(kind="incident.status_changed", actor=actor, incident_id=incident)])
    with transaction(unit) as connection:
        assert connection.execute(text("UPDATE incident SET status = 'accepted'")).rowcount == 1
        assert connection.execute(text("UPDATE report SET moderation = 'released'")).rowcount == 0


def test_an_account_does_not_change_its_own_rights(city) -> None:
    with transaction(OPERATOR) as connection:
        number = connection.execute(text("SELECT id FROM account")).scalar_one()
    own = Context(actor=f"account:{number}", roles=frozenset({"unit"}), unit_id=1)
    with transaction(own) as connection:
        assert connection.execute(text("UPDATE account SET password_hash = 'y'")).rowcount == 1
    for change in ("roles = '{administrator}', unit_id = NULL", "unit_id = unit_id + 1", "username = 'other'"):
        with pytest.raises(exc.ProgrammingError, match="does not change its own rights"):
            with transaction(own) as connection:
                connection.execute(text(f"UPDATE account SET {change}"))
    with transaction(Context(actor="account:0", roles=frozenset({"unit"}))) as connection:
        assert connection.execute(text("SELECT count(*) FROM account")).scalar() == 0


def test_the_stream_reads_what_is_passed_on_and_no_look_at_a_person(city) -> None:
    with transaction(OPERATOR) as connection:
        write(connection, [NewEvent(kind="person.seen", actor="account:1", report_id=1)])
    with read() as connection:
        kinds = set(connection.execute(text("SELECT kind FROM event")).scalars())
    assert kinds == {"report.received"}


MANY = """
INSERT INTO incident (code, status, unit_id, opened_at, updated_at)
SELECT 'X' || n, 'assigned', (SELECT id FROM unit ORDER BY id OFFSET n % 80 LIMIT 1), now(), now()
FROM generate_series(1, 20000) AS n;
INSERT INTO report (code, incident_id, channel, reported_at)
SELECT code, id, 'web', now() FROM incident WHERE code LIKE 'X%';
CREATE TEMPORARY TABLE place AS
SELECT code, ST_SetSRID(ST_MakePoint(106.4 + random() * 0.6, 10.4 + random() * 0.7), 4326) AS p
FROM incident WHERE code LIKE 'X%';
INSERT INTO public_incident (id, code, status, unit_id, updated_at, geom, geom_3857, kind, hero, urgency, opened_at)
SELECT id, code, status, unit_id, now(), p, ST_Transform(p, 3857), 'tree', 'tree', 'normal', now()
FROM incident JOIN place USING (code);
INSERT INTO public_report (id, code, status, unit_id, updated_at, geom, geom_3857, incident_id, incident_code, channel,
                           reported_at)
SELECT id, code, 'assigned', 1, now(), p, ST_Transform(p, 3857), incident_id, code, 'web', now()
FROM report JOIN place USING (code);
"""
"""Tables large enough for an index to be worth it."""


@pytest.fixture
def many(city) -> str:
    with psycopg.connect(city) as owner:
        owner.execute(MANY)
        owner.commit()
        owner.execute("ANALYZE incident, report, public_incident, public_report")
    return city


@pytest.mark.parametrize("role", ["public", "app"])
def test_public_tiles_lists_and_feeds_use_the_spatial_index(many, role) -> None:
    """Also as the application's role, whose rules must not come before `&&`."""
    from incidents import public
    from webmap import tiles

    asked: dict[str, Any] = dict.fromkeys(
        ("fields", "categories", "statuses", "since", "until", "area_id", "before_at", "before_id", "states", "kinds")
    )
    asked |= {
        "west": 106.70,
        "south": 10.77,
        "east": 106.702,
        "north": 10.772,
        "limit": 100,
        "offset": 0,
        "level": 13,
        "apart": 3,
    }
    asked |= {"z": 16, "x": 52189, "y": 30797, "now": "2026-11-24T00:00:00Z"}
    queries = {
        "list of incidents": public.Q["incident_list"],
        "counts of incidents": public.Q["incident_counts"],
        "list of reports, the feeds'": public.Q["report_list"],
        "tile of incidents": tiles.Q["incidents_gathered"],
        "tile of reports": tiles.Q["reports_gathered"],
    }
    with engine(role).connect() as connection:
        for what, query in queries.items():
            given = {name: asked[name] for name in query.compile().params}
            plan = "\n".join(connection.execute(text(f"EXPLAIN {query.text}"), given).scalars())
            assert re.search(r"Index Cond: \((\w+\.)?geom_3857 &&", plan), f"{what}:\n{plan}"


def test_duplicates_and_neighbours_are_found_by_the_spatial_index(many) -> None:
    from incidents import duplicates, watch

    point = '[{"pos": 0, "lon": 106.701, "lat": 10.771, "kind": "x", "metres": 100}]'
    since, now = "2026-11-01T00:00:00Z", "2026-11-24T00:00:00Z"
    asked = {
        duplicates.Q["likely_duplicates"]: {"points": point, "since": since, "limit": 3},
        watch.Q["beyond"]: {"id": 2, "degrees": 0.001, "now": now},
        watch.Q["buildings_near"]: {"incident_id": 7, "metres": 50, "now": now},
    }
    with transaction(OPERATOR) as connection:
        for query, given in asked.items():
            plan = "\n".join(connection.execute(text(f"EXPLAIN {query.text}"), given).scalars())
            assert re.search(r"Index Cond: \((\w+\.)?geom_3857 &&", plan), plan


def test_staff_queries_go_by_unit_first(many) -> None:
    with transaction(OPERATOR) as connection:
        unit = connection.execute(text("SELECT unit_id FROM incident WHERE code = 'X7'")).scalar_one()
    asked = "EXPLAIN SELECT * FROM incident WHERE unit_id = :unit AND status = 'assigned'"
    with transaction(member("unit", unit=unit)) as connection:
        plan = "\n".join(connection.execute(text(asked), {"unit": unit}).scalars())
    assert "incident_unit" in plan, plan

"""The engine, its context, the roles and the reference loader on a real PostGIS."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import psycopg
import pytest
from sqlalchemy import exc, text

from database import clock, engine, migrate, reference
from database.errors import MigrationError
from database.settings import REPOSITORY
from incidents.drafts import Draft
from incidents.intake import receive

pytestmark = pytest.mark.usefixtures("database_url")


def test_a_transaction_carries_its_context_and_forgets_it_afterwards() -> None:
    context = engine.Context(actor="account:7", roles=frozenset({"unit", "area"}), unit_id=3)
    said = (
        "SELECT current_setting('hotline.actor', true), current_setting('hotline.roles', true), "
        "current_setting('hotline.unit_id', true), current_setting('hotline.area_id', true), current_user"
    )
    with engine.transaction(context) as connection:
        assert connection.execute(text(said)).one() == ("account:7", "area,unit", "3", "", "hotline_app")
    with engine.engine("app").connect() as connection:
        assert not any(connection.execute(text(said)).one()[:4])


def test_a_context_cannot_smuggle_sql() -> None:
    with engine.transaction(engine.Context(actor="'; DROP TABLE report; -- \\'")) as connection:
        assert (
            connection.execute(text("SELECT current_setting('hotline.actor')")).scalar()
            == "'; DROP TABLE report; -- \\'"
        )


def test_an_error_rolls_back() -> None:
    def broken() -> None:
        with engine.transaction(engine.OPERATOR) as connection:
            reference.load_once(connection, "broken", "1", lambda c: c.execute(text("SELECT 1 / 0")))

    with pytest.raises(exc.DataError):
        broken()
    with engine.transaction(engine.OPERATOR) as connection:
        assert "broken" not in reference.versions(connection)


@pytest.mark.parametrize(
    "statement",
    [
        "SELECT * FROM person",
        "SELECT * FROM report",
        "SELECT * FROM unit_contact",
        "DELETE FROM public_report",
        "SELECT * FROM account",
    ],
)
def test_public_reads_the_read_model_alone(statement: str) -> None:
    with engine.read() as connection, pytest.raises(exc.DBAPIError):
        connection.execute(text(statement))


def test_events_are_insert_only_even_for_the_owner(owner_connection) -> None:
    owner_connection.execute(text("INSERT INTO event (kind, actor) VALUES ('test', 'test')"))
    with pytest.raises(exc.DBAPIError, match="insert-only"):
        owner_connection.execute(text("UPDATE event SET kind = 'other'"))


def test_a_frozen_clock_holds_in_python_and_in_sql() -> None:
    at = datetime(2020, 2, 29, 12, 30, tzinfo=UTC)
    with clock.frozen(at), engine.read() as connection:
        assert clock.now() == at
        assert connection.execute(text("SELECT app_now()")).scalar() == at
    with engine.read() as connection:
        passed = clock.now() - connection.execute(text("SELECT app_now()")).scalar()
        assert abs(passed.total_seconds()) < 5


def test_reference_data_load_once_and_again_when_they_change(app_connection) -> None:
    ran: list[str] = []

    def load(checksum: str) -> bool:
        return reference.load_once(app_connection, "a set", checksum, lambda c: ran.append(checksum))

    assert [load("1"), load("1"), load("2"), load("2")] == [True, False, True, False]
    assert ran == ["1", "2"]
    assert reference.versions(app_connection)["a set"] == 2


def test_upgrading_again_changes_nothing() -> None:
    said: list[str] = []
    migrate.upgrade(said.append)
    assert said == []
    with engine.transaction(engine.OPERATOR) as connection:
        assert migrate.revision(connection) == migrate.head()


def test_the_owner_owns_what_the_migration_made_and_bypasses_policies(owner_connection) -> None:
    strangers = (
        owner_connection.execute(
            text("SELECT tablename FROM pg_tables WHERE schemaname = 'public' AND tableowner <> 'hotline_owner'")
        )
        .scalars()
        .all()
    )
    assert strangers == ["spatial_ref_sys"]
    assert owner_connection.execute(
        text("SELECT current_user, rolbypassrls, rolsuper FROM pg_roles WHERE rolname = current_user")
    ).one() == ("hotline_owner", True, False)


def test_a_connection_that_the_server_ended_is_not_handed_out(owner_connection) -> None:
    with engine.engine("app").connect() as connection:
        process = connection.execute(text("SELECT pg_backend_pid()")).scalar()
    with engine.engine("public").connect():
        owner_connection.execute(text("RESET ROLE"))
        owner_connection.execute(text("SELECT pg_terminate_backend(:process, 5000)"), {"process": process})
    for _ in range(engine.POOL_SIZE):
        with engine.transaction(engine.OPERATOR) as connection:
            assert connection.execute(text("SELECT pg_backend_pid()")).scalar() != process


def test_vietnamese_names_sort_as_in_a_dictionary(app_connection) -> None:
    names = (
        app_connection.execute(
            text(
                "SELECT name FROM unnest(ARRAY['Đa Kao', 'Ea', 'Dĩ An', 'Ăn', 'An', 'Bà']) name "
                "ORDER BY name COLLATE vietnamese"
            )
        )
        .scalars()
        .all()
    )
    assert names == ["An", "Ăn", "Bà", "Dĩ An", "Đa Kao", "Ea"]


def test_revisions_are_their_files_numbers_in_one_line() -> None:
    from alembic.config import Config
    from alembic.script import ScriptDirectory

    config = Config()
    config.set_main_option("script_location", str(REPOSITORY / "database" / "migrations"))
    scripts = ScriptDirectory.from_config(config)
    assert scripts.get_heads() == [migrate.head()]
    for script in scripts.walk_revisions():
        assert Path(script.path).name.startswith(f"{script.revision}_")


def test_a_database_newer_than_the_code_is_refused(new_database, monkeypatch) -> None:
    monkeypatch.setenv("DATABASE_URL", new_database())
    with engine.engine("owner").begin() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    with pytest.raises(MigrationError, match="9999"):
        migrate.upgrade()


def test_an_empty_database_of_the_operator_is_brought_up(cluster, monkeypatch) -> None:
    with psycopg.connect(cluster.url("postgres", "postgres"), autocommit=True) as connection:
        connection.execute("CREATE DATABASE empty_of_the_operator")
    monkeypatch.setenv("DATABASE_URL", cluster.url("postgres", "empty_of_the_operator"))
    migrate.upgrade()
    with engine.read() as connection:
        assert migrate.revision(connection) == migrate.head()
        assert connection.execute(text("SELECT count(*) FROM public_report")).scalar() == 0


@pytest.mark.parametrize(
    ("table", "column", "value"),
    [
        ("incident", "category", "no_such"), ("incident", "field", "no_such"), ("incident", "unit_id", 10**9),
        ("incident", "ward_id", 10**9), ("incident", "district_id", 10**9), ("incident", "deadline_rule_id", 10**9),
        ("report", "incident_id", 10**9), ("report", "category", "no_such"), ("report", "ward_id", 10**9),
        ("report", "district_id", 10**9), ("assignment", "incident_id", 10**9), ("assignment", "unit_id", 10**9),
        ("assignment", "area_id", 10**9),
    ],
)  # fmt: skip
def test_a_report_refers_to_nothing_that_is_not_there(owner_connection, table, column, value) -> None:
    """Written or changed, among many or alone: the whole statement fails, as with a foreign key."""
    drafts = [Draft(channel="phone", category="fallen_tree", lon=106.70 + n / 1000, lat=10.78) for n in range(3)]
    receive(owner_connection, drafts, actor="test")
    with pytest.raises(exc.IntegrityError, match="refers to what is not there"), owner_connection.begin_nested():
        owner_connection.execute(
            text(f"UPDATE {table} SET {column} = :value WHERE id = (SELECT max(id) FROM {table})"), {"value": value}
        )
    columns = ", ".join(
        f"{name}" for name in owner_connection.execute(
            text("SELECT attname FROM pg_attribute WHERE attrelid = cast(:table AS regclass) AND attnum > 0 "
                 "AND NOT attisdropped AND attname NOT IN ('id', 'code', :column)"),
            {"table": table, "column": column},
        ).scalars()
    )  # fmt: skip
    fresh = ("code, ", "'X' || code, ") if table != "assignment" else ("", "")
    with pytest.raises(exc.IntegrityError, match="refers to what is not there"), owner_connection.begin_nested():
        owner_connection.execute(
            text(
                f"INSERT INTO {table} ({fresh[0]}{columns}, {column}) SELECT {fresh[1]}{columns}, :value FROM {table}"
            ),
            {"value": value},
        )


@pytest.mark.parametrize("table", ["area", "unit", "field", "category", "deadline_rule", "incident", "report"])
def test_what_reports_refer_to_is_never_deleted_and_keeps_its_key(owner_connection, table) -> None:
    receive(owner_connection, [Draft(channel="phone", category="fallen_tree", lon=106.7, lat=10.78)], actor="test")
    key = "code" if table in ("field", "category") else "id"
    for change in (f"DELETE FROM {table}", f"UPDATE {table} SET {key} = {key} {'|| 1' if key == 'code' else '+ 10^6'}"):
        with pytest.raises(exc.IntegrityError, match="never deleted"), owner_connection.begin_nested():
            owner_connection.execute(text(change))

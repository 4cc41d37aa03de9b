"""Fixtures: one private PostGIS a run, a migrated template with the reference data, a database each test process.

Real PostGIS and real Chromium, no mocks. `fsync` is off here and nowhere else.
"""

from __future__ import annotations

import fcntl
import os
import shutil
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import psycopg
import pytest
from playwright.sync_api import Browser, Page, expect, sync_playwright
from psycopg import sql
from sqlalchemy import Connection

from tests import sites

RUN = "HOTLINE_TEST_RUN"  # the folder of this run, shared by its processes
TEMPLATE = "hotline"
CHROMIUM_FLAGS = [
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
PATIENCE_MS = 30_000  # a machine with two cores, and several other tests on them
expect.set_options(timeout=PATIENCE_MS)
CALM = {"service_workers": "block"}  # what a worker fetches, a test cannot see; the worker's own test lets it in
KINDS = ("unit", "integration", "browser", "property", "faults")


def pytest_configure(config: pytest.Config) -> None:
    if not hasattr(config, "workerinput"):  # the process that people started; the workers inherit the folder
        folder = tempfile.mkdtemp(prefix="hotline-test-")
        os.chmod(folder, 0o755)  # the database's own user has to enter
        os.environ[RUN] = folder
        os.environ.update(DATA_DIR=f"{folder}/main", DEMO="off", RATE_LIMITS="off", SECRET_KEY="test " * 8)
        os.environ.pop("DATABASE_URL", None)


def pytest_unconfigure(config: pytest.Config) -> None:
    if not hasattr(config, "workerinput") and RUN in os.environ:
        shutil.rmtree(os.environ.pop(RUN), ignore_errors=True)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    here = Path(__file__).parent
    for item in items:
        kind = item.path.relative_to(here).parts[0] if item.path.is_relative_to(here) else ""
        if kind in KINDS:
            item.add_marker(getattr(pytest.mark, kind))
        if kind == "browser" or {"site", "chromium"} & set(getattr(item, "fixturenames", ())):
            item.add_marker(pytest.mark.xdist_group("site"))  # one running site serves them all


@pytest.fixture(scope="session")
def cluster() -> Iterator[object]:
    """This run's private PostGIS with the template database in it, shared by all processes of the run."""
    from database import embedded, settings
    from tests import template

    run = Path(os.environ[RUN])
    here = settings.current({**os.environ, "DATABASE_URL": "", "DATA_DIR": str(run / "main")})
    with (run / "template.lock").open("a") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not (run / "template.done").exists():
            template.prepare(here)
            (run / "template.done").touch()
    with embedded.hold(here, durable=False) as held:
        yield held


@pytest.fixture(scope="session")
def open_folder() -> Callable[[], Path]:
    """A function that makes a folder which the database's own user may enter (pytest's own are for one user)."""

    def make() -> Path:
        folder = Path(tempfile.mkdtemp(dir=os.environ[RUN]))
        folder.chmod(0o755)
        return folder

    return make


@pytest.fixture(scope="session")
def new_database(cluster):
    """A function that makes a fresh database out of the template and gives its DATABASE_URL."""
    number = iter(range(1000))

    def make() -> str:
        worker = os.environ.get("PYTEST_XDIST_WORKER", "main")
        name = f"test_{worker}_{next(number)}"
        with psycopg.connect(cluster.url("postgres", "postgres"), autocommit=True) as connection:
            connection.execute("SELECT pg_advisory_lock(1022)")  # one copy of the template at a time
            connection.execute(
                sql.SQL("CREATE DATABASE {} TEMPLATE {} OWNER hotline_owner STRATEGY file_copy").format(
                    sql.Identifier(name), sql.Identifier(TEMPLATE)
                )
            )
        return cluster.url("postgres", name)

    return make


@pytest.fixture(scope="session")
def database_url(new_database, tmp_path_factory) -> Iterator[str]:
    """This process's own database, and the environment that points the application at it."""
    from database import engine

    url = new_database()
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("DATABASE_URL", url)
        patch.setenv("DATA_DIR", str(tmp_path_factory.mktemp("data")))
        yield url
        engine.dispose()


@pytest.fixture
def app_connection(database_url) -> Iterator[Connection]:
    """A connection as the app with an operator's context; all of it is rolled back."""
    from database import engine

    with engine.engine("app").connect() as connection:
        connection = connection.execution_options(hotline_context=engine.OPERATOR)
        with connection.begin() as transaction:
            yield connection
            if transaction.is_active:
                transaction.rollback()


@pytest.fixture
def owner_connection(database_url) -> Iterator[Connection]:
    """A connection as the owner; all of it is rolled back."""
    from database import engine

    with engine.engine("owner").connect() as connection, connection.begin() as transaction:
        yield connection
        if transaction.is_active:
            transaction.rollback()


@pytest.fixture
def empty_database(database_url) -> str:
    """The reference data and nothing else: every report, event and public row taken out, committed."""
    return _emptied(database_url)


@pytest.fixture(scope="module")
def empty_database_once(database_url) -> str:
    """The same, once for a module whose tests only read what its own fixture puts in."""
    return _emptied(database_url)


@pytest.fixture(scope="module")
def left_empty(database_url) -> Iterator[None]:
    """For a module that writes rows which no report made: the next module finds none of them under its numbers."""
    yield
    _emptied(database_url)


def _emptied(database_url: str) -> str:
    with psycopg.connect(database_url) as connection:
        connection.execute("SET session_replication_role = replica")  # past the insert-only triggers
        connection.execute(
            "TRUNCATE event, seal, record_cursor, step, report, incident, report_place, assignment, "
            "photo, idempotency, public_report, public_incident, person, account, account_session, login_attempt "
            "RESTART IDENTITY CASCADE"
        )
    return database_url


@pytest.fixture(scope="session")
def application(database_url):
    """The Flask application on this process's database."""
    from app import create_app

    return create_app()


@pytest.fixture
def client(application):
    """A Flask test client; what it posts is committed (take `empty_database` with it to start from nothing)."""
    return application.test_client()


@pytest.fixture(scope="session")
def site(new_database, tmp_path_factory) -> Iterator[sites.Site]:
    """A real running site with the reference data and no report, one for all tests that take it."""
    with sites.running(tmp_path_factory.mktemp("site"), DATABASE_URL=new_database()) as running:
        yield running


@pytest.fixture(scope="session")
def chromium() -> Iterator[Browser]:
    """A real Chromium, headless."""
    program = os.environ.get("CHROMIUM") or shutil.which("chromium") or shutil.which("google-chrome")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=program, headless=True, args=CHROMIUM_FLAGS)
        yield browser
        browser.close()


@pytest.fixture
def open_page(chromium, site) -> Iterator[Callable[..., Page]]:
    """A function that opens a page in a context of its own (`open_page(viewport={…}, locale="vi-VN")`).

    At the end no page may have asked another machine for anything, nor written an error to its console; a test that
    provokes one takes it out of `page.errors`.
    """
    contexts, pages = [], []

    def make(**options: Any) -> Page:
        context = chromium.new_context(base_url=site.url, **{"locale": "vi-VN", **CALM, **options})
        context.set_default_timeout(PATIENCE_MS)
        page = context.new_page()
        page.errors, page.strangers = [], []
        page.on("console", lambda said: page.errors.append(said.text) if said.type == "error" else None)
        page.on("pageerror", lambda error: page.errors.append(str(error)))
        page.on("request", lambda sent: None if _is_local(sent.url) else page.strangers.append(sent.url))
        contexts.append(context)
        pages.append(page)
        return page

    yield make
    found = [(page.strangers, page.errors) for page in pages]
    for context in contexts:
        context.close()
    assert all(not strangers and not errors for strangers, errors in found), found


@pytest.fixture
def browser_page(open_page) -> Page:
    """One page, 1440 × 900."""
    return open_page(viewport={"width": 1440, "height": 900})


def _is_local(url: str) -> bool:
    return url.startswith(("http://127.0.0.1:", "data:", "blob:", "about:"))

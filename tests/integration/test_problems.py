"""Errors in the shape that their caller reads: a page for a person, problem+json for a program."""

from __future__ import annotations

import pytest
import sqlalchemy.exc

HTML = {"Accept": "text/html,application/xhtml+xml"}


def test_a_person_sees_a_page_and_a_program_reads_json(client) -> None:
    page = client.get("/no-such-page", headers=HTML)
    assert page.status_code == 404 and page.mimetype == "text/html"
    assert "Không có trang này" in page.get_data(as_text=True)
    program = client.get("/api/v1/no-such-address", headers=HTML)
    assert program.status_code == 404 and program.mimetype == "application/problem+json"


@pytest.mark.parametrize(
    ("address", "kind"), [("/r/222222", "text/html"), ("/api/v1/fields", "application/problem+json")]
)
def test_a_database_that_is_away_is_503_with_retry_after(client, monkeypatch, address, kind) -> None:
    from database import engine

    def away(*_: object):
        raise sqlalchemy.exc.OperationalError("connect", None, Exception("no server"))

    monkeypatch.setattr(engine, "engine", away)
    answer = client.get(address, headers=HTML)
    assert answer.status_code == 503
    assert answer.mimetype == kind
    assert answer.headers["Retry-After"] == "5"
    assert "no server" not in answer.get_data(as_text=True)


def test_wrong_methods_are_named(client) -> None:
    answer = client.delete("/api/v1/reports")
    assert answer.status_code == 405 and answer.json["title"] == "Method not allowed"

"""Rate limits: floods are stopped, crowds are not, and all processes count together."""

from __future__ import annotations

import dataclasses

import limits
import pytest
from sqlalchemy import text

from database.engine import engine
from tests import logins
from webmap import callers
from webmap import limits as rate_limits

REPORT = {"channel": "web", "category": "fallen_tree", "lat": 10.7725, "lon": 106.6980}


@pytest.fixture
def limited(empty_database, monkeypatch):
    """A site with limits, as it is without the demo; a function that makes another of its processes."""
    from app import create_app
    from database import settings

    monkeypatch.setenv("RATE_LIMITS", "on")
    with engine("owner").begin() as connection:
        connection.execute(text("TRUNCATE rate_count"))

    def make(*, demo: bool = False):
        app = create_app()
        app.config["SETTINGS"] = dataclasses.replace(settings.current(), demo=demo)
        return app.test_client()

    return make


def from_outside(address: str) -> dict[str, str]:
    return {"X-Forwarded-For": f"10.9.9.9, {address}"}


def test_a_thousand_reports_of_one_neighbourhood_come_in_and_a_flood_does_not(limited) -> None:
    client = limited()
    client.application.view_functions["reports.send"] = lambda: ("taken", 201)
    statuses = [client.post("/api/v1/reports", json=REPORT, headers=from_outside("203.0.113.7")).status_code
                for _ in range(1000)]  # fmt: skip
    assert set(statuses) == {201}
    for _ in range(500):
        client.post("/api/v1/reports", json=REPORT, headers=from_outside("203.0.113.7"))
    refused = client.post("/api/v1/reports", json=REPORT, headers=from_outside("203.0.113.7"))
    assert refused.status_code == 429 and refused.mimetype == "application/problem+json"
    assert 0 < int(refused.headers["Retry-After"]) <= 600
    assert client.post("/api/v1/reports", json=REPORT, headers=from_outside("203.0.113.8")).status_code == 201


def test_processes_count_together(limited, monkeypatch) -> None:
    monkeypatch.setitem(rate_limits.LIMITED, "reports.send", ("report", (limits.parse("3 per minute"),)))
    one, other = limited(), limited()
    headers = from_outside("203.0.113.9")
    statuses = [each.post("/api/v1/reports", json=REPORT, headers=headers).status_code for each in (one, other) * 2]
    assert statuses == [201, 201, 201, 429]


def test_a_window_ends(limited, monkeypatch) -> None:
    monkeypatch.setitem(rate_limits.LIMITED, "reports.send", ("report", (limits.parse("1 per minute"),)))
    client = limited()
    headers = from_outside("203.0.113.10")
    assert client.post("/api/v1/reports", json=REPORT, headers=headers).status_code == 201
    assert client.post("/api/v1/reports", json=REPORT, headers=headers).status_code == 429
    with engine("owner").begin() as connection:
        connection.execute(text("UPDATE rate_count SET ends_at = ends_at - interval '1 minute'"))
    assert client.post("/api/v1/reports", json=REPORT, headers=headers).status_code == 201


def test_in_the_demo_the_machine_itself_may_post_a_hundred_a_second(limited, monkeypatch) -> None:
    monkeypatch.setitem(rate_limits.LIMITED, "reports.send", ("report", (limits.parse("1 per minute"),)))
    client = limited(demo=True)
    client.application.view_functions["reports.send"] = lambda: ("taken", 201)
    assert {client.post("/api/v1/reports", json=REPORT).status_code for _ in range(300)} == {201}
    headers = from_outside("203.0.113.11")  # through a proxy it is somebody else
    assert [client.post("/api/v1/reports", json=REPORT, headers=headers).status_code for _ in range(2)] == [201, 429]


def test_log_ins_of_an_address_are_limited_too(limited, monkeypatch) -> None:
    monkeypatch.setitem(rate_limits.LIMITED, "login.log_in", ("login", (limits.parse("3 per minute"),)))
    client = limited()
    for _ in range(3):
        assert logins.log_in(client, "khong-co-ai").status_code == 401
    refused = logins.log_in(client, "khong-co-ai")
    assert refused.status_code == 429 and "Retry-After" in refused.headers
    assert client.get("/login").status_code == 200


def test_the_address_that_counts(application) -> None:
    def counted(peer: str, **headers: str) -> tuple[str, bool]:
        sent = {name.replace("_", "-"): value for name, value in headers.items()}
        with application.test_request_context(headers=sent, environ_base={"REMOTE_ADDR": peer}):
            return callers.address(), callers.is_local()

    assert counted("127.0.0.1") == ("127.0.0.1", True)
    assert counted("127.0.0.1", X_Forwarded_For="1.2.3.4, 5.6.7.8") == ("5.6.7.8", False)
    assert counted("192.0.2.1", X_Forwarded_For="5.6.7.8") == ("192.0.2.1", False)  # not our proxy: not believed
    assert counted("127.0.0.1", X_Forwarded_For="nonsense") == ("127.0.0.1", False)
    assert counted("127.0.0.1", X_Forwarded_For="2001:db8:1:2:3::4") == ("2001:db8:1:2::/64", False)
    assert counted("::ffff:192.0.2.9") == ("192.0.2.9", False)


def test_off_is_off(client, empty_database) -> None:
    assert "rate_limits" not in client.application.extensions


def test_wrong_pins_are_few_and_the_right_one_is_not_counted(limited) -> None:
    client = limited()
    made = client.post("/api/v1/reports", json=REPORT, headers=from_outside("203.0.113.20")).get_json()
    code, pin = made["code"], made["follow"]["pin"]

    def typed(pin: str, address: str) -> int:
        return client.post(f"/r/{code}/own", data={"pin": pin}, headers=from_outside(address)).status_code

    assert {typed(pin, "203.0.113.20") for _ in range(30)} == {200}
    assert [typed("23456789", "203.0.113.21") for _ in range(11)] == [403] * 10 + [429]
    assert typed(pin, "203.0.113.21") == 429, "nor the right one, after so many"
    assert typed(pin, "203.0.113.20") == 200


def test_a_lost_code_is_asked_for_a_few_times(limited) -> None:
    client = limited()
    asked = [client.post("/r/find", data={"phone": f"090812345{n}"}, headers=from_outside("203.0.113.22")).status_code
             for n in range(6)]  # fmt: skip
    assert asked == [200] * 5 + [429]

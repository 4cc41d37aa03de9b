"""Logs say what was done and not for whom; /metrics counts over all web processes, for this machine or a token."""

from __future__ import annotations

import json
import re
import threading
import time

import httpx
import pytest

from webmap import logs
from webmap.logs import LogFile


def figures(site, **headers: str) -> dict[str, float]:
    answer = httpx.get(f"{site.url}/metrics", headers=headers)
    assert answer.status_code == 200 and answer.headers["Content-Type"].startswith("text/plain")
    lines = [line for line in answer.text.splitlines() if not line.startswith("#")]
    return {name: float(value) for name, _, value in (line.rpartition(" ") for line in lines)}


def lines_of(site, name: str = "web") -> list[dict]:
    return [json.loads(line) for line in (site.data_dir / "log" / f"{name}.log").read_text().splitlines()]


def test_every_answer_bears_its_number_and_every_request_its_line(site) -> None:
    given = "0f8fad5b-d9cb-469f-a165-70867728950e"
    answer = httpx.get(f"{site.url}/api/v1/reports/222222?q=Canary", headers={"X-Request-Id": given})
    assert answer.headers["X-Request-Id"] == given
    other = httpx.get(f"{site.url}/healthz", headers={"X-Request-Id": "Nguyen Van Canary"}).headers["X-Request-Id"]
    assert re.fullmatch("[0-9a-f]{32}", other)
    (line,) = [line for line in lines_of(site) if line.get("request_id") == given]
    assert (line["event"], line["method"], line["route"], line["status"]) == (
        "request", "GET", "/api/v1/reports/<code>", "404",
    )  # fmt: skip
    assert line["ms"] > 0 and line["timestamp"].endswith("Z") and "222222" not in json.dumps(line)


def test_counts_are_those_of_all_processes(site) -> None:
    before = figures(site)
    sent = 12
    name = 'hotline_reports_received_total{channel="web"}'

    def send(number: int) -> None:
        body = {"channel": "web", "category": "flooding", "lat": 10.78, "lon": 106.69 + number / 5_000}
        assert httpx.post(f"{site.url}/api/v1/reports", json=body).status_code == 201

    threads = [threading.Thread(target=send, args=(number,)) for number in range(sent)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    for _ in range(6):  # whichever process is asked
        assert figures(site)[name] == before.get(name, 0) + sent
    deadline = time.monotonic() + 5
    while figures(site)["hotline_sequencer_lag_events"]:
        assert time.monotonic() < deadline
    after = figures(site)
    assert after["hotline_record_sealed"] >= before["hotline_record_sealed"] + sent
    assert after["hotline_database_up"] == after["hotline_stream_process_up"] == 1
    assert after["hotline_disk_free_bytes"] > 0 and 'hotline_pool_connections{role="app"}' in after
    assert after['hotline_http_request_seconds_count{route="/api/v1/reports"}'] >= sent


def test_streams_are_counted_and_are_no_error(site) -> None:
    with httpx.stream("GET", f"{site.url}/api/v1/live", timeout=10) as stream:
        assert stream.status_code == 200
        assert figures(site)["hotline_streams"] >= 1
    assert any(line.get("route") == "/api/v1/live" and line["status"] == "stream" for line in lines_of(site))


def test_metrics_are_for_this_machine_or_a_token(site, client, monkeypatch) -> None:
    assert httpx.get(f"{site.url}/metrics", headers={"X-Forwarded-For": "198.51.100.7"}).status_code == 404
    outside = {"REMOTE_ADDR": "198.51.100.7"}
    assert client.get("/metrics", environ_base=outside).status_code == 404
    assert client.get("/metrics", environ_base=outside, headers={"Authorization": "Bearer "}).status_code == 404
    monkeypatch.setenv("METRICS_TOKEN", "a long word for the monitor")
    for said, status in (("a long word for the monitor", 200), ("another", 404), ("", 404)):
        answer = client.get("/metrics", environ_base=outside, headers={"Authorization": f"Bearer {said}"})
        assert answer.status_code == status


@pytest.mark.parametrize("cause", ["text", "database"])
def test_an_unexpected_error_is_named_without_its_message(application, tmp_path, monkeypatch, cause) -> None:
    import psycopg
    import structlog

    monkeypatch.setenv("DATA_DIR", str(tmp_path))
    logs.configure("test")
    try:

        def broken() -> str:
            if cause == "text":
                raise ValueError("Nguyễn Văn Canary 0903 111 222")
            raise psycopg.errors.CheckViolation("row\nDETAIL: Failing row contains (Canary)")

        monkeypatch.setitem(application.view_functions, "health.healthz", broken)
        monkeypatch.setitem(application.config, "PROPAGATE_EXCEPTIONS", False)
        answer = application.test_client().get("/healthz")
        assert answer.status_code == 500 and "Canary" not in answer.text
        written = (tmp_path / "log" / "test.log").read_text()
    finally:
        structlog.reset_defaults()
        monkeypatch.setattr(logs, "_file", None)
    assert "Canary" not in written and "0903" not in written
    found = [json.loads(line) for line in written.splitlines()]
    assert any(each["event"] == "an unexpected error" and each["where"] for each in found)


def test_a_full_file_is_moved_aside_by_whoever_finds_it(tmp_path) -> None:
    one, two = (LogFile(tmp_path / "a.log", most_bytes=1_000, kept=3) for _ in range(2))
    for number in range(300):
        (one, two)[number % 2].write(f"{number:04d} " + "x" * 40)
    files = sorted(tmp_path.glob("a.log*"))
    assert [file.name for file in files] == ["a.log", "a.log.1", "a.log.2", "a.log.3"]
    lines = [line for file in reversed(files) for line in file.read_text().splitlines()]
    assert [int(line[:4]) for line in lines] == list(range(300 - len(lines), 300))

"""The live stream on a real site: gunicorn, the hand-over, the stream process, the worker."""

from __future__ import annotations

import http.client
import os
import signal
import socket
import struct
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack

import psycopg
import pytest

from database import settings
from tests import sites
from tests.pages import patience
from tests.streams import Stream
from webmap.live.client import MOST_WAITING
from webmap.live.process import stats
from webmap.live.rendezvous import socket_path

BEN_THANH = {"lat": 10.7725, "lon": 106.698}  # ward 26743, last district 760
HOC_MON = {"lat": 10.8843, "lon": 106.5927}  # far away from it


@pytest.fixture(scope="module")
def live_site(new_database, tmp_path_factory) -> Iterator[sites.Site]:
    """A site of this module's own: its processes are killed here."""
    with sites.running(tmp_path_factory.mktemp("live"), DATABASE_URL=new_database()) as running:
        deadline = time.monotonic() + 20
        while going(running) is None and time.monotonic() < deadline:
            time.sleep(0.05)
        yield running


def going(site: sites.Site) -> dict[str, int] | None:
    return stats(socket_path(settings.current(site.environment)))


def send(site: sites.Site, category: str = "fallen_tree", **place: float) -> str:
    status, answer = site.post("/api/v1/reports", {"channel": "web", "category": category, **(place or BEN_THANH)})
    assert status == 201, answer
    return answer["code"]


def send_many(site: sites.Site, count: int, threads: int = 4) -> list[str]:
    with ThreadPoolExecutor(threads) as pool:
        return list(pool.map(lambda _: send(site), range(count)))


def in_the_records_order(site: sites.Site, after: int = 0) -> list[str]:
    """The codes of received reports by their number in the record."""
    with psycopg.connect(site.environment["DATABASE_URL"]) as connection:
        rows = connection.execute(
            "SELECT data ->> 'code' FROM seal JOIN event ON event.id = event_id"
            " WHERE kind = 'report.received' AND seq > %s ORDER BY seq",
            (after,),
        )
        return [row[0] for row in rows]


def last_event_id(site: sites.Site) -> int:
    return int(site.get("/api/v1/reports?limit=1")[1]["last_event_id"])


def child(site: sites.Site, name: str) -> int:
    return next(process for process, command in site.children().items() if name in command)


def web_processes(site: sites.Site) -> list[int]:
    master = child(site, "gunicorn")
    return [process for process, parent, _ in sites.processes() if parent == master]


def test_every_report_once_and_in_order_to_every_stream(live_site) -> None:
    start = going(live_site)["position"]
    with ExitStack() as held:
        streams = [held.enter_context(Stream(url=live_site.url)) for _ in range(30)]
        codes = send_many(live_site, 40)
        for stream in streams:
            stream.wait_for(40)
        time.sleep(0.3)
        for stream in streams:
            assert stream.codes() == in_the_records_order(live_site, start)
            assert sorted(stream.codes()) == sorted(codes)
            ids = [event.id for event in stream.events]
            assert ids == sorted(set(ids))


def test_a_message_is_the_public_document_on_one_line(live_site) -> None:
    with Stream(url=live_site.url) as stream:
        code = send(live_site)
        (event,) = stream.wait_for(1)
    assert event.event == "report.created"
    document = live_site.get(f"/api/v1/reports/{code}")[1]
    assert event.data == {name: value for name, value in document.items() if name not in ("steps", "photos")}


def test_a_stream_hears_of_its_area_and_its_fields_only(live_site) -> None:
    with (
        Stream(url=live_site.url, path="/api/v1/live?area=ward:26743") as ward,
        Stream(url=live_site.url, path="/api/v1/live?area=760&field=water,trees") as district,
        Stream(url=live_site.url, path="/api/v1/live?area=79") as city,
    ):
        inside = send(live_site)
        light = send(live_site, "light_out")
        outside = send(live_site, **HOC_MON)
        city.wait_for(3)
        ward.wait_for(2)
        district.wait_for(1)
        time.sleep(0.2)
        assert city.codes() == [inside, light, outside]
        assert ward.codes() == [inside, light]
        assert district.codes() == [inside]


@pytest.mark.parametrize(
    ("query", "status"),
    [("after=x", 400), ("after=-1", 400), ("after=" + "9" * 30, 400), ("field=nonsense", 400), ("area=nonsense", 422)],
)
def test_what_cannot_be_read_is_refused(live_site, query, status) -> None:
    answered, problem = live_site.get(f"/api/v1/live?{query}")
    assert (answered, problem["status"]) == (status, status)
    assert problem["errors"]


def test_the_header_is_younger_than_the_address(live_site) -> None:
    start = going(live_site)["position"]
    codes = [send(live_site) for _ in range(3)]
    with Stream(url=live_site.url, path=f"/api/v1/live?after={start}") as whole:
        whole.wait_for(3)
    with Stream(url=live_site.url, path=f"/api/v1/live?after={start}", last_id=whole.events[1].id) as rest:
        rest.wait_for(1)
        time.sleep(0.2)
    assert whole.codes() == codes
    assert rest.codes() == codes[2:]


def test_an_id_of_another_record_is_told_to_reload(live_site) -> None:
    with Stream(url=live_site.url, last_id=10**9) as stream:
        (event,) = stream.wait_for(1)
        assert event.event == "reload"
        assert event.id == going(live_site)["position"]
        code = send(live_site)
        stream.wait_for(2)
        assert stream.codes() == [code]


def test_a_page_that_is_younger_than_the_stream_process_is_not_told_to_reload(live_site) -> None:
    """The list's last_event_id is read from the record itself, which the stream process hears of a moment later."""
    process = going(live_site)["pid"]
    os.kill(process, signal.SIGSTOP)
    try:
        before = last_event_id(live_site)
        first = send(live_site)
        deadline = time.monotonic() + 20
        while (after := last_event_id(live_site)) == before and time.monotonic() < deadline:
            time.sleep(0.05)
        assert after > before
    finally:
        os.kill(process, signal.SIGCONT)
    with Stream(url=live_site.url, path=f"/api/v1/live?after={after}") as stream:
        second = send(live_site)
        stream.wait_for(1)
        assert first not in stream.codes()
        assert [event.data.get("code") for event in stream.events] == [second]


def test_a_withdrawn_report_is_gone_and_a_bulk_load_is_one_reload(live_site) -> None:
    with Stream(url=live_site.url) as stream, psycopg.connect(live_site.environment["DATABASE_URL"]) as connection:
        code = send(live_site)
        stream.wait_for(1)
        connection.execute("UPDATE public_report SET status = 'withdrawn' WHERE code = %s", (code,))
        connection.execute("UPDATE public_incident SET status = 'withdrawn' WHERE code = %s", (code,))
        connection.execute(
            "INSERT INTO event (kind, incident_id, report_id, actor, data)"
            " SELECT 'report.withdrawn', incident_id, id, 'public', jsonb_build_object('code', code)"
            " FROM public_report WHERE code = %s",
            (code,),
        )
        connection.execute(
            "INSERT INTO event (kind, actor, data) VALUES"
            " ('report.received', 'import', '{\"bulk\": true, \"code\": \"X\"}'), ('bulk.imported', 'import', '{}')"
        )
        connection.commit()
        stream.wait_for(3)
        time.sleep(0.3)
        assert [(event.event, event.data) for event in stream.events[1:]] == [
            ("report.updated", {"code": code, "gone": True}),
            ("reload", {}),
        ]


@pytest.mark.parametrize(
    ("name", "back_s"),
    [
        ("webmap.live.process", 5),
        ("webmap.worker", 5),
        ("a web process", 5),
        ("gunicorn", 20),  # all web processes at once: whoever holds the port has to notice first that it is alone
    ],
)
def test_killed_it_is_back_and_a_stream_that_resumes_misses_nothing(live_site, name, back_s) -> None:
    start = going(live_site)["position"]
    sent: list[str] = []
    ending = threading.Event()

    def sending() -> None:
        while not ending.is_set():
            status, answer = live_site.post("/api/v1/reports", {"channel": "web", "category": "waste", **BEN_THANH})
            if status == 201:
                sent.append(answer["code"])
            time.sleep(0.02)

    with ExitStack() as held:
        streams = [held.enter_context(Stream(url=live_site.url)) for _ in range(20)]
        sender = threading.Thread(target=sending)
        sender.start()
        held.callback(sender.join)
        held.callback(ending.set)
        for stream in streams:
            stream.wait_for(3)
        victim = web_processes(live_site)[0] if name == "a web process" else child(live_site, name)
        os.kill(victim, signal.SIGKILL)
        killed = time.monotonic()
        while not all(stream.events[-1].at > killed + 0.5 for stream in streams):
            assert time.monotonic() < killed + patience(back_s), f"{name}: not every stream goes on\n{live_site.said()}"
            time.sleep(0.05)
        time.sleep(0.5)
        ending.set()
        sender.join()
        deadline = time.monotonic() + 10
        while set(sent) - set(in_the_records_order(live_site, start)) and time.monotonic() < deadline:
            time.sleep(0.1)
        expected = in_the_records_order(live_site, start)
        assert set(sent) <= set(expected)
        for stream in streams:
            stream.wait_for(len(expected))
            assert stream.codes() == expected


def test_a_killed_web_process_takes_no_stream_with_it(live_site) -> None:
    with ExitStack() as held:
        streams = [held.enter_context(Stream(url=live_site.url)) for _ in range(10)]
        for process in web_processes(live_site):
            os.kill(process, signal.SIGKILL)
        live_site.wait_until("/readyz", 200, 10)
        opened = going(live_site)["opened"]
        code = send(live_site)
        for stream in streams:
            stream.wait_for(1)
            assert stream.codes() == [code]
        assert going(live_site)["opened"] == opened


def test_a_web_process_that_handed_streams_over_ends_in_time_when_it_is_told_to(live_site) -> None:
    """gunicorn counts a connection that was handed over off exactly once: it neither waits for it nor for nobody."""
    with ExitStack() as held:
        streams = [held.enter_context(Stream(url=live_site.url)) for _ in range(12)]
        ending = web_processes(live_site)
        for process in ending:
            os.kill(process, signal.SIGTERM)
        began = time.monotonic()
        while set(ending) & {process for process, _, _ in sites.processes()}:
            assert time.monotonic() < began + patience(6), "it waits for connections that are not its own any more"
            time.sleep(0.05)
        live_site.wait_until("/readyz", 200, 30)
        code = send(live_site)
        for stream in streams:
            stream.wait_for(1)
            assert stream.codes().count(code) == 1  # another test's last report may come as well


def test_without_the_stream_process_the_answer_is_503_and_again_later(live_site) -> None:
    process = going(live_site)["pid"]
    os.kill(process, signal.SIGSTOP)  # there, but it takes nothing
    try:
        connection = http.client.HTTPConnection("127.0.0.1", live_site.port, timeout=10)
        connection.request("GET", "/api/v1/live")
        answer = connection.getresponse()
        assert answer.status == 503
        assert answer.headers["Retry-After"] == "1"
        answer.read()
        connection.request("GET", "/healthz")  # the connection stays the web process's own
        assert connection.getresponse().status == 200
    finally:
        os.kill(process, signal.SIGCONT)
    with Stream(url=live_site.url) as stream:
        code = send(live_site)
        stream.wait_for(1)
        assert stream.codes() == [code]


def test_a_client_that_takes_nothing_is_dropped_and_disturbs_nobody(live_site) -> None:
    with socket.create_connection(("127.0.0.1", live_site.port)) as slow, Stream(url=live_site.url) as stream:
        slow.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        slow.sendall(b"GET /api/v1/live HTTP/1.1\r\nHost: x\r\n\r\n")
        time.sleep(0.5)
        before = going(live_site)["streams"]
        # The kernel takes a few MB on its own before anything waits here.
        with psycopg.connect(live_site.environment["DATABASE_URL"]) as connection:
            report = connection.execute("SELECT id, incident_id FROM public_report LIMIT 1").fetchone()
            for _ in range(12):
                connection.execute(
                    "INSERT INTO event (kind, incident_id, report_id, actor)"
                    " SELECT 'report.released', %s, %s, 'system' FROM generate_series(1, 400)",
                    (report[1], report[0]),
                )
                connection.commit()
        stream.wait_for(12 * 400, 30)
        assert MOST_WAITING < 12 * 400 * 2000
        deadline = time.monotonic() + 10
        while going(live_site)["streams"] >= before and time.monotonic() < deadline:
            time.sleep(0.1)
        assert going(live_site)["streams"] == before - 1


def test_streams_that_end_are_forgotten(live_site) -> None:
    time.sleep(0.3)
    before = going(live_site)["streams"]
    with Stream(url=live_site.url), Stream(url=live_site.url):
        assert going(live_site)["streams"] == before + 2
    with socket.create_connection(("127.0.0.1", live_site.port)) as reset:
        reset.sendall(b"GET /api/v1/live HTTP/1.1\r\nHost: x\r\n\r\n")
        reset.recv(100)
        reset.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    deadline = time.monotonic() + 5
    while going(live_site)["streams"] != before and time.monotonic() < deadline:
        time.sleep(0.05)
    assert going(live_site)["streams"] == before


def test_the_flask_client_is_told_that_there_is_no_stream(client) -> None:
    answer = client.get("/api/v1/live")
    assert answer.status_code == 503
    assert answer.headers["Retry-After"] == "1"
    assert client.get("/api/v1/live?after=x").status_code == 400

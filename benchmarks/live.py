"""1,000 open event streams and 20 reports a second: does every stream get every report once and in order, how soon, at
what cost, and do short requests go on?

A site of its own. The reports come through HTTP. `intake` is how many the door takes with nobody listening, and with
every stream being told of each. Its peer is the same site under the same short requests and the same
20 reports a second without any stream open. Rounds alternate, so that a machine that slows down slows both.
STREAMS and ROUND_SECONDS change the size.
"""

from __future__ import annotations

import os
import statistics
import time
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks import _clients, _site
from benchmarks._streams import Streams
from database import settings
from tests import sites
from tests.sender import BODY, Sender
from webmap.live.process import stats
from webmap.live.rendezvous import socket_path

STREAMS = int(os.environ.get("STREAMS", "1000"))
SECONDS = int(os.environ.get("ROUND_SECONDS", "8"))
REPORTS_A_SECOND = 20
ROUNDS = 2
CLIENTS = 8
POST = _clients.post("127.0.0.1", "/api/v1/reports", BODY.encode())


def run() -> dict[str, Any]:
    """Counts, latencies in milliseconds, rates a second, memory in KB a stream."""
    with (
        _site.prepared("live-") as (place, environment),
        sites.running(place, PORT=environment["PORT"]) as site,
    ):
        return _measure(site)


def _sender(site: sites.Site, seconds: float = SECONDS) -> Sender:
    return Sender(site.port, seconds=seconds, a_second=REPORTS_A_SECOND)


def _measure(site: sites.Site) -> dict[str, Any]:
    path = socket_path(settings.current(site.environment))
    while (going := stats(path)) is None:
        time.sleep(0.1)
    with _sender(site, 3) as warm:  # areas, rules, pools
        pass
    code = next(iter(warm.sent))
    short = [f"GET /api/v1/reports/{code} HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n".encode()]
    _clients.drive(site.port, short, clients=CLIENTS, seconds=1)

    idle_kb = _memory_kb(going["pid"])
    peers, rates, quiet, busy = [], [], [], []
    intake: dict[str, list[_clients.Round]] = {"without": [], "with": []}
    opened_s = memory_kb = processor_s = 0.0
    for turn in range(ROUNDS):
        with _sender(site):
            peers.append(_clients.drive(site.port, short, clients=CLIENTS, seconds=SECONDS))
        intake["without"].append(_clients.drive(site.port, [POST], clients=CLIENTS, seconds=SECONDS))
        streams = Streams(site.port, STREAMS)
        try:
            if turn == 0:
                opened_s = streams.opened_s
                memory_kb = (_memory_kb(going["pid"]) - idle_kb) / STREAMS
            _settle(streams)
            spent = _processor_s(going["pid"])
            with _sender(site) as alone:
                pass
            quiet.append(_judge(streams, alone))
            processor_s += _processor_s(going["pid"]) - spent
            with _sender(site) as beside:
                rates.append(_clients.drive(site.port, short, clients=CLIENTS, seconds=SECONDS))
            busy.append(_judge(streams, beside))
            # As many reports as the door takes, each of them told to every stream.
            intake["with"].append(_clients.drive(site.port, [POST], clients=CLIENTS, seconds=SECONDS))
        finally:
            streams.close()
    return {
        "streams": {"open": STREAMS, "opened_in_s": opened_s, "kb_each": memory_kb},
        "stream_process": {"processor_ms_a_report": 1000 * processor_s / sum(each["reports"] for each in quiet)},
        "delivery": {
            "reports": sum(each["reports"] for each in (*quiet, *busy)),
            "refused": sum(each["refused"] for each in (*quiet, *busy)),
            "messages": sum(each["messages"] for each in (*quiet, *busy)),
            "streams_with_a_fault": sum(each["faults"] for each in (*quiet, *busy)),
        },
        "latency_streams_and_reports": _latency(quiet),
        "latency_with_short_requests_too": _latency(busy),
        "short_requests": {
            "clients": CLIENTS,
            "without_streams_per_s": statistics.median(each.rate for each in peers),
            "without_streams_p99_ms": _percentile(peers, 99),
            "with_streams_per_s": statistics.median(each.rate for each in rates),
            "with_streams_p99_ms": _percentile(rates, 99),
            "ratio": statistics.median(w.rate / p.rate for w, p in zip(rates, peers, strict=True)),
        },
        "intake": {
            "clients": CLIENTS,
            "without_streams_per_s": statistics.median(each.rate for each in intake["without"]),
            "with_streams_per_s": statistics.median(each.rate for each in intake["with"]),
            "ratio": statistics.median(w.rate / p.rate for w, p in zip(intake["with"], intake["without"], strict=True)),
            "refused": sum(
                n for each in intake.values() for run in each for code, n in run.statuses.items() if code != 201
            ),
        },
        "settings": {"reports_per_s": REPORTS_A_SECOND, "seconds_each": SECONDS, "rounds": ROUNDS},
    }


def _settle(streams: Streams) -> None:
    """Let the reports of the round before arrive, and forget them: a stream begins at what was sealed by then."""
    time.sleep(2.0)
    streams.take()


def _judge(streams: Streams, sender: Sender) -> dict[str, Any]:
    """Compare what every stream got with what was answered by 201."""
    time.sleep(2.0)  # the last ones are on their way
    ids, times, codes = streams.take()
    expected = ids[0]
    whole = expected == sorted(set(expected)) and {codes[seq] for seq in expected} == set(sender.sent)
    faults = sum(each != expected for each in ids) if whole else len(ids)
    since_answer: list[np.ndarray] = []
    since_sent: list[np.ndarray] = []
    if not faults:
        for column, seq in enumerate(expected):
            sent, answered = sender.sent[codes[seq]]
            since_sent.append(times[:, column] - sent)
            since_answer.append(times[:, column] - answered)
    return {
        "reports": len(sender.sent),
        "refused": sender.refused,
        "messages": sum(map(len, ids)),
        "faults": faults,
        "since_answer": since_answer,
        "since_sent": since_sent,
    }


def _latency(rounds: list[dict[str, Any]]) -> dict[str, float]:
    """From the poster's 201, which it has right after the commit, and from the moment it sent the report."""
    found = {}
    for name, label in (("since_answer", "answered_to_client"), ("since_sent", "sent_to_client")):
        parts = [part for each in rounds for part in each[name]]
        for share in (50, 95, 99):
            found[f"{label}_p{share}_ms"] = float(np.percentile(np.concatenate(parts), share) * 1000) if parts else -1.0
    return found


def _percentile(rounds: list[_clients.Round], share: float) -> float:
    return float(np.percentile(np.concatenate([each.times for each in rounds]), share) * 1000)


def _processor_s(process: int) -> float:
    """Processor time that a process has used."""
    fields = Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def _memory_kb(process: int) -> int:
    """Resident memory of a process."""
    for line in Path(f"/proc/{process}/status").read_text().splitlines():
        if line.startswith("VmRSS:"):
            return int(line.split()[1])
    return 0

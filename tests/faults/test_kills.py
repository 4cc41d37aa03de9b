"""`kill -9` at random moments under fifty posts a second with photos.

What was acknowledged is there exactly once: report, photo, event. What was not is there wholly or not at all. The
record verifies, and a client of the stream that comes back has heard of each acknowledged report exactly once.

HOTLINE_KILLS says how many moments (8; script/nightly takes 200), HOTLINE_KILLS_SEED which.
"""

from __future__ import annotations

import os
import random
import signal
import time
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import httpx
import psycopg
import pytest
from PIL import Image

from database import cluster as clusters
from database import settings
from tests import sites
from tests.faults.load import Load, send
from tests.streams import Stream

MOMENTS = int(os.environ.get("HOTLINE_KILLS", "8"))
SEED = int(os.environ.get("HOTLINE_KILLS_SEED", "0")) or random.SystemRandom().randrange(1, 10**6)
VICTIMS = ("web process", "web master", "stream", "worker", "postmaster", "backend")

pytestmark = [pytest.mark.slow, pytest.mark.timeout(120 + 15 * MOMENTS)]


@pytest.fixture(scope="module")
def folder(open_folder) -> Path:
    made = open_folder()
    done = sites.command(sites.site_environment(made, 1), "db", "upgrade")
    assert done.returncode == 0, done.stderr
    return made


def cluster_of(folder: Path) -> clusters.Cluster:
    return clusters.locate(settings.current(sites.site_environment(folder, 1)))


def processes_of(site: sites.Site, folder: Path, victim: str, chance: random.Random) -> int | None:
    """One process of this kind, None where none is there just now."""
    there = list(sites.processes())
    children = {process: command for process, parent, command in there if parent == site.process.pid}

    def named(word: str) -> list[int]:
        return [process for process, command in children.items() if word in command]

    if victim in ("stream", "worker"):
        found = named("webmap.live.process" if victim == "stream" else "webmap.worker")
    elif victim == "web master":
        found = named("gunicorn")
    elif victim == "web process":
        found = [process for process, parent, _ in there if parent in named("gunicorn")]
    else:
        try:
            postmaster = int((cluster_of(folder).data / "postmaster.pid").read_text().split()[0])
        except (OSError, ValueError, IndexError):
            return None
        found = [postmaster]
        if victim == "backend":
            found = [process for process, parent, command in there if parent == postmaster and "hotline_app" in command]
    return chance.choice(found) if found else None


def test_nothing_acknowledged_is_lost_and_nothing_is_half(folder, capsys) -> None:
    chance = random.Random(SEED)
    killed: Counter[str] = Counter()
    with sites.running(folder) as site:
        began = time.monotonic()
        with Stream(url=site.url) as stream, Load(url=site.url) as load:
            flows(load, 50, 60.0)
            while sum(killed.values()) < MOMENTS:
                victim = VICTIMS[sum(killed.values()) % len(VICTIMS)] if MOMENTS < 12 else chance.choice(VICTIMS)
                process = processes_of(site, folder, victim, chance)
                if process is not None:
                    try:
                        os.kill(process, signal.SIGKILL)
                        killed[victim] += 1
                    except ProcessLookupError:
                        pass
                # Sometimes in the middle of coming back, mostly when reports come in again.
                time.sleep(chance.uniform(0.02, 1.0))
                if chance.random() < 0.7:
                    flows(load, 50, 20.0)
            flows(load, 50, 20.0)
            load.__exit__()
            seconds = time.monotonic() - began
            site.wait_until("/readyz", 200, 30)
            in_time = len(load.acknowledged)
            statuses = Counter(post.status for post in load.posts)
            with psycopg.connect(cluster_of(folder).url("owner")) as connection:
                half = check(connection, folder, load)
            # Whoever had no answer sends again, as the form does: one report each, whether the first arrived or not.
            unanswered = [post for post in load.posts if post.status != 201]
            with httpx.Client(timeout=30) as client, ThreadPoolExecutor(8) as senders:
                list(senders.map(lambda post: send(client, site.url, post), unanswered))
            assert {post.status for post in unanswered} <= {201}
            wait_for_seals(site)
            wait_for_stream(stream, load)
        with psycopg.connect(cluster_of(folder).url("owner")) as connection:
            check(connection, folder, load)
            count = connection.execute("SELECT count(*), count(DISTINCT description) FROM report").fetchone()
            assert count == (len(load.posts), len(load.posts))
        verified = sites.command(site.environment, "reports", "verify")
        assert verified.returncode == 0, verified.stdout
        said = site.said()
    assert "Traceback" not in said, said
    assert not list(folder.glob("record.head.lost"))
    assert set(statuses) <= {0, 201, 502, 503}, statuses
    codes = Counter(stream.codes())
    with capsys.disabled():
        print(
            f"\nkills: seed {SEED}, {MOMENTS} in {seconds:.0f} s ({dict(killed)}); {len(load.posts)} sent, {in_time} "
            f"acknowledged ({in_time / seconds:.0f}/s), {half} stored without an answer, answers {dict(statuses)}; "
            f"stream: {sum(codes.values())} messages; {verified.stdout.strip()}"
        )
    ours = {post.code for post in load.posts}
    assert {code: n for code, n in codes.items() if code in ours and n != 1} == {}
    assert ours <= set(codes)
    assert in_time > 20 * MOMENTS  # the load was real


def check(connection: psycopg.Connection, folder: Path, load: Load) -> int:
    """Every report of the load against the database and the disk; how many are stored without an acknowledgement."""
    rows = connection.execute(
        """SELECT report.description, report.code,
             (SELECT count(*) FROM incident WHERE incident.id = report.incident_id),
             (SELECT count(*) FROM event WHERE event.report_id = report.id AND kind = 'report.received'),
             (SELECT count(*) FROM public_report WHERE public_report.id = report.id),
             (SELECT count(*) FROM public_incident WHERE public_incident.id = report.incident_id),
             (SELECT count(*) FROM person WHERE person.id = report.person_id),
             (SELECT count(*) FROM idempotency WHERE answer ->> 'code' = report.code),
             (SELECT array_agg(sha256) FROM photo WHERE photo.report_id = report.id)
           FROM report"""
    ).fetchall()
    there = Counter(row[0] for row in rows)
    assert max(there.values()) == 1, "a report is there twice"
    by_word = {post.word: post for post in load.posts}
    for word, code, *counts, hashes in rows:
        assert counts == [1] * 6, (word, counts)
        assert len(hashes) == 1, word
        for small in ("", "-s"):
            with Image.open(folder / "photos" / hashes[0][:2] / f"{hashes[0]}{small}.jpg") as image:
                image.load()
        post = by_word[word]
        assert post.code in (None, code), word
    lost = [post.number for post in load.acknowledged if post.word not in there]
    assert not lost, f"acknowledged and not there: {lost}"
    (strays,) = connection.execute(
        "SELECT count(*) FROM event WHERE report_id IS NOT NULL AND NOT EXISTS "
        "(SELECT FROM report WHERE report.id = event.report_id)"
    ).fetchone()
    assert strays == 0
    return len(there) - len({post.word for post in load.acknowledged})


def flows(load: Load, count: int, seconds: float) -> None:
    """Wait until so many more are acknowledged, at most so long."""
    before, deadline = len(load.acknowledged), time.monotonic() + seconds
    while len(load.acknowledged) < before + count and time.monotonic() < deadline:
        time.sleep(0.05)


def wait_for_seals(site: sites.Site) -> None:
    deadline = time.monotonic() + 30
    while "hotline_sequencer_lag_events 0.0" not in str(site.get("/metrics")[1]):
        assert time.monotonic() < deadline, site.said()
        time.sleep(0.1)


def wait_for_stream(stream: Stream, load: Load) -> None:
    deadline = time.monotonic() + 30
    ours = {post.code for post in load.posts}
    while not ours <= set(stream.codes()) and time.monotonic() < deadline:
        time.sleep(0.1)

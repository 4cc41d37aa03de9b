"""The database away and disks full, on a running site: what is said, what is kept, and that nothing is half-stored."""

from __future__ import annotations

import io
import json
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator

import httpx
import psycopg
import pytest
from PIL import Image

from database import cluster as clusters
from database import settings
from tests import sites

HTML = {"Accept": "text/html,application/xhtml+xml"}
REPORT = {"channel": "web", "category": "fallen_tree", "lat": 10.7725, "lon": 106.698}


def _may_mount() -> bool:
    with tempfile.TemporaryDirectory() as folder:
        done = subprocess.run(["mount", "-t", "tmpfs", "tmpfs", folder], capture_output=True)
        return done.returncode == 0 and subprocess.run(["umount", folder]).returncode == 0


needs_mount = pytest.mark.skipif(not _may_mount(), reason="mounting a small disk is not allowed here")


@pytest.fixture(scope="module")
def site(open_folder) -> Iterator[sites.Site]:
    folder = open_folder()
    assert sites.command(sites.site_environment(folder, 1), "db", "upgrade").returncode == 0
    with sites.running(folder) as running:
        yield running


def cluster(site: sites.Site) -> clusters.Cluster:
    return clusters.locate(settings.current(site.environment))


def rows(site: sites.Site, table: str) -> int:
    with psycopg.connect(cluster(site).url("owner")) as connection:
        return connection.execute(f"SELECT count(*) FROM {table}").fetchone()[0]


def photo(side: int = 900) -> bytes:
    buffer = io.BytesIO()
    Image.effect_noise((side, side), 90).convert("RGB").save(buffer, "JPEG", quality=95)
    return buffer.getvalue()


def send(site: sites.Site, **headers: str) -> httpx.Response:
    return httpx.post(
        f"{site.url}/api/v1/reports", data={"report": json.dumps(REPORT)}, files={"photos": ("a.jpg", photo())},
        headers=headers, timeout=30,
    )  # fmt: skip


@pytest.fixture
def database_away(site) -> Iterator[None]:
    """The postmaster is held still and its socket is away, which the supervisor takes for a running server."""
    sockets = cluster(site).sockets
    away = sockets.with_name(sockets.name + ".away")
    process = int((cluster(site).data / "postmaster.pid").read_text().split()[0])
    backends = [child for child, parent, command in sites.processes() if parent == process and "hotline_" in command]
    sockets.rename(away)
    for backend in backends:  # whoever is connected is cut off, as by a machine that is gone
        try:
            os.kill(backend, signal.SIGTERM)
        except ProcessLookupError:
            pass
    yield
    away.rename(sockets)
    site.wait_until("/readyz", 200, 30)


def test_the_database_away_is_503_and_the_form_keeps_its_text(site, database_away) -> None:
    answer = send(site)
    assert answer.status_code == 503 and answer.headers["Retry-After"] == "5"
    assert answer.headers["Content-Type"] == "application/problem+json"
    assert httpx.get(f"{site.url}/healthz").status_code == 200
    assert httpx.get(f"{site.url}/readyz").json()["missing"] == ["database"]
    page = httpx.get(f"{site.url}/r/222222", headers=HTML)
    assert page.status_code == 503 and page.headers["Retry-After"] and "Hệ thống đang tạm nghỉ" in page.text
    written = {
        "address": "92 Nguyễn Hữu Cảnh", "category": "flooding", "description": "Nước ngập <tới> gối",
        "name": "Lê Thị Sáu", "phone": "0908 123 456", "key": "the-same-key",
    }  # fmt: skip
    page = httpx.post(f"{site.url}/report", data=written, files={"photos": ("a.jpg", photo(50))}, headers=HTML)
    assert page.status_code == 503 and page.headers["Retry-After"] == "5"
    assert page.headers["Cache-Control"] == "no-store"
    for text in ("92 Nguyễn Hữu Cảnh", "Nước ngập &lt;tới&gt; gối", "Lê Thị Sáu", "0908 123 456", "the-same-key"):
        assert text in page.text, text
    assert 'value="flooding" selected' in page.text
    assert "gửi lại sau ít giây" in page.text and "chọn lại ảnh" in page.text
    metrics = httpx.get(f"{site.url}/metrics")
    assert "hotline_database_up 0.0" in metrics.text


def test_it_goes_on_by_itself_when_the_database_is_back(site) -> None:
    began = time.monotonic()
    assert send(site).status_code == 201
    assert time.monotonic() - began < 5


@needs_mount
def test_a_full_disk_of_photos_is_507_and_nothing_is_half_stored(site) -> None:
    photos = site.data_dir / "photos"
    shutil.rmtree(photos, ignore_errors=True)
    photos.mkdir()
    subprocess.run(["mount", "-t", "tmpfs", "-o", "size=600k,mode=755", "tmpfs", str(photos)], check=True)
    try:
        before = {table: rows(site, table) for table in ("report", "incident", "event", "photo", "idempotency")}
        answers = [send(site, **{"Idempotency-Key": f"full-{number}"}) for number in range(8)]
        kept = sum(answer.status_code == 201 for answer in answers)
        refused = [answer for answer in answers if answer.status_code != 201]
        assert refused and {answer.status_code for answer in refused} == {507}
        assert refused[0].headers["Retry-After"] and refused[0].json()["title"] == "No room left"
        page = httpx.post(
            f"{site.url}/report", data={"address": "Phường Bến Thành", "category": "flooding", "key": "k"},
            files={"photos": ("a.jpg", photo())}, headers=HTML,
        )  # fmt: skip
        assert page.status_code == 507 and "Phường Bến Thành" in page.text
        after = {table: rows(site, table) for table in before}
        assert {table: after[table] - before[table] for table in before} == dict.fromkeys(before, kept)
        for file in photos.rglob("*"):
            if file.is_file() and file.name != ".lock":
                assert not file.name.startswith("."), "half a photo"
                with Image.open(file) as image:
                    image.load()
        assert httpx.post(f"{site.url}/api/v1/reports", json=REPORT).status_code == 201  # without a photo it goes on
    finally:
        subprocess.run(["umount", str(photos)], check=True)
    # The disk has room again: the same request under the same key makes the report now.
    refused_key = next(n for n, answer in enumerate(answers) if answer.status_code == 507)
    assert send(site, **{"Idempotency-Key": f"full-{refused_key}"}).status_code == 201


@needs_mount
def test_a_full_disk_loses_log_lines_and_nothing_else(site) -> None:
    log = site.data_dir / "log"
    subprocess.run(["mount", "-t", "tmpfs", "-o", "size=8k", "tmpfs", str(log)], check=True)
    try:
        for _ in range(60):
            assert httpx.get(f"{site.url}/healthz").status_code == 200
        assert httpx.post(f"{site.url}/api/v1/reports", json=REPORT).status_code == 201
    finally:
        subprocess.run(["umount", "--lazy", str(log)], check=True)  # the processes hold their files open
    assert httpx.get(f"{site.url}/healthz").status_code == 200


def test_files_that_no_report_names_go_after_their_grace(site) -> None:
    sent = send(site)
    assert sent.status_code == 201
    with psycopg.connect(cluster(site).url("owner")) as connection:
        (kept,) = connection.execute(
            "SELECT sha256 FROM photo JOIN report ON report.id = report_id WHERE code = %s", (sent.json()["code"],)
        ).fetchone()
    folder = site.data_dir / "photos" / "ab"
    folder.mkdir(parents=True, exist_ok=True)
    orphans = [folder / f"ab{'0' * 62}.jpg", folder / f"ab{'0' * 62}-s.jpg", folder / f".ab{'1' * 62}.jpg.0a0b0c0d"]
    young, stranger = folder / f"ab{'2' * 62}.jpg", folder / "notes.txt"
    for file in (*orphans, young, stranger):
        file.write_bytes(photo(20))
    long_ago = time.time() - 2 * 24 * 3600
    for file in (site.data_dir / "photos").rglob("*"):
        if file.is_file() and file != young:
            os.utime(file, (long_ago, long_ago))
    code = "from webmap import worker; print(worker.remove_orphaned_photos())"
    environment = {**site.environment, "PYTHONPATH": str(sites.REPOSITORY)}
    done = subprocess.run([sys.executable, "-c", code], env=environment, cwd="/", capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    assert not any(file.exists() for file in orphans)
    assert young.exists() and stranger.exists()
    for small in ("", "-s"):
        assert (site.data_dir / "photos" / kept[:2] / f"{kept}{small}.jpg").exists()
    assert int(done.stdout) >= len(orphans)

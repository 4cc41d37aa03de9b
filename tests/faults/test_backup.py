"""The drill: a site with everything in it is backed up while it runs, its cluster is destroyed, and the file brings it
back: counted, verified, served."""

from __future__ import annotations

import io
import json
import os
import shutil
import signal
import tarfile
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import httpx
import psycopg
import pytest
from PIL import Image

from database import cluster as clusters
from database import settings
from tests import sites

REPORTS = 24
NAME, PHONE, TEXT = "Nguyễn Thị Bảo Toàn", "0903 555 777", "Cây đổ chắn cổng nhà bà Bảo Toàn"


@dataclass(frozen=True, kw_only=True)
class Kept:
    """A folder whose site has run and was backed up."""

    folder: Path
    backup: Path
    with_keys: Path
    codes: tuple[str, ...]
    pins: tuple[str, ...]
    said: str


def photo(number: int) -> bytes:
    buffer = io.BytesIO()
    Image.new("RGB", (64, 48), ((number * 10) % 256, 90, 255 - (number * 10) % 256)).save(buffer, "JPEG")
    return buffer.getvalue()


def send(site: sites.Site, number: int) -> dict:
    body = {
        "channel": "web", "category": "fallen_tree", "lat": 10.7725 + number / 5_000, "lon": 106.698,
        "description": f"{TEXT} {number}", "reporter": {"name": NAME, "phone": PHONE},
    }  # fmt: skip
    answer = httpx.post(
        f"{site.url}/api/v1/reports", data={"report": json.dumps(body)}, files={"photos": ("a.jpg", photo(number))},
        headers={"Idempotency-Key": f"drill-{number}"}, timeout=30,
    )  # fmt: skip
    assert answer.status_code == 201, answer.text
    return answer.json()


def environment(folder: Path) -> dict[str, str]:
    return sites.site_environment(folder, 1)


def cluster_of(folder: Path) -> clusters.Cluster:
    return clusters.locate(settings.current(environment(folder)))


@pytest.fixture(scope="module")
def kept(open_folder) -> Iterator[Kept]:
    folder = open_folder()
    assert sites.command(environment(folder), "db", "upgrade").returncode == 0
    backup, with_keys = folder / "site.tar", folder / "all.tar"
    with sites.running(folder) as site:
        sent = [send(site, number) for number in range(REPORTS)]
        deadline = time.monotonic() + 10
        while "0 unsealed" not in sites.command(site.environment, "reports", "verify").stdout:
            assert time.monotonic() < deadline
        made = sites.command(site.environment, "backup", "create", str(backup))
        assert made.returncode == 0, made.stderr
        assert sites.command(site.environment, "backup", "create", str(with_keys), "--with-keys").returncode == 0
    yield Kept(
        folder=folder,
        backup=backup,
        with_keys=with_keys,
        codes=tuple(each["code"] for each in sent),
        pins=tuple(each["follow"]["pin"] for each in sent),
        said=made.stdout,
    )


def destroy(folder: Path) -> None:
    cluster = cluster_of(folder)
    shutil.rmtree(cluster.folder)
    shutil.rmtree(cluster.sockets, ignore_errors=True)


def owner(folder: Path) -> psycopg.Connection:
    return psycopg.connect(cluster_of(folder).url("owner"))


def test_it_says_what_is_in_it_and_what_is_not(kept) -> None:
    assert f"{REPORTS} phản ánh" in kept.said and f"{REPORTS} ảnh" in kept.said
    assert "WITHOUT the keys" in kept.said
    assert kept.backup.stat().st_mode & 0o777 == 0o600
    with tarfile.open(kept.backup) as tar:
        names = tar.getnames()
    assert names[-1] == "manifest.json"
    assert len([name for name in names if name.startswith("photos/")]) == 2 * REPORTS
    assert not [name for name in names if "key" in name]
    with tarfile.open(kept.with_keys) as tar:
        assert {"keys/people-0001.key", "secret.key"} <= set(tar.getnames())


def test_a_running_site_and_a_full_one_are_not_overwritten(kept) -> None:
    refused = sites.command(environment(kept.folder), "backup", "restore", str(kept.backup))
    assert refused.returncode == 1 and "--replace" in refused.stderr
    with sites.running(kept.folder):
        refused = sites.command(environment(kept.folder), "backup", "restore", "--replace", str(kept.backup))
        assert refused.returncode == 1 and "đang chạy" in refused.stderr


def test_destroyed_restored_counted_verified_served(kept, capsys) -> None:
    (kept.folder / "record.head").unlink()
    shutil.rmtree(kept.folder / "photos")
    destroy(kept.folder)
    began = time.monotonic()
    done = sites.command(environment(kept.folder), "backup", "restore", str(kept.backup))
    seconds = time.monotonic() - began
    assert done.returncode == 0, done.stdout + done.stderr
    assert "WITHOUT" not in done.stdout.upper().replace("WITHOUT THE KEYS", "") and "CHÚ Ý" not in done.stdout
    assert sites.command(environment(kept.folder), "reports", "verify").returncode == 0
    with sites.running(kept.folder) as site:
        for code in kept.codes:
            assert site.get(f"/api/v1/reports/{code}")[0] == 200
        again = send(site, 0)  # the same key as before the fire: the same answer, the same pin
        assert (again["code"], again["follow"]["pin"]) == (kept.codes[0], kept.pins[0])
        fresh = send(site, 200)
        assert fresh["code"] not in kept.codes
        with owner(kept.folder) as connection:
            assert connection.execute("SELECT count(*) FROM report").fetchone() == (REPORTS + 1,)
            texts = {text for (text,) in connection.execute("SELECT description FROM report")}
            assert f"{TEXT} 3" in texts
            # The old cluster's transaction ids are gone: the sequencer's sweeps stay as short as in a new one.
            newest = connection.execute("SELECT pg_snapshot_xmax(pg_current_snapshot())").fetchone()
            assert connection.execute("SELECT count(*) FROM event WHERE xid >= %s", newest).fetchone() == (0,)
        deadline = time.monotonic() + 10
        while True:
            verified = sites.command(site.environment, "reports", "verify")
            if "0 unsealed" in verified.stdout or time.monotonic() > deadline:
                break
        assert verified.returncode == 0 and "0 unsealed" in verified.stdout
    assert not list((kept.folder).glob("record.head.lost"))
    with capsys.disabled():
        print(f"\ndrill: {kept.backup.stat().st_size / 1e6:.1f} MB, restored in {seconds:.1f} s\n{done.stdout}")


def test_people_are_there_with_their_key_and_closed_without_it(kept, open_folder) -> None:
    for file, readable in ((kept.with_keys, True), (kept.backup, False)):
        folder = open_folder()
        done = sites.command(environment(folder), "backup", "restore", str(file))
        assert done.returncode == 0, done.stdout + done.stderr
        assert ("CHÚ Ý" in done.stdout) is not readable
        with sites.running(folder) as site:
            assert site.get(f"/api/v1/reports/{kept.codes[5]}")[0] == 200
            fresh = send(site, 201)
            assert fresh["code"] not in kept.codes
            with owner(folder) as connection:
                found = connection.execute(
                    "SELECT count(description) FROM report WHERE code = ANY(%s)", (list(kept.codes),)
                ).fetchone()
                keys = {key for (key,) in connection.execute("SELECT DISTINCT key_id FROM person")}
        assert found == (REPORTS if readable else 0,)
        assert len(keys) == (1 if readable else 2)  # the new sender is readable, under a name that no old row bears


@pytest.mark.parametrize("at", [0.1, 0.5, 0.999])
def test_a_damaged_or_short_file_is_refused_before_anything_is_touched(kept, tmp_path, at) -> None:
    content = bytearray(kept.backup.read_bytes())
    content[int(len(content) * at)] ^= 1
    for name, damaged in (("flipped", bytes(content)), ("short", bytes(content[: int(len(content) * at)]))):
        file = tmp_path / name
        file.write_bytes(damaged)
        before = cluster_of(kept.folder).data.stat().st_mtime
        done = sites.command(environment(kept.folder), "backup", "restore", "--replace", str(file))
        assert done.returncode == 1, done.stdout
        assert len([line for line in done.stderr.splitlines() if not line.startswith("…")]) == 1
        assert cluster_of(kept.folder).data.stat().st_mtime == before


def test_a_restore_that_is_killed_is_done_again(kept) -> None:
    import subprocess
    import sys

    for seconds in (3.0, 5.0):
        process = subprocess.Popen(
            [sys.executable, "-m", "flask", "--app", "app", "backup", "restore", "--replace", str(kept.backup)],
            cwd=sites.REPOSITORY, env=environment(kept.folder), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
        )  # fmt: skip
        time.sleep(seconds)
        if process.poll() is None:
            os.kill(process.pid, signal.SIGKILL)
        process.wait()
    done = sites.command(environment(kept.folder), "backup", "restore", "--replace", str(kept.backup))
    assert done.returncode == 0, done.stdout + done.stderr
    assert sites.command(environment(kept.folder), "reports", "verify").returncode == 0

"""A running site under kill -9: what dies is back within five seconds, and nothing is left behind."""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from tests import sites

BACK_SECONDS = 5.0


@pytest.fixture(scope="module")
def folder(open_folder) -> Path:
    """A folder with an embedded database, migrated and with its reference data."""
    made = open_folder()
    done = sites.command(sites.site_environment(made, 1), "db", "upgrade")
    assert done.returncode == 0, done.stderr
    return made


def find(site: sites.Site, name: str) -> int:
    """The process of the site whose command line has `name` in it."""
    found = [process for process, command in site.children().items() if name in command]
    assert len(found) == 1, site.children()
    return found[0]


def web_processes(site: sites.Site) -> list[int]:
    """gunicorn's workers."""
    master = find(site, "gunicorn")
    return [process for process, parent, _ in sites.processes() if parent == master]


def within(seconds: float, condition: Callable[[], object]) -> None:
    """Wait for a condition; an AssertionError where it does not come true in time."""
    began = time.monotonic()
    while True:
        try:
            if condition():
                return
        except (AssertionError, FileNotFoundError):
            pass  # not yet
        assert time.monotonic() - began < seconds, condition
        time.sleep(0.05)


def test_everything_that_is_killed_comes_back_and_ctrl_c_leaves_nothing(folder) -> None:
    with sites.running(folder) as site:
        for name in ("webmap.worker", "webmap.live.process", "gunicorn"):
            before = find(site, name)
            os.kill(before, signal.SIGKILL)
            within(BACK_SECONDS, lambda name=name, old=before: old not in site.children() and find(site, name))
        # gunicorn's workers outlive it by a moment; then the new ones have the port.
        within(BACK_SECONDS, lambda: web_processes(site))
        site.wait_until("/readyz", 200, BACK_SECONDS)

        worker = web_processes(site)[0]
        os.kill(worker, signal.SIGKILL)
        within(BACK_SECONDS, lambda: len(set(web_processes(site)) - {worker}) == 2)
        site.wait_until("/readyz", 200, BACK_SECONDS)

        postmaster = int(_cluster(folder, "data/postmaster.pid").read_text().split()[0])
        os.kill(postmaster, signal.SIGKILL)
        within(BACK_SECONDS, lambda: int(_cluster(folder, "data/postmaster.pid").read_text().split()[0]) != postmaster)
        site.wait_until("/readyz", 200, BACK_SECONDS)

        ours = set(site.children())
        assert site.stop(signal.SIGINT) == 0
    left = {process for process, _, _ in sites.processes()} & ours
    assert not left
    assert not _cluster(folder, "data/postmaster.pid").exists()


def test_after_kill_of_everything_the_next_start_is_whole(folder) -> None:
    site = sites.start(folder)
    site.wait_until("/readyz", 200)
    code = site.post("/api/v1/reports", {"channel": "web", "category": "fallen_tree", "lat": 10.7725, "lon": 106.698})
    assert code[0] == 201
    postmaster = int(_cluster(folder, "data/postmaster.pid").read_text().split()[0])
    for process in (site.process.pid, *site.children(), *web_processes(site), postmaster):
        os.kill(process, signal.SIGKILL)
    site.process.wait()
    began = time.monotonic()
    with sites.running(folder, PORT=str(site.port)) as again:
        assert time.monotonic() - began < 20
        assert again.get(f"/api/v1/reports/{code[1]['code']}")[0] == 200


def test_a_killed_supervisor_takes_its_processes_with_it(folder) -> None:
    site = sites.start(folder)
    site.wait_until("/readyz", 200)
    children = set(site.children())
    site.process.kill()
    site.process.wait()
    began = time.monotonic()
    while {process for process, _, _ in sites.processes()} & children:
        assert time.monotonic() - began < 20
        time.sleep(0.1)
    with sites.running(folder, PORT=str(site.port)):
        pass


def test_two_sites_side_by_side_and_one_folder_one_site(folder, new_database, tmp_path) -> None:
    with sites.running(folder) as one, sites.running(tmp_path / "two", DATABASE_URL=new_database()) as two:
        assert one.port != two.port
        assert one.get("/readyz")[0] == two.get("/readyz")[0] == 200
        third = sites.start(folder)
        assert third.process.wait(30) == 1
        assert "đang chạy rồi" in third.said()
        taken = sites.start(tmp_path / "three", PORT=str(one.port), DATABASE_URL=two.environment["DATABASE_URL"])
        assert taken.process.wait(30) == 1
        assert f"Cổng {one.port} đang bận" in taken.said()
        two.stop()
        assert one.get("/readyz")[0] == 200


def test_a_command_works_with_the_site_running_or_not(folder) -> None:
    environment = sites.site_environment(folder, 1)
    assert sites.command(environment, "db", "status").returncode == 0
    assert not _cluster(folder, "data/postmaster.pid").exists()  # it stopped what it had started
    with sites.running(folder) as site:
        assert sites.command(environment, "db", "status").returncode == 0
        assert site.get("/readyz")[0] == 200


def test_readyz_says_what_is_missing(folder, tmp_path) -> None:
    with sites.running(folder) as site:
        pass
    demo = sites.start(folder, DEMO="on")
    try:
        demo.wait_until("/healthz", 200)
        demo.wait_until("/readyz", 503)
        assert demo.get("/readyz")[1]["missing"] == ["demo"]
    finally:
        demo.stop()
    assert site.port


def test_a_folder_that_cannot_be_written_is_said(tmp_path) -> None:
    (tmp_path / "file").write_text("")
    done = sites.command(sites.site_environment(tmp_path / "file" / "var", 1), "db", "upgrade")
    assert done.returncode == 1
    assert len(done.stderr.strip().splitlines()) == 1
    assert "Không" in done.stderr


def _cluster(folder: Path, name: str) -> Path:
    noted = folder / "cluster.path"
    return (Path(noted.read_text().strip()) if noted.exists() else folder / "cluster") / name

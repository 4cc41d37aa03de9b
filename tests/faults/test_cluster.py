"""The embedded cluster under what happens to machines: killed servers, stale files, small and read-only disks."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import tempfile
import time
from pathlib import Path

import psycopg
import pytest

from database import cluster as clusters
from database import embedded, initdb
from database.errors import ClusterError
from database.run_folder import run_folder
from database.settings import Settings

root_only = pytest.mark.skipif(os.geteuid() != 0, reason="only root runs the database as another user")


def _may_mount() -> bool:
    """Whether a small disk can be mounted here; an unprivileged container may not."""
    with tempfile.TemporaryDirectory() as folder:
        done = subprocess.run(["mount", "-t", "tmpfs", "tmpfs", folder], capture_output=True)
        return done.returncode == 0 and subprocess.run(["umount", folder]).returncode == 0


needs_mount = pytest.mark.skipif(not _may_mount(), reason="mounting is not allowed here")


@pytest.fixture
def settings(open_folder) -> Settings:
    folder = open_folder()
    return Settings(data_dir=folder, port=1, database_url=None, demo=False, rate_limits=False)


def answers(cluster: clusters.Cluster) -> bool:
    with psycopg.connect(cluster.url("postgres", "postgres")) as connection:
        return connection.execute("SELECT true").fetchone() == (True,)


def kill(process: int, cluster: clusters.Cluster) -> None:
    os.kill(process, signal.SIGKILL)
    while embedded.running(cluster) == process:
        time.sleep(0.01)


def test_the_last_user_stops_it(settings) -> None:
    with embedded.hold(settings, durable=False) as cluster:
        with embedded.hold(settings, durable=False) as again:
            assert again == cluster
        assert answers(cluster)
    assert embedded.running(cluster) is None


def test_a_killed_server_starts_again_from_its_stale_files(settings) -> None:
    with embedded.hold(settings, durable=False) as cluster:
        process = embedded.running(cluster)
        assert process is not None
        kill(process, cluster)
        assert (cluster.data / "postmaster.pid").exists()
        embedded.start(cluster)
        assert embedded.running(cluster) not in (None, process)
        assert answers(cluster)


def test_a_pid_file_whose_number_belongs_to_a_stranger_is_stale(settings) -> None:
    """As after a restarted container, where small numbers are given out again: here to our own process."""
    with embedded.hold(settings, durable=False) as cluster:
        pass
    (cluster.data / "postmaster.pid").write_text(
        f"{os.getpid()}\n{cluster.data}\n1\n5432\n{cluster.sockets}\n\n\nready\n"
    )
    (cluster.sockets / ".s.PGSQL.5432.lock").write_text(f"{os.getpid()}\n")
    with embedded.hold(settings, durable=False) as cluster:
        assert answers(cluster)


def test_a_broken_off_initdb_leaves_nothing_half(settings) -> None:
    with embedded.hold(settings, durable=False) as cluster:
        pass
    cluster.data.rename(cluster.folder / "data.new")  # as if killed before the last step
    assert not cluster.made
    with embedded.hold(settings, durable=False) as cluster:
        assert answers(cluster)
    assert not (cluster.folder / "data.new").exists()


def test_sockets_fit_whatever_the_path_of_the_site(tmp_path_factory) -> None:
    folder = tmp_path_factory.mktemp("deep") / ("x" * 100) / ("y" * 100)
    cluster = clusters.Cluster(folder=folder, sockets=run_folder(folder), os_user=None)
    assert len(str(cluster.sockets / ".s.PGSQL.5432")) < 107
    assert "@/hotline?host=" in cluster.url("app")


def test_a_cluster_of_another_version_is_named(settings) -> None:
    with embedded.hold(settings, durable=False) as cluster:
        pass
    (cluster.data / "PG_VERSION").write_text("9\n")
    with pytest.raises(ClusterError, match=r"PostgreSQL 9.*pg_upgrade"):
        embedded.ensure(settings)


def test_a_full_disk_is_said_before_anything_is_made(settings, monkeypatch) -> None:
    monkeypatch.setattr(initdb, "ROOM_BYTES", 10**18)
    with pytest.raises(ClusterError, match="Không đủ chỗ"):
        embedded.ensure(settings)
    assert not clusters.locate(settings).made


def test_a_full_disk_at_the_start_is_said(settings) -> None:
    said = 'FATAL:  could not write lock file "postmaster.pid": No space left on device'
    assert "đĩa" in embedded._explain(clusters.locate(settings), said)


@needs_mount
def test_a_read_only_disk_is_said(settings) -> None:
    subprocess.run(["mount", "-t", "tmpfs", "-o", "ro", "tmpfs", str(settings.data_dir)], check=True)
    try:
        with pytest.raises(ClusterError, match=r"Không (ghi|tạo) được .*Read-only file system"):
            embedded.Holder(settings)
    finally:
        subprocess.run(["umount", str(settings.data_dir)], check=True)


@needs_mount
def test_a_really_full_disk_is_said(settings) -> None:
    subprocess.run(["mount", "-t", "tmpfs", "-o", "size=20m,mode=755", "tmpfs", str(settings.data_dir)], check=True)
    try:
        with pytest.raises(ClusterError, match="Không đủ chỗ trên đĩa"):
            embedded.Holder(settings)
    finally:
        subprocess.run(["umount", str(settings.data_dir)], check=True)


@root_only
def test_where_its_user_cannot_enter_the_cluster_lies_elsewhere(settings) -> None:
    settings.data_dir.chmod(0o700)
    with embedded.hold(settings, durable=False) as cluster:
        assert answers(cluster)
        noted = (settings.data_dir / "cluster.path").read_text().strip()
        assert noted == str(cluster.folder)
        assert cluster.folder.parent == Path("/var/lib/hotline-1022")
        assert clusters.locate(settings) == cluster
    shutil.rmtree(cluster.folder)
    shutil.rmtree(cluster.sockets)


def test_it_answers_on_the_socket_alone_with_checksums_and_vietnamese_rules(settings) -> None:
    with embedded.hold(settings) as cluster, psycopg.connect(cluster.url("postgres", "postgres")) as connection:
        found = connection.execute(
            "SELECT current_setting('listen_addresses'), current_setting('data_checksums'), current_setting('fsync'), "
            "current_setting('server_encoding'), datlocprovider::text FROM pg_database WHERE datname = 'postgres'"
        ).fetchone()
    assert found == ("", "on", "on", "UTF8", "i")


@root_only
def test_a_stranger_on_the_machine_gets_no_role(settings) -> None:
    with embedded.hold(settings, durable=False) as cluster:
        done = subprocess.run(
            ["psql", cluster.url("postgres", "postgres"), "-c", "SELECT 1"],
            user="nobody",
            extra_groups=[],
            capture_output=True,
            text=True,
            cwd="/",
        )
    assert done.returncode != 0
    assert "Peer authentication failed" in done.stderr

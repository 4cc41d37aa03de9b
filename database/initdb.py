"""Making and configuring the embedded cluster."""

from __future__ import annotations

import contextlib
import os
import pwd
import shutil
from pathlib import Path

from database.cluster import SUPERUSER, Cluster
from database.errors import ClusterError
from database.settings import Settings

ROOM_BYTES = 400_000_000  # a new cluster with the boundaries takes about a third of it
_MAP = "hotline"

# For 2 cores and 2 GB and more: many short transactions, tiles without parallel workers or JIT (both slow them down).
_CONFIGURATION = """\
# Written at every start: changes belong into a file of their own under conf.d/.
listen_addresses = ''
unix_socket_directories = '{sockets}'
port = 5432
max_connections = 120
shared_buffers = 256MB
effective_cache_size = 1GB
work_mem = 16MB
maintenance_work_mem = 128MB
random_page_cost = 1.1
jit = off
max_parallel_workers_per_gather = 0
wal_level = replica
wal_compression = on
max_wal_size = 2GB
min_wal_size = 128MB
checkpoint_timeout = 15min
checkpoint_completion_target = 0.9
wal_buffers = 16MB
timezone = 'UTC'
log_timezone = 'UTC'
log_line_prefix = '%m [%p] %u '
log_checkpoints = off
log_min_duration_statement = 2s
# Never what somebody wrote: no parameters, and no DETAIL or CONTEXT lines, which quote rows.
log_parameter_max_length = 0
log_parameter_max_length_on_error = 0
log_error_verbosity = terse
lc_messages = 'C'
cluster_name = 'hotline-1022'
fsync = {durable}
full_page_writes = {durable}
synchronous_commit = {durable}
include_dir 'conf.d'
"""


def make_folder(cluster: Cluster, settings: Settings) -> None:
    """The cluster's folder and, where it lies elsewhere, the note that says so. Raises ClusterError."""
    try:
        settings.data_dir.mkdir(parents=True, exist_ok=True)
        if cluster.os_user is not None and cluster.pointer is not None:
            cluster.folder.parent.mkdir(mode=0o755, parents=True, exist_ok=True)
        _owned_folder(cluster.folder, cluster.os_user, 0o700)
    except OSError as error:
        raise ClusterError(f"Không ghi được {cluster.folder}: {error.strerror} (cannot write there)") from error


def make(cluster: Cluster, settings: Settings, *, durable: bool) -> None:
    """Make the cluster: in a folder beside, renamed when whole, so that a broken-off initdb leaves nothing half.

    UTF-8, ICU with Vietnamese rules, page checksums, peer authentication on the socket alone. Raises ClusterError.
    """
    make_folder(cluster, settings)
    room = shutil.disk_usage(cluster.folder).free
    if room < ROOM_BYTES:
        raise ClusterError(
            f"Không đủ chỗ trên đĩa cho {cluster.folder}: còn {room // 1_000_000} MB, cần "
            f"{ROOM_BYTES // 1_000_000} MB (not enough room on the disk)"
        )
    draft = cluster.folder / "data.new"
    shutil.rmtree(draft, ignore_errors=True)
    done = cluster.run(
        "initdb",
        "-D",
        str(draft),
        "-U",
        SUPERUSER,
        "--encoding=UTF8",
        "--locale=C.UTF-8",
        "--locale-provider=icu",
        "--icu-locale=vi-VN",
        "--data-checksums",
        "--auth-local=peer",
        "--auth-host=reject",
        "--no-instructions",
        *([] if durable else ["--no-sync"]),
    )
    if done.returncode != 0:
        shutil.rmtree(draft, ignore_errors=True)
        raise ClusterError(f"initdb: {' '.join(done.stdout.split())[-400:]}")
    draft.rename(cluster.data)
    configure(cluster, durable=durable)


def configure(cluster: Cluster, *, durable: bool | None) -> None:
    """Write the cluster's settings and who may log in, where they changed. `durable` None keeps what was said."""
    if durable is None:
        durable = "fsync = off" not in _read(cluster.data / "hotline.conf")
    try:
        _owned_folder(cluster.sockets.parent, None, 0o755 if cluster.os_user else 0o700)
        _owned_folder(cluster.sockets, cluster.os_user, 0o755)
        _owned_folder(cluster.data / "conf.d", cluster.os_user, 0o700)
        _owned_file(
            cluster, "hotline.conf", _CONFIGURATION.format(sockets=cluster.sockets, durable="on" if durable else "off")
        )
        _owned_file(cluster, "pg_hba.conf", f"local all all peer map={_MAP}\n")
        _owned_file(cluster, "pg_ident.conf", _identities(cluster))
        main = _read(cluster.data / "postgresql.conf")
        if "include 'hotline.conf'" not in main:
            _owned_file(cluster, "postgresql.conf", main + "\ninclude 'hotline.conf'\n")
    except OSError as error:
        raise ClusterError(
            f"Không ghi được {error.filename or cluster.data}: {error.strerror} (cannot write there)"
        ) from error


def _identities(cluster: Cluster) -> str:
    """Which user of this machine may be which role: whoever runs the cluster, who started it, and root."""
    people = {pwd.getpwuid(os.geteuid()).pw_name, "root"}
    people |= {name for name in (cluster.os_user, os.environ.get("SUDO_USER")) if name and name.isprintable()}
    roles = (SUPERUSER, "hotline_owner", "hotline_app", "hotline_public")
    return "".join(f'{_MAP} "{person}" {role}\n' for person in sorted(people) for role in roles)


def _read(path: Path) -> str:
    try:
        return path.read_text()
    except FileNotFoundError:
        return ""


def _owned_folder(path: Path, os_user: str | None, mode: int) -> None:
    """The folder, belonging to `os_user` (None: to root or whoever we are). One that a stranger made is refused."""
    with contextlib.suppress(FileExistsError):
        path.mkdir(mode=mode)
    if os_user:
        shutil.chown(path, os_user, os_user)
    elif path.is_symlink() or path.stat().st_uid != os.geteuid():
        raise ClusterError(f"{path} thuộc về người dùng khác (belongs to another user)")
    path.chmod(mode)


def _owned_file(cluster: Cluster, name: str, content: str) -> None:
    path = cluster.data / name
    if _read(path) == content:
        return
    draft = path.with_name(f"{name}.new")
    draft.write_text(content)
    draft.chmod(0o600)
    if cluster.os_user:
        shutil.chown(draft, cluster.os_user, cluster.os_user)
    draft.replace(path)

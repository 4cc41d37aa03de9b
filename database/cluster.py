"""Where a site's embedded cluster lies, as whom it runs, and with which PostgreSQL."""

from __future__ import annotations

import functools
import hashlib
import os
import pwd
import re
import secrets
import subprocess
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote

from database.errors import ClusterError
from database.run_folder import run_folder
from database.settings import Settings

DATABASE = "hotline"
SUPERUSER = "postgres"
OS_USER = "hotline"  # under root the cluster runs as this unprivileged user
OLDEST_POSTGRESQL = 15
_ELSEWHERE = Path("/var/lib/hotline-1022")
_DEBIAN = Path("/usr/lib/postgresql")


@dataclass(frozen=True, kw_only=True)
class Cluster:
    """One private cluster. `folder` holds its data, log and locks; `sockets` is short (a socket's path has
    107 bytes at most); `os_user` is None where the current user runs it."""

    folder: Path
    sockets: Path
    os_user: str | None
    pointer: Path | None = None  # DATA_DIR/cluster.path, where the folder lies outside of DATA_DIR

    @property
    def data(self) -> Path:
        """What PostgreSQL calls PGDATA."""
        return self.folder / "data"

    @property
    def log(self) -> Path:
        """What the server writes."""
        return self.folder / "postgres.log"

    @property
    def made(self) -> bool:
        """Whether it exists: initdb works in a folder beside it that gets this name when it is whole."""
        return (self.data / "PG_VERSION").exists()

    def url(self, role: str, database: str = DATABASE) -> str:
        """A connection string that plain psql opens: role `owner`, `app` or `public`, or the superuser's name."""
        login = role if role == SUPERUSER else f"hotline_{role}"
        return f"postgresql://{login}@/{database}?host={quote(str(self.sockets), safe='')}"

    def run(self, program: str, *arguments: str, seconds: float = 180) -> subprocess.CompletedProcess[str]:
        """Run a program of this cluster's PostgreSQL as its user; what it says comes back in stdout."""
        binary = programs(self) / program
        return subprocess.run(
            [str(binary), *arguments],
            cwd="/",
            env=_environment(),
            stdin=subprocess.DEVNULL,
            text=True,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            timeout=seconds,
            start_new_session=True,
            check=False,
            user=self.os_user,
            group=self.os_user,
            extra_groups=[] if self.os_user else None,
        )


def locate(settings: Settings) -> Cluster:
    """The site's cluster, made or not. Under root where its unprivileged user cannot enter DATA_DIR it lies in
    /var/lib/hotline-1022/, and DATA_DIR/cluster.path says where. Raises ClusterError."""
    pointer = settings.data_dir / "cluster.path"
    if pointer.exists():
        folder = Path(pointer.read_text().strip())
        return Cluster(folder=folder, sockets=run_folder(folder), os_user=_os_user(), pointer=pointer)
    folder = settings.data_dir.resolve() / "cluster"
    user = _os_user()
    if user is not None and not (folder / "data").exists() and not _may_enter(user, settings.data_dir):
        made_by = hashlib.sha256(f"{settings.data_dir}{secrets.token_hex(8)}".encode()).hexdigest()[:12]
        folder = _note(pointer, _ELSEWHERE / made_by)
        return Cluster(folder=folder, sockets=run_folder(folder), os_user=user, pointer=pointer)
    return Cluster(folder=folder, sockets=run_folder(folder), os_user=user)


def programs(cluster: Cluster) -> Path:
    """The folder of PostgreSQL's programs: of the version that made the cluster, else the newest with PostGIS."""
    installed = installed_versions()
    if not installed:
        raise ClusterError(
            f"Chưa cài PostgreSQL {OLDEST_POSTGRESQL} trở lên cùng PostGIS: chạy script/server, hoặc "
            "apt-get install postgresql postgis (PostgreSQL with PostGIS is not installed)"
        )
    if not cluster.made:
        return installed[max(installed)]
    made_with = int((cluster.data / "PG_VERSION").read_text().strip().split(".")[0])
    if made_with not in installed:
        there = ", ".join(str(version) for version in sorted(installed))
        raise ClusterError(
            f"Dữ liệu ở {cluster.data} là của PostgreSQL {made_with}, máy này chỉ có {there}: cài lại PostgreSQL "
            f"{made_with}, hoặc chuyển sang bằng pg_upgrade, hoặc script/reset để làm mới (the data were made by "
            f"PostgreSQL {made_with}; installed is {there})"
        )
    return installed[made_with]


@functools.cache
def installed_versions() -> dict[int, Path]:
    """PostgreSQL's major versions on this machine that have PostGIS, with the folder of their programs."""
    found: dict[int, Path] = {}
    for initdb in _DEBIAN.glob("*/bin/initdb"):
        version, share = initdb.parent.parent.name, Path("/usr/share/postgresql")
        if version.isdigit() and (share / version / "extension" / "postgis.control").exists():
            found[int(version)] = initdb.parent
    if not found:
        found = _from_path()
    return {version: folder for version, folder in found.items() if version >= OLDEST_POSTGRESQL}


def _from_path() -> dict[int, Path]:
    """Other systems: whatever pg_config on the PATH belongs to."""
    try:
        said = subprocess.run(["pg_config"], capture_output=True, text=True, check=True).stdout
    except (OSError, subprocess.CalledProcessError):
        return {}
    values = dict(line.split(" = ", 1) for line in said.splitlines() if " = " in line)
    version = re.search(r"PostgreSQL (\d+)", values.get("VERSION", ""))
    binaries = Path(values.get("BINDIR", ""))
    if (
        version
        and (binaries / "initdb").exists()
        and (Path(values.get("SHAREDIR", "")) / "extension" / "postgis.control").exists()
    ):
        return {int(version[1]): binaries}
    return {}


@functools.cache
def _os_user() -> str | None:
    """Whom the cluster runs as: PostgreSQL refuses root, so root makes a user for it once."""
    if os.geteuid() != 0:
        return None
    try:
        pwd.getpwnam(OS_USER)
    except KeyError:
        made = subprocess.run(
            [
                "useradd",
                "--system",
                "--user-group",
                "--no-create-home",
                "--home-dir",
                "/nonexistent",
                "--shell",
                "/usr/sbin/nologin",
                OS_USER,
            ],
            capture_output=True,
            text=True,
        )
        if made.returncode not in (0, 9):  # 9: another process was first
            raise ClusterError(
                f"Không tạo được người dùng {OS_USER}: {made.stderr.strip()} "
                "(cannot make the user the database runs as)"
            ) from None
    return OS_USER


def _may_enter(user: str, folder: Path) -> bool:
    """Whether `user` can reach `folder`, which is made to find out."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise ClusterError(f"Không tạo được {folder}: {error.strerror} (cannot make it)") from error
    tried = subprocess.run(["/usr/bin/test", "-x", str(folder)], user=user, group=user, extra_groups=[], cwd="/")
    return tried.returncode == 0


def _note(pointer: Path, folder: Path) -> Path:
    """Write where the cluster lies, once: of two processes the first one's folder counts. Gives that folder."""
    draft = pointer.with_name(f"{pointer.name}.{os.getpid()}")
    try:
        draft.write_text(f"{folder}\n")
        os.link(draft, pointer)
    except FileExistsError:
        pass
    except OSError as error:
        raise ClusterError(f"Không ghi được {pointer}: {error.strerror} (cannot write it)") from error
    finally:
        draft.unlink(missing_ok=True)
    return Path(pointer.read_text().strip())


def _environment() -> dict[str, str]:
    return {"PATH": os.environ.get("PATH", "/usr/bin:/bin"), "LC_ALL": "C.UTF-8", "TZ": "UTC"}

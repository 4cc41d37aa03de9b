"""Settings: everything the environment may say, typed in one place."""

from __future__ import annotations

import functools
import os
import re
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from database.errors import SettingsError

REPOSITORY = Path(__file__).resolve().parent.parent

_YES = frozenset({"on", "1", "true", "yes"})
_NO = frozenset({"off", "0", "false", "no"})
# Only what a policy's host and a tile's path may be made of: it goes into a header.
_TILES = re.compile(r"https?://[A-Za-z0-9.-]+(:[0-9]{1,5})?/[A-Za-z0-9/{}._~%?&=@-]+")
_SECRET_FILE = "secret.key"
_SECRET_MIN_BYTES = 16


@dataclass(frozen=True, kw_only=True)
class Settings:
    """What one site runs with. Made by `current()`; reading it has no effect on the disk but `secret_key`."""

    data_dir: Path  # all that changes at run time lies here
    port: int  # where the site listens on 127.0.0.1
    database_url: str | None  # unset: the embedded PostGIS under data_dir
    demo: bool  # script/server fills in demo reports and accounts once
    rate_limits: bool
    metrics_token: str | None = None  # who may read /metrics besides this machine itself
    basemap_tiles: str | None = None  # an outside basemap's address of tiles, with {z}, {x} and {y}
    basemap_attribution: str = ""
    given_secret: str | None = None  # SECRET_KEY as the environment gave it

    @property
    def secret_key(self) -> bytes:
        """SECRET_KEY, or 32 random bytes made once and kept in `data_dir/secret.key`, mode 0600."""
        if self.given_secret is not None:
            return self.given_secret.encode()
        return _kept_secret(self.data_dir)


def current(environment: Mapping[str, str] | None = None) -> Settings:
    """The settings of this process. Raises SettingsError, naming the variable, on a value that cannot be used."""
    env = os.environ if environment is None else environment
    secret = env.get("SECRET_KEY") or None
    if secret is not None and len(secret.encode()) < _SECRET_MIN_BYTES:
        raise SettingsError(
            f"SECRET_KEY quá ngắn: cần ít nhất {_SECRET_MIN_BYTES} byte "
            f"(SECRET_KEY is too short: at least {_SECRET_MIN_BYTES} bytes)"
        )
    return Settings(
        data_dir=Path(env.get("DATA_DIR") or REPOSITORY / "var").absolute(),
        port=_port(env.get("PORT") or "8022"),
        database_url=env.get("DATABASE_URL") or None,
        demo=_switch("DEMO", env.get("DEMO") or "on"),
        rate_limits=_switch("RATE_LIMITS", env.get("RATE_LIMITS") or "on"),
        metrics_token=env.get("METRICS_TOKEN") or None,
        **_basemap(env),
        given_secret=secret,
    )


def _basemap(env: Mapping[str, str]) -> dict[str, str]:
    """Whose tiles to ask for, and whom to name for them: both, or neither."""
    address, attribution = (env.get(name, "").strip() for name in ("BASEMAP_TILES", "BASEMAP_ATTRIBUTION"))
    if not address:
        return {}
    if not _TILES.fullmatch(address) or not all(part in address for part in ("{z}", "{x}", "{y}")):
        raise SettingsError(
            f"BASEMAP_TILES={address}: cần dạng https://máy/đường/{{z}}/{{x}}/{{y}}.png "
            "(an https address with {z}, {x} and {y})"
        )
    if not attribution:
        raise SettingsError(
            "BASEMAP_ATTRIBUTION trống: phải ghi nguồn của bản đồ nền (empty: the basemap's source has to be named)"
        )
    return {"basemap_tiles": address, "basemap_attribution": attribution}


def _switch(name: str, value: str) -> bool:
    word = value.strip().lower()
    if word in _YES:
        return True
    if word in _NO:
        return False
    raise SettingsError(f"{name}={value}: chỉ nhận on hoặc off (only on or off)")


def _port(value: str) -> int:
    if not (value.isascii() and value.isdigit() and 1 <= int(value) <= 65535):
        raise SettingsError(f"PORT={value}: cần một số từ 1 đến 65535 (a number from 1 to 65535)")
    return int(value)


@functools.cache
def _kept_secret(data_dir: Path) -> bytes:
    """The key in the file; made by whoever comes first, and the same for all who come at the same time. Read once a
    process: requests derive from it what they sign."""
    path = data_dir / _SECRET_FILE
    for _ in range(2):
        try:
            key = path.read_bytes()
        except FileNotFoundError:
            _make_secret(path)
        except OSError as error:
            raise SettingsError(f"Không đọc được {path}: {error.strerror} (cannot read it)") from error
        else:
            if len(key) < _SECRET_MIN_BYTES:
                raise SettingsError(f"{path} bị hỏng: quá ngắn (damaged: too short)")
            return key
    raise SettingsError(f"Không tạo được {path} (cannot make it)")


def _make_secret(path: Path) -> None:
    draft = path.with_name(f"{path.name}.{os.getpid()}.{secrets.token_hex(4)}")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(descriptor, "wb") as file:
            file.write(secrets.token_bytes(32))
            file.flush()
            os.fsync(file.fileno())
        try:
            os.link(draft, path)  # refuses when another process was first: then its key counts
        except FileExistsError:
            pass
    except OSError as error:
        raise SettingsError(f"Không ghi được {path}: {error.strerror} (cannot write it)") from error
    finally:
        draft.unlink(missing_ok=True)

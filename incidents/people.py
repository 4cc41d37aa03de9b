"""Reporters, apart from their reports: encrypted with a key that lies outside of the database.

The key is a file under DATA_DIR/keys, named by its id; the row carries the id, so that keys can be rotated.
A reporter's secret (`pin`) is derived from the report's code, never stored.
"""

from __future__ import annotations

import hashlib
import hmac
import os
import secrets
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from database import settings
from incidents.codes import ALPHABET
from incidents.drafts import Reporter

_PIN_LENGTH = 8
_AT_ONCE = 64


@dataclass(frozen=True, kw_only=True)
class SealedPerson:
    """A reporter as the database holds them: nonce and ciphertext together, per column."""

    key_id: str
    name: bytes | None
    phone: bytes | None
    email: bytes | None
    phone_lookup: bytes | None


def _keys_dir() -> Path:
    return settings.current().data_dir / "keys"


@lru_cache(maxsize=8)
def _key(folder: Path, key_id: str) -> bytes:
    return bytes.fromhex((folder / f"{key_id}.key").read_text().strip())


def _current_key_id(folder: Path) -> str:
    """The newest key; made once, by whoever comes first. Processes that run notice a new one by the folder's time."""
    try:
        return _newest_key_id(folder, folder.stat().st_mtime_ns)
    except (FileNotFoundError, IndexError):
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        _make_key(folder, "people-0001")
        return key_ids()[-1]


@lru_cache(maxsize=8)
def _newest_key_id(folder: Path, _changed_ns: int) -> str:
    return sorted(path.stem for path in folder.glob("*.key"))[-1]


def key_ids() -> list[str]:
    """The ids of all keys that are there, the newest last."""
    return sorted(path.stem for path in _keys_dir().glob("*.key"))


def add_key() -> str:
    """Make another key, which is the one in use from now on; its id."""
    folder = _keys_dir()
    number = int(_current_key_id(folder).rpartition("-")[2]) + 1
    _make_key(folder, f"people-{number:04d}")
    return _current_key_id(folder)


def drop_key(key_id: str) -> None:
    """Take a key away: whatever is still encrypted with it is lost, in backups too."""
    (_keys_dir() / f"{key_id}.key").unlink()
    _key.cache_clear()


def _make_key(folder: Path, key_id: str) -> None:
    # Written whole to a name of its own, then linked: of two processes that start at once one wins and both read it.
    temporary = folder / f".{os.getpid()}.{secrets.token_hex(4)}"
    descriptor = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "w") as handle:
        handle.write(AESGCM.generate_key(bit_length=256).hex())
        handle.flush()
        os.fsync(handle.fileno())
    try:
        os.link(temporary, folder / f"{key_id}.key")
    except FileExistsError:
        pass
    finally:
        temporary.unlink()


class Randomness:
    """Pieces of the system's randomness, each handed out once. Many are fetched together: every fetch lets another
    thread in, and a file's rows want one each."""

    def __init__(self, size: int) -> None:
        self._size = size
        self._pieces: list[bytes] = []

    def take(self) -> bytes:
        """The next piece."""
        if not self._pieces:
            fetched = os.urandom(_AT_ONCE * self._size)
            self._pieces = [fetched[at : at + self._size] for at in range(0, len(fetched), self._size)]
        return self._pieces.pop()


class Sealer:
    """The newest key, at hand for many reporters (AES-256-GCM, a fresh nonce a column, bound to its column's name)."""

    def __init__(self) -> None:
        folder = _keys_dir()
        self.key_id = _current_key_id(folder)
        self._key = _key(folder, self.key_id)
        self._cipher = AESGCM(self._key)
        self._nonces = Randomness(12)

    def seal(self, reporter: Reporter) -> SealedPerson:
        """Encrypt a reporter's data."""
        return SealedPerson(
            key_id=self.key_id,
            name=self._encrypt(b"name", reporter.name),
            phone=self._encrypt(b"phone", reporter.phone),
            email=self._encrypt(b"email", reporter.email),
            phone_lookup=_lookup(self._key, reporter.phone) if reporter.phone else None,
        )

    def _encrypt(self, column: bytes, text: str | None) -> bytes | None:
        if not text:
            return None
        nonce = self._nonces.take()
        return nonce + self._cipher.encrypt(nonce, text.encode(), column)


def seal(reporter: Reporter) -> SealedPerson:
    """Encrypt one reporter's data."""
    return Sealer().seal(reporter)


def open_sealed(person: SealedPerson) -> Reporter:
    """The reporter behind a row."""
    cipher = AESGCM(_key(_keys_dir(), person.key_id))

    def decrypt(column: str, sealed: bytes | None) -> str | None:
        return None if sealed is None else cipher.decrypt(sealed[:12], sealed[12:], column.encode()).decode()

    return Reporter(
        name=decrypt("name", person.name), phone=decrypt("phone", person.phone), email=decrypt("email", person.email)
    )


def _lookup(key: bytes, phone: str) -> bytes:
    digits = "".join(symbol for symbol in phone if symbol.isdigit())
    return hmac.new(key, b"phone:" + digits.encode(), hashlib.sha256).digest()


def pin(code: str) -> str:
    """The reporter's own secret of a report, the same each time it is derived."""
    digest = hmac.new(settings.current().secret_key, b"pin:" + code.encode(), hashlib.sha256).digest()
    number = int.from_bytes(digest[:8], "big")
    symbols = []
    for _ in range(_PIN_LENGTH):
        number, digit = divmod(number, len(ALPHABET))
        symbols.append(ALPHABET[digit])
    return "".join(symbols)


def pin_fits(code: str, typed: str) -> bool:
    """Whether a typed pin is the report's, compared in constant time."""
    return hmac.compare_digest(pin(code), typed.strip().upper())

"""Passwords: how they are stored, and which are refused (after NIST SP 800-63B: length, not composition).

Stored as argon2id. A name that nobody bears is answered in the same time as a known one: the same work is done against
a hash that nobody knows the password of.
"""

from __future__ import annotations

import re
import secrets
import threading
import unicodedata
from functools import cache
from pathlib import Path

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from geo.text import search_key
from incidents.errors import IncidentsError

SHORTEST, LONGEST = 12, 128
_FEWEST_DIFFERENT = 5
_COMMON = Path(__file__).with_name("common_passwords.txt")

# OWASP's choice for argon2id, some 30 ms of a core. Each takes 19 MiB, so few run at once: a flood of log-ins waits
# in front of it and does not eat the machine's memory.
_HASHER = PasswordHasher(time_cost=2, memory_cost=19_456, parallelism=1)
_AT_ONCE = threading.BoundedSemaphore(4)


class WeakPassword(IncidentsError):
    """A password that is refused; the message says why, in both languages."""


def hash_password(password: str) -> str:
    """The argon2id hash to store. The password was checked before."""
    with _AT_ONCE:
        return _HASHER.hash(_normal(password))


def verify(stored: str | None, password: str) -> bool:
    """Whether it is the password; with `stored` None the same work is done for nothing."""
    nobodys = _nobodys()  # made here for both, since the first one to need it takes twice as long
    try:
        with _AT_ONCE:
            _HASHER.verify(stored or nobodys, _normal(password)[: 4 * LONGEST])
    except (VerificationError, InvalidHashError):
        return False
    return stored is not None


def is_outdated(stored: str) -> bool:
    """Whether it was hashed with weaker parameters than today's."""
    return _HASHER.check_needs_rehash(stored)


def check(password: str, username: str = "") -> None:
    """Raises WeakPassword for one that is too short, too long, widely used, or made of the name or of the site's own
    words. Any symbol may stand in it, and none has to."""
    password = _normal(password)
    if len(password) < SHORTEST:
        raise WeakPassword(f"Mật khẩu cần ít nhất {SHORTEST} ký tự (at least {SHORTEST} characters)")
    if len(password) > LONGEST:
        raise WeakPassword(f"Mật khẩu nhiều nhất {LONGEST} ký tự (at most {LONGEST} characters)")
    plain = re.sub(r"\W", "", search_key(password))
    if len(set(plain)) < _FEWEST_DIFFERENT or _is_run(plain):
        raise WeakPassword("Mật khẩu lặp lại hoặc theo thứ tự phím (repeated symbols or keys in a row)")
    name = re.sub(r"\W", "", search_key(username))
    core = re.sub(r"^\d+|\d+$", "", plain)
    if plain in common() or core in common() or (len(name) >= 4 and name in plain and len(plain) - len(name) < 8):
        raise WeakPassword("Mật khẩu quá phổ biến hoặc dễ đoán (widely used, or easily guessed)")


def make() -> str:
    """A password for a new account: four groups of five, 98 bits, easily typed."""
    alphabet = "abcdefghjkmnpqrstuvwxyz23456789"
    return "-".join("".join(secrets.choice(alphabet) for _ in range(5)) for _ in range(4))


@cache
def common() -> frozenset[str]:
    """Widely used passwords and the site's own words, without accents and symbols."""
    lines = _COMMON.read_text(encoding="utf-8").splitlines()
    return frozenset(line.strip() for line in lines if line.strip() and not line.startswith("#"))


def _normal(password: str) -> str:
    """The same keys give the same password on every keyboard driver."""
    return unicodedata.normalize("NFKC", password)


def _is_run(plain: str) -> bool:
    """Whether it is one or two pieces of a row of keys or of the alphabet, forwards or backwards, over and over."""
    rows = ("01234567890", "qwertyuiop", "asdfghjkl", "zxcvbnm", "abcdefghijklmnopqrstuvwxyz", "1q2w3e4r5t6y7u8i9o0p")
    lines = [line for row in rows for line in (row, row[::-1])]
    left, pieces = plain, 0
    while len(left) > 2 and pieces < 4:
        size = next((size for size in range(len(left), 2, -1) if any(left[:size] in line for line in lines)), 0)
        if not size:
            return False
        left, pieces = left[size:], pieces + 1
    return len(left) < 3


@cache
def _nobodys() -> str:
    return _HASHER.hash(secrets.token_hex(32))

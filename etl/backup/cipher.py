"""What people wrote, compressed and encrypted in pieces: AES-256-GCM under a key derived from the people's key.

Each piece bears its number and whether it is the last one, so none can be left out, moved or cut off unseen.
"""

from __future__ import annotations

import hashlib
import hmac
import os
import zlib
from collections.abc import Iterable, Iterator
from pathlib import Path

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from etl.backup.archive import Sink, UnusableBackup

_PIECE = 1 << 18
_SALT = 16
_GZIP = 31  # zlib's word for gzip's frame


class Keys:
    """The people's keys of a site: files `<id>.key` with 64 hexadecimal digits under DATA_DIR/keys."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def ids(self) -> list[str]:
        return sorted(path.stem for path in self.folder.glob("*.key"))

    def key(self, key_id: str) -> bytes:
        return bytes.fromhex((self.folder / f"{key_id}.key").read_text().strip())

    def fingerprint(self, key_id: str) -> str:
        """Tells one key from another of the same name, and nothing about it."""
        return hmac.new(self.key(key_id), b"fingerprint", hashlib.sha256).hexdigest()[:16]


class Encrypting:
    """A sink in front of a sink."""

    def __init__(self, sink: Sink, key: bytes) -> None:
        self._sink = sink
        salt = os.urandom(_SALT)
        sink.write(salt)
        self._cipher = AESGCM(_derived(key, salt))
        self._number = 0
        self._zlib = zlib.compressobj(6, zlib.DEFLATED, _GZIP)
        self._held = bytearray()

    def write(self, piece: bytes) -> None:
        self._held += self._zlib.compress(piece)
        while len(self._held) > _PIECE:
            self._put(bytes(self._held[:_PIECE]), last=False)
            del self._held[:_PIECE]

    def close(self) -> None:
        self._held += self._zlib.flush()
        self._put(bytes(self._held), last=True)

    def _put(self, piece: bytes, *, last: bool) -> None:
        sealed = self._cipher.encrypt(_nonce(self._number), piece, b"last" if last else b"more")
        self._sink.write(len(sealed).to_bytes(4, "big") + sealed)
        self._number += 1


def decrypted(pieces: Iterable[bytes], key: bytes) -> Iterator[bytes]:
    """What was written, a piece at a time. Raises UnusableBackup where the key is another one or bytes were touched."""
    buffer, cipher, number = bytearray(), None, 0
    unzip = zlib.decompressobj(_GZIP)
    for piece in pieces:
        buffer += piece
        if cipher is None and len(buffer) >= _SALT:
            cipher = AESGCM(_derived(key, bytes(buffer[:_SALT])))
            del buffer[:_SALT]
        while cipher is not None and len(buffer) >= 4:
            length = int.from_bytes(buffer[:4], "big")
            if len(buffer) < 4 + length:
                break
            sealed = bytes(buffer[4 : 4 + length])
            del buffer[: 4 + length]
            yield unzip.decompress(_opened(cipher, number, sealed))
            number += 1
    if buffer or not unzip.eof:
        raise UnusableBackup("the people's part is cut off")


def _opened(cipher: AESGCM, number: int, sealed: bytes) -> bytes:
    for mark in (b"more", b"last"):
        try:
            return cipher.decrypt(_nonce(number), sealed, mark)
        except InvalidTag:
            continue
    raise UnusableBackup("the people's part does not open with this key")


def _nonce(number: int) -> bytes:
    return number.to_bytes(12, "big")  # the key is one of its own for each file, so numbers do


def _derived(key: bytes, salt: bytes) -> bytes:
    return HKDF(algorithm=hashes.SHA256(), length=32, salt=salt, info=b"hotline backup texts").derive(key)

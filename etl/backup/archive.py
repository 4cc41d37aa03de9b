"""The file itself: a tar that is written as a stream, with a manifest of checksums as its last member."""

from __future__ import annotations

import hashlib
import json
import os
import tarfile
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, Any

from etl.errors import UnreadableFile

MANIFEST = "manifest.json"
FORMAT = 1
_BLOCK = tarfile.BLOCKSIZE
_PIECE = 1 << 20


class UnusableBackup(UnreadableFile):
    """The file is no whole backup that this code can read."""


@dataclass(kw_only=True)
class Sink:
    """Where a member's bytes go."""

    file: IO[bytes]
    size: int = 0
    digest: Any = field(default_factory=hashlib.sha256)

    def write(self, piece: bytes) -> None:
        self.file.write(piece)
        self.digest.update(piece)
        self.size += len(piece)


class Writer:
    """Writes beside `path` and takes its place when all of it is on the disk; a broken-off one leaves nothing."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._draft = path.with_name(f".{path.name}.{os.getpid()}.part")
        self._members: dict[str, dict[str, Any]] = {}

    def __enter__(self) -> Writer:
        descriptor = os.open(self._draft, os.O_RDWR | os.O_CREAT | os.O_TRUNC, 0o600)
        self._file = os.fdopen(descriptor, "w+b")
        return self

    def __exit__(self, kind: object, *_: object) -> None:
        self._file.close()
        self._draft.unlink(missing_ok=True)  # where it was finished it bears its own name by now

    @contextmanager
    def member(self, name: str) -> Iterator[Sink]:
        """Write one member of a length that nobody knows before: its header is filled in afterwards."""
        begin = self._file.tell()
        self._file.write(b"\0" * _BLOCK)
        sink = Sink(file=self._file)
        yield sink
        self._file.write(b"\0" * (-sink.size % _BLOCK))
        end = self._file.tell()
        info = tarfile.TarInfo(name)
        info.size, info.mode, info.mtime = sink.size, 0o600, int(time.time())
        header = info.tobuf(tarfile.GNU_FORMAT)
        assert len(header) == _BLOCK, name
        self._file.seek(begin)
        self._file.write(header)
        self._file.seek(end)
        self._members[name] = {"size": sink.size, "sha256": sink.digest.hexdigest()}

    def finish(self, facts: Mapping[str, Any]) -> int:
        """Write the manifest, flush to the disk, put the file in its place; its size in bytes."""
        manifest = {"format": FORMAT, **facts, "members": dict(self._members)}
        with self.member(MANIFEST) as sink:
            sink.write(json.dumps(manifest, ensure_ascii=False, indent=1).encode())
        self._file.write(b"\0" * _BLOCK * 2)
        self._file.flush()
        os.fsync(self._file.fileno())
        size = self._file.tell()
        self._draft.replace(self._path)
        folder = os.open(self._path.parent, os.O_RDONLY)
        try:
            os.fsync(folder)
        finally:
            os.close(folder)
        return size


class Reader:
    """A backup that is there. Raises UnusableBackup."""

    def __init__(self, path: Path) -> None:
        try:
            self._tar = tarfile.open(path, "r:")  # noqa: SIM115 - closed with the reader
            self._tar.getmembers()
            file = self._tar.extractfile(MANIFEST)
            assert file is not None
            self.manifest: dict[str, Any] = json.load(file)
            self.members: dict[str, dict[str, Any]] = dict(self.manifest["members"])
        except OSError as error:
            raise UnusableBackup(f"{path}: {error.strerror}") from error
        except (tarfile.TarError, KeyError, ValueError, AssertionError, TypeError) as error:
            raise UnusableBackup(f"{path}: not a backup, or its end is missing") from error
        if self.manifest.get("format") != FORMAT:
            raise UnusableBackup(f"{path}: format {self.manifest.get('format')}, this code reads {FORMAT}")

    def __enter__(self) -> Reader:
        return self

    def __exit__(self, *_: object) -> None:
        self._tar.close()

    def check(self) -> None:
        """Read all of it against the manifest."""
        for name, said in self.members.items():
            digest, size = hashlib.sha256(), 0
            for piece in self.pieces(name):
                digest.update(piece)
                size += len(piece)
            if size != said["size"] or digest.hexdigest() != said["sha256"]:
                raise UnusableBackup(f"{name} is damaged: its checksum is another one")

    def pieces(self, name: str) -> Iterator[bytes]:
        """A member's bytes, a piece at a time."""
        try:
            file = self._tar.extractfile(name)
        except (KeyError, tarfile.TarError) as error:
            raise UnusableBackup(f"{name} is missing") from error
        if file is None:
            raise UnusableBackup(f"{name} is no file")
        try:
            while piece := file.read(_PIECE):
                yield piece
        except (tarfile.TarError, OSError) as error:
            raise UnusableBackup(f"{name} cannot be read") from error

    def content(self, name: str) -> bytes:
        """A small member at once."""
        return b"".join(self.pieces(name))

    def named(self, prefix: str) -> list[str]:
        """The members whose name begins with this."""
        return [name for name in self.members if name.startswith(prefix)]

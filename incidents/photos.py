"""Photos: read with limits, re-encoded, stripped of EXIF, stored by hash outside of the web root.

A photo is stored before the transaction that names it, so that no report ever names a file that is not there. What no
report names in the end (the transaction failed, the process was killed) is taken away after a day: `remove_orphans`.
"""

from __future__ import annotations

import errno
import fcntl
import hashlib
import io
import os
import re
import secrets
import threading
import time
import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO

from PIL import ExifTags, Image, UnidentifiedImageError

from database import settings
from incidents.drafts import StoredPhoto
from incidents.errors import IncidentsError

MAX_BYTES = 15 * 1024 * 1024
MAX_PIXELS = 60_000_000
MAX_PHOTOS = 5
_LONGEST_SIDE = 2048
_THUMBNAIL_SIDE = 480
_FORMATS = ("JPEG", "PNG", "WEBP")
_AT_ONCE = threading.BoundedSemaphore(1)
"""decoding takes up to 8 bytes a pixel: so many at a time in one process, or a crowd of senders eats its memory"""
GRACE_SECONDS = 24 * 3600.0
"""so long a file may be there without a report that names it"""
_FULL = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EROFS})
_UPRIGHT = {
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_270,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_90,
}
_NAME = re.compile(r"([0-9a-f]{64})(-s)?\.jpg")

# The limits are checked from the header, before a pixel is decoded; Pillow's own guard stays as the second one.
Image.MAX_IMAGE_PIXELS = MAX_PIXELS
warnings.simplefilter("error", Image.DecompressionBombWarning)


class UnusablePhoto(IncidentsError):
    """An upload that is no photo that can be kept; the message says why and what to send instead."""


class NoRoom(IncidentsError):
    """The disk that holds the photos is full, or takes nothing; nothing of this photo was kept."""


def folder() -> Path:
    """Where photos lie: DATA_DIR/photos/ab/abcdef….jpg, and …-s.jpg for the small one."""
    return settings.current().data_dir / "photos"


def path(sha256: str, *, small: bool = False) -> Path:
    """The file of a stored photo."""
    return folder() / sha256[:2] / f"{sha256}{'-s' if small else ''}.jpg"


def store(upload: bytes | IO[bytes]) -> StoredPhoto:
    """Re-encode an upload as JPEG and keep it, on disk for good before this returns. Raises UnusablePhoto, NoRoom."""
    file = io.BytesIO(upload) if isinstance(upload, bytes) else upload
    size = file.seek(0, os.SEEK_END)
    if size > MAX_BYTES:
        raise too_large(size)
    file.seek(0)
    with _AT_ONCE:
        upright, place = _decoded(file)
    encoded = _jpeg(upright, quality=85)
    sha256 = hashlib.sha256(encoded).hexdigest()
    width, height = upright.size
    _keep(path(sha256), encoded)
    upright.thumbnail((_THUMBNAIL_SIDE, _THUMBNAIL_SIDE))
    _keep(path(sha256, small=True), _jpeg(upright, quality=78))
    return StoredPhoto(
        sha256=sha256,
        width=width,
        height=height,
        exif_lon=place[0] if place else None,
        exif_lat=place[1] if place else None,
    )


def too_large(size: int) -> UnusablePhoto:
    """What to say of an upload of so many bytes."""
    return UnusablePhoto(f"a photo may have at most {MAX_BYTES // 2**20} MB, this one has {-(-size // 2**20)} MB")


def _decoded(upload: IO[bytes]) -> tuple[Image.Image, tuple[float, float] | None]:
    """The picture, upright and no larger than it is kept, and the place that its camera wrote (lon, lat)."""
    try:
        with Image.open(upload, formats=_FORMATS) as image:
            if image.width * image.height > MAX_PIXELS:
                raise UnusablePhoto(
                    f"a photo may have at most {MAX_PIXELS // 1_000_000} million pixels, "
                    f"this one has {image.width} × {image.height}"
                )
            place = _exif_place(image)
            image.draft("RGB", (_LONGEST_SIDE, _LONGEST_SIDE))
            # Made small first, in place: every copy of the whole picture is a quarter of a gigabyte at the limit.
            small = image if image.mode in ("RGB", "L", "CMYK", "YCbCr") else image.convert("RGB")
            small.thumbnail((_LONGEST_SIDE, _LONGEST_SIDE))
            orientation = image.getexif().get(ExifTags.Base.Orientation)
            if orientation in _UPRIGHT:
                small = small.transpose(_UPRIGHT[orientation])
            upright = small.convert("RGB")
    except UnusablePhoto:
        raise
    except (Image.DecompressionBombError, Image.DecompressionBombWarning) as error:
        raise UnusablePhoto(f"a photo may have at most {MAX_PIXELS // 1_000_000} million pixels") from error
    except UnidentifiedImageError as error:
        raise UnusablePhoto("this file is not a photo in JPEG, PNG or WebP") from error
    except (OSError, ValueError, SyntaxError) as error:
        raise UnusablePhoto("this photo is damaged and cannot be read") from error
    return upright, place


def _jpeg(image: Image.Image, *, quality: int) -> bytes:
    buffer = io.BytesIO()
    image.save(buffer, "JPEG", quality=quality, optimize=True)  # a fresh save carries no EXIF along
    return buffer.getvalue()


def _keep(target: Path, content: bytes) -> None:
    """Write under a name of its own, flush to disk, then rename: a reader never sees half a photo. Raises NoRoom."""
    try:
        target.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        with _held(fcntl.LOCK_SH):
            try:
                os.utime(target)  # it is there: its grace begins anew, before anybody takes it for an orphan
                return
            except FileNotFoundError:
                pass
        temporary = target.with_name(f".{target.name}.{secrets.token_hex(4)}")
        try:
            with open(temporary, "xb") as handle:
                handle.write(content)
                handle.flush()
                os.fsync(handle.fileno())
            os.replace(temporary, target)
        finally:
            temporary.unlink(missing_ok=True)
        descriptor = os.open(target.parent, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)
    except OSError as error:
        if error.errno in _FULL:
            raise NoRoom(f"no room for photos: {error.strerror}") from error
        raise


@contextmanager
def _held(how: int) -> Iterator[None]:
    """The store's lock: shared by those who count on a file, alone for who takes orphans away."""
    with open(folder() / ".lock", "ab") as lock:
        fcntl.flock(lock, how)
        yield


def remove_orphans(named: Callable[[list[str]], set[str]], *, grace_s: float = GRACE_SECONDS) -> int:
    """Take away files older than `grace_s` that no report names, and what broken-off writes left; how many.

    `named` says which of the given hashes some report names. A file that is stored again meanwhile is young again, and
    stays: its age is looked at under the lock, after the question.
    """
    removed = 0
    for part in sorted(folder().glob("[0-9a-f][0-9a-f]")):
        old = [path for path in part.iterdir() if _age(path) > grace_s]
        if not old:
            continue
        hashes = {path: match[1] for path in old if (match := _NAME.fullmatch(path.name))}
        kept = named(sorted(set(hashes.values()))) if hashes else set()
        for path in old:
            left_over = path.name.startswith(".")
            if not left_over and (path not in hashes or hashes[path] in kept):
                continue  # named by a report; or not ours
            with _held(fcntl.LOCK_EX):
                if _age(path) > grace_s:
                    path.unlink(missing_ok=True)
                    removed += 1
    return removed


def _age(path: Path) -> float:
    try:
        return time.time() - path.stat().st_mtime
    except FileNotFoundError:
        return 0.0


def _exif_place(image: Image.Image) -> tuple[float, float] | None:
    """Longitude and latitude that the camera wrote, kept privately as a candidate for the place."""
    try:
        gps = image.getexif().get_ifd(ExifTags.IFD.GPSInfo)
        lat = _degrees(gps[ExifTags.GPS.GPSLatitude], gps.get(ExifTags.GPS.GPSLatitudeRef, "N"))
        lon = _degrees(gps[ExifTags.GPS.GPSLongitude], gps.get(ExifTags.GPS.GPSLongitudeRef, "E"))
    except (KeyError, TypeError, ValueError, ZeroDivisionError, IndexError, SyntaxError, OSError):
        return None
    return (lon, lat) if -180 <= lon <= 180 and -90 <= lat <= 90 and (lon, lat) != (0.0, 0.0) else None


def _degrees(parts: tuple[float, float, float], reference: str) -> float:
    value = float(parts[0]) + float(parts[1]) / 60 + float(parts[2]) / 3600
    return -value if reference in ("S", "W") else value

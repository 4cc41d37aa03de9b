"""Photos: read with limits, re-encoded, stripped of EXIF, stored by hash outside of the web root."""

from __future__ import annotations

import hashlib
import io
import os
import secrets
import warnings
from pathlib import Path

from PIL import ExifTags, Image, ImageOps, UnidentifiedImageError

from database import settings
from incidents.drafts import StoredPhoto
from incidents.errors import IncidentsError

MAX_BYTES = 15 * 1024 * 1024
MAX_PIXELS = 60_000_000
MAX_PHOTOS = 5
_LONGEST_SIDE = 2048
_THUMBNAIL_SIDE = 480
_FORMATS = ("JPEG", "PNG", "WEBP")

# The limits are checked from the header, before a pixel is decoded; Pillow's own guard stays as the second one.
Image.MAX_IMAGE_PIXELS = MAX_PIXELS
warnings.simplefilter("error", Image.DecompressionBombWarning)


class UnusablePhoto(IncidentsError):
    """An upload that is no photo that can be kept; the message says why and what to send instead."""


def folder() -> Path:
    """Where photos lie: DATA_DIR/photos/ab/abcdef….jpg, and …-s.jpg for the small one."""
    return settings.current().data_dir / "photos"


def path(sha256: str, *, small: bool = False) -> Path:
    """The file of a stored photo."""
    return folder() / sha256[:2] / f"{sha256}{'-s' if small else ''}.jpg"


def store(upload: bytes) -> StoredPhoto:
    """Re-encode an upload as JPEG and keep it, on disk for good before this returns. Raises UnusablePhoto."""
    if len(upload) > MAX_BYTES:
        raise UnusablePhoto(f"a photo may have at most {MAX_BYTES // 2**20} MB, this one has {len(upload) // 2**20} MB")
    try:
        with Image.open(io.BytesIO(upload), formats=_FORMATS) as image:
            if image.width * image.height > MAX_PIXELS:
                raise UnusablePhoto(
                    f"a photo may have at most {MAX_PIXELS // 1_000_000} million pixels, "
                    f"this one has {image.width} × {image.height}"
                )
            place = _exif_place(image)
            image.draft("RGB", (_LONGEST_SIDE, _LONGEST_SIDE))
            upright = ImageOps.exif_transpose(image).convert("RGB")
    except UnusablePhoto:
        raise
    except (UnidentifiedImageError, Image.DecompressionBombError, Image.DecompressionBombWarning) as error:
        raise UnusablePhoto("this file is not a photo in JPEG, PNG or WebP") from error
    except (OSError, ValueError, SyntaxError) as error:
        raise UnusablePhoto("this photo is damaged and cannot be read") from error
    upright.thumbnail((_LONGEST_SIDE, _LONGEST_SIDE))
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


def _jpeg(image: Image.Image, *, quality: int) -> bytes:
    buffer = io.BytesIO()
    image.save(buffer, "JPEG", quality=quality, optimize=True)  # a fresh save carries no EXIF along
    return buffer.getvalue()


def _keep(target: Path, content: bytes) -> None:
    """Write under a name of its own, flush to disk, then rename: a reader never sees half a photo."""
    if target.exists():
        return
    target.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    temporary = target.with_name(f".{target.name}.{secrets.token_hex(4)}")
    with open(temporary, "xb") as handle:
        handle.write(content)
        handle.flush()
        os.fsync(handle.fileno())
    os.replace(temporary, target)
    descriptor = os.open(target.parent, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


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

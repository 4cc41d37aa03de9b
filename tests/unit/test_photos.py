"""Photos are re-encoded without what the camera wrote, and refused with a reason."""

from __future__ import annotations

import io
import zipfile

import pytest
from PIL import Image

from incidents import photos


@pytest.fixture(autouse=True)
def store(tmp_path, monkeypatch):
    monkeypatch.setenv("DATA_DIR", str(tmp_path))


def jpeg(size=(300, 200), place=True, orientation=None) -> bytes:
    image = Image.new("RGB", size, (200, 30, 30))
    exif = Image.Exif()
    if orientation:
        exif[0x0112] = orientation
    if place:
        exif.get_ifd(0x8825).update({1: "N", 2: (10.0, 46.0, 21.0), 3: "E", 4: (106.0, 41.0, 52.8)})
        exif[0x8825] = exif.get_ifd(0x8825)
    buffer = io.BytesIO()
    image.save(buffer, "JPEG", exif=exif)
    return buffer.getvalue()


def test_exif_is_stripped_and_its_place_kept_apart() -> None:
    stored = photos.store(jpeg())
    assert stored.exif_lat == pytest.approx(10.7725, abs=1e-4)
    assert stored.exif_lon == pytest.approx(106.698, abs=1e-4)
    for small in (False, True):
        with Image.open(photos.path(stored.sha256, small=small)) as image:
            assert not image.getexif()
            assert image.format == "JPEG"


def test_a_turned_photo_stands_upright() -> None:
    stored = photos.store(jpeg(orientation=6))
    assert (stored.width, stored.height) == (200, 300)


def test_a_large_photo_is_made_smaller() -> None:
    stored = photos.store(jpeg((5000, 2500)))
    assert (stored.width, stored.height) == (2048, 1024)


def test_the_same_photo_twice_is_one_file() -> None:
    assert photos.store(jpeg()) == photos.store(jpeg())
    assert len(list(photos.folder().rglob("*.jpg"))) == 2  # the photo and its small version


def zip_file() -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        archive.writestr("a.jpg", jpeg())
    return buffer.getvalue()


def png_header(width: int, height: int) -> bytes:
    """A PNG that says it is enormous, with a valid header and hardly any data behind it."""
    buffer = io.BytesIO()
    Image.new("L", (1, 1)).save(buffer, "PNG")
    content = bytearray(buffer.getvalue())
    content[16:24] = width.to_bytes(4, "big") + height.to_bytes(4, "big")
    import zlib

    content[29:33] = zlib.crc32(bytes(content[12:29])).to_bytes(4, "big")
    return bytes(content)


@pytest.mark.parametrize(
    ("upload", "why"),
    [
        (b"", "not a photo"),
        (b"<svg xmlns='http://www.w3.org/2000/svg'><script>alert(1)</script></svg>", "not a photo"),
        (zip_file(), "not a photo"),
        (jpeg()[:400], "damaged"),
        (png_header(50_000, 50_000), "million pixels|not a photo"),
        (b"\xff\xd8" + b"0" * photos.MAX_BYTES, "MB"),
    ],
)
def test_what_is_no_photo_is_refused_with_a_reason(upload: bytes, why: str) -> None:
    with pytest.raises(photos.UnusablePhoto, match=why):
        photos.store(upload)
    assert not list(photos.folder().rglob("*.jpg"))

"""Uploads that are meant to hurt, over HTTP: each is refused or cleaned with a clear message, and the server's memory
stays flat."""

from __future__ import annotations

import io
import json
import socket
import time
import zipfile
import zlib
from collections.abc import Iterator
from urllib.parse import urlsplit

import httpx
import psycopg
import pytest
from PIL import Image

from incidents import photos
from tests import sites

REPORT = {"channel": "web", "category": "fallen_tree", "lat": 10.7725, "lon": 106.698}
FLAT_MB = 120
"""so much more than before may the web processes hold together, afterwards"""


def web_processes(site) -> list[int]:
    master = next(process for process, command in site.children().items() if "gunicorn" in command)
    return [process for process, parent, _ in sites.processes() if parent == master]


def memory_mb(site, what: str = "VmRSS") -> float:
    """What the web processes hold now; `VmHWM`: the most they ever held."""
    total = 0
    for process in web_processes(site):
        with open(f"/proc/{process}/status") as status:
            total += next(int(line.split()[1]) for line in status if line.startswith(what))
    return total / 1024


def upload(site, content: bytes, name: str = "a.jpg", kind: str = "image/jpeg") -> httpx.Response:
    return httpx.post(
        f"{site.url}/api/v1/reports", data={"report": json.dumps(REPORT)}, files={"photos": (name, content, kind)},
        timeout=120,
    )  # fmt: skip


def huge_png() -> bytes:
    """50,000 × 50,000 pixels, every one of them really there: 313 MB of pixels in some 300 kB."""

    def chunk(kind: bytes, content: bytes) -> bytes:
        return len(content).to_bytes(4, "big") + kind + content + zlib.crc32(kind + content).to_bytes(4, "big")

    side = 50_000
    packer, packed = zlib.compressobj(9), bytearray()
    row = b"\0" + b"\0" * (side // 8)
    for _ in range(side):
        packed += packer.compress(row)
    packed += packer.flush()
    header = side.to_bytes(4, "big") * 2 + bytes((1, 0, 0, 0, 0))
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", bytes(packed)) + chunk(b"IEND", b"")


def zip_file() -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        archive.writestr("a.jpg", b"\xff\xd8\xff" + b"0" * 1000)
    return buffer.getvalue()


SVG = b"<svg xmlns='http://www.w3.org/2000/svg'><script>alert(1)</script></svg>"


@pytest.fixture(scope="module", autouse=True)
def warm(site) -> None:
    """Both processes have their reference data before anything is measured."""
    for _ in range(12):
        assert httpx.post(f"{site.url}/api/v1/reports", json=REPORT, timeout=60).status_code == 201


@pytest.mark.parametrize(
    ("content", "name", "why"),
    [
        (huge_png(), "a.png", "million pixels"),
        (SVG, "a.svg", "not a photo in JPEG, PNG or WebP"),
        (SVG, "a.jpg", "not a photo in JPEG, PNG or WebP"),
        (zip_file(), "a.jpg", "not a photo in JPEG, PNG or WebP"),
        (b"\xff\xd8\xff\xe0" + b"\0" * (photos.MAX_BYTES + 1), "a.jpg", "at most 15 MB"),
    ],
    ids=["50000x50000", "svg", "svg named jpg", "zip named jpg", "too many bytes"],
)
def test_refused_with_a_reason_and_memory_stays_flat(site, content, name, why) -> None:
    before = memory_mb(site)
    for _ in range(6):
        answer = upload(site, content, name)
        assert answer.status_code == 422, answer.text
        assert why in answer.json()["errors"][0]["message"] and answer.json()["errors"][0]["field"] == "photos"
    assert memory_mb(site) - before < FLAT_MB
    assert not list((site.data_dir / "photos").glob("*/*.svg"))


def pieces(total: int) -> Iterator[bytes]:
    for _ in range(total // 65_536):
        yield b"\xff" * 65_536


@pytest.mark.parametrize("said", ["length", "chunked"])
def test_200_mb_are_refused_while_memory_stays_flat(site, said, capsys) -> None:
    before = memory_mb(site)
    total = 200 * 1024 * 1024
    head = (
        b'--x\r\nContent-Disposition: form-data; name="report"\r\n\r\n' + json.dumps(REPORT).encode()
        + b'\r\n--x\r\nContent-Disposition: form-data; name="photos"; filename="a.jpg"\r\n\r\n'
    )  # fmt: skip
    lines = ["POST /api/v1/reports HTTP/1.1", "Host: x", "Content-Type: multipart/form-data; boundary=x"]
    lines += [f"Content-Length: {total + len(head) + 9}"] if said == "length" else ["Transfer-Encoding: chunked"]
    place = urlsplit(site.url)
    began, most = time.monotonic(), before
    with socket.create_connection((place.hostname, place.port), timeout=60) as connection:
        connection.sendall("\r\n".join([*lines, "", ""]).encode())

        def put(piece: bytes) -> None:
            connection.sendall(piece if said == "length" else f"{len(piece):x}\r\n".encode() + piece + b"\r\n")

        try:
            put(head)
            for number, piece in enumerate(pieces(total)):
                put(piece)
                if number % 400 == 0:
                    most = max(most, memory_mb(site))
            put(b"\r\n--x--\r\n")
            if said == "chunked":
                connection.sendall(b"0\r\n\r\n")
        except (BrokenPipeError, ConnectionResetError):
            pass  # it need not listen to all of it
        try:
            answer = connection.recv(65_536)
        except ConnectionResetError:
            answer = b""
    assert not answer or answer.startswith(b"HTTP/1.1 413"), answer[:200]
    most = max(most, memory_mb(site))
    with capsys.disabled():
        print(
            f"\n200 MB ({said}): {time.monotonic() - began:.1f} s, "
            f"{before:.0f} → at most {most:.0f} MB, {answer[:12]!r}"
        )
    assert most - before < FLAT_MB
    assert httpx.get(f"{site.url}/healthz").status_code == 200


def test_a_long_json_and_a_long_form_field_are_413(site) -> None:
    before = memory_mb(site)
    long = json.dumps({**REPORT, "description": "x" * 30_000_000}).encode()
    answer = httpx.post(
        f"{site.url}/api/v1/reports", content=long, headers={"Content-Type": "application/json"}, timeout=60
    )
    assert answer.status_code == 413 and answer.json()["status"] == 413
    page = httpx.post(f"{site.url}/report", data={"description": "x" * 5_000_000}, timeout=60)
    assert page.status_code == 413
    answer = httpx.post(f"{site.url}/api/v1/reports", files={"report": ("r", long, "application/json")}, timeout=60)
    assert answer.status_code == 413
    assert memory_mb(site) - before < FLAT_MB


def test_a_crowd_of_the_largest_photos_that_are_taken(site, capsys) -> None:
    """Twenty at once, each as many pixels as are allowed: they are decoded a few at a time."""
    from concurrent.futures import ThreadPoolExecutor

    buffer = io.BytesIO()
    Image.new("RGB", (7_700, 7_700), (10, 120, 90)).save(buffer, "PNG", compress_level=1)
    before = memory_mb(site)
    with ThreadPoolExecutor(20) as crowd:
        answers = list(crowd.map(lambda _: upload(site, buffer.getvalue(), "a.png"), range(20)))
    assert {answer.status_code for answer in answers} == {201}
    after, most = memory_mb(site), memory_mb(site, "VmHWM")
    with capsys.disabled():
        print(f"\n20 × 59 million pixels at once: {before:.0f} MB before, {most:.0f} at most, {after:.0f} after")
    assert after - before < FLAT_MB
    assert most < 2_500


def test_the_cameras_place_is_kept_apart_and_never_shown(site) -> None:
    image = Image.new("RGB", (300, 200), (200, 30, 30))
    exif = Image.Exif()
    exif[0x010F] = "CameraOfCanary"
    exif[0x8825] = {1: "N", 2: (10.0, 46.0, 21.0), 3: "E", 4: (106.0, 41.0, 52.8)}
    buffer = io.BytesIO()
    image.save(buffer, "JPEG", exif=exif)
    sent = upload(site, buffer.getvalue())
    assert sent.status_code == 201
    with psycopg.connect(site.environment["DATABASE_URL"]) as connection:
        sha256, lon, lat = connection.execute(
            "SELECT sha256, ST_X(exif_geom), ST_Y(exif_geom) FROM photo JOIN report ON report.id = report_id "
            "WHERE code = %s",
            (sent.json()["code"],),
        ).fetchone()
    assert (lon, lat) == (pytest.approx(106.698, abs=1e-4), pytest.approx(10.7725, abs=1e-4))
    for small in ("", "-s"):
        content = (site.data_dir / "photos" / sha256[:2] / f"{sha256}{small}.jpg").read_bytes()
        assert b"Exif" not in content and b"CameraOfCanary" not in content
    assert httpx.get(f"{site.url}/photos/{sha256}.jpg").status_code == 404  # held until somebody has looked
    assert "exif" not in httpx.get(f"{site.url}/api/v1/reports/{sent.json()['code']}").text

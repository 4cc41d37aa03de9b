"""People who report, in every spelling, by every way in: nowhere that anybody may see, and nowhere that anybody might
look later. Only the report's own row, which staff read, has what they wrote; who they are is encrypted."""

from __future__ import annotations

import itertools
import json
import math
import re
import subprocess
import tarfile
import time
import unicodedata
import zipfile
from collections.abc import Iterable
from functools import partial
from pathlib import Path

import httpx
import mapbox_vector_tile
import psycopg
import pytest
from psycopg import sql
from pyarrow import parquet

from etl import formats
from tests import sites
from tests.streams import Stream
from webmap import policy, tiles

get, post = partial(httpx.get, timeout=60), partial(httpx.post, timeout=60)
"""a busy machine takes its time over the first address"""
NAME = "Huỳnh Đặng Thục Quyên"
PHONE = "0918 274 655"
EMAIL = "thucquyen.hd@canary.example.vn"
PLACE = {"lat": 10.7725, "lon": 106.698}
NOT_FROM_PEOPLE = {
    "area", "area_link", "basemap", "gazetteer_copy", "gazetteer_entry", "gazetteer_source", "responsibility",
    "spatial_ref_sys",
}  # fmt: skip
ONLY_FOR_STAFF = {("report", "description"), ("report", "address")}


def plain(text: str) -> str:
    """Without accents, in small letters: what remains of a name in any spelling."""
    apart = unicodedata.normalize("NFD", text.replace("Đ", "D").replace("đ", "d"))
    return "".join(each for each in apart.casefold() if each.isalnum())


_ESCAPED = re.compile(r"\\u([0-9a-fA-F]{4})")
NEEDLES = (plain(NAME), plain(NAME.split(" ", 2)[2]), plain(PHONE)[1:], plain(EMAIL), "canaryexample")
SPELLINGS = (
    (NAME, PHONE),
    (unicodedata.normalize("NFD", NAME), "0918274655"),
    (NAME.upper(), "0918.274.655"),
    ("Huynh Dang Thuc Quyen", "+84 918 274 655"),
    ("huỳnh  đặng thục quyên", "0 9 1 8 2 7 4 6 5 5"),
    ("HUYNH DANG THUC QUYEN", "(0918) 274-655"),
)


def found(text: str | bytes) -> list[str]:
    """Which canaries sit in it, however they are spelled or escaped."""
    if isinstance(text, bytes):
        text = text.decode("utf-8", "replace")
    unescaped = _ESCAPED.sub(lambda match: chr(int(match[1], 16)), text)
    folded = plain(unescaped)
    return [needle for needle in NEEDLES if needle in folded]


def test_the_search_itself_finds_every_spelling() -> None:
    for name, phone in SPELLINGS:
        assert NEEDLES[0] in found(f"x{name}y") and NEEDLES[2] in found(f"gọi {phone} ngay"), (name, phone)
    assert found(json.dumps({"a": NAME})) and found(NAME.encode()) and found(f"<{EMAIL}>")
    assert not found("Huỳnh Đặng, 0918 274 654, canary@sample.org")


@pytest.fixture(scope="module")
def stream(site) -> Iterable[Stream]:
    with Stream(url=site.url) as listening:
        yield listening


@pytest.fixture(scope="module")
def codes(site, stream) -> list[str]:
    """Every spelling by JSON, by multipart and by the form without a script."""
    sent = []
    for number, (name, phone) in enumerate(SPELLINGS):
        body = {
            "channel": "web", "category": "fallen_tree", **PLACE, "description": f"Gọi {name}, {phone} hoặc {EMAIL}",
            "reporter": {"name": name, "phone": phone, "email": EMAIL},
        }  # fmt: skip
        headers = {"Idempotency-Key": f"canary-{number}"}
        answers = [
            post(f"{site.url}/api/v1/reports", json=body, headers=headers),
            post(f"{site.url}/api/v1/reports", files={"report": (None, json.dumps(body), "application/json")}),
        ]
        for answer in answers:
            assert answer.status_code == 201 and not found(answer.content), answer.text
            sent.append(answer.json()["code"])
        too = post(f"{site.url}/api/v1/reports", json={**body, "joins": sent[0]})  # “I see it too”
        assert too.status_code == 201 and not found(too.content), too.text
        sent.append(too.json()["code"])
        form = {"address": "Phường Bến Thành", "category": "flooding", "description": body["description"]}
        page = post(f"{site.url}/report", data={**form, "name": name, "phone": phone, "key": f"form-{number}"})
        assert page.status_code == 201 and not found(page.content)
    return sent


def public_paths(codes: Iterable[str]) -> list[str]:
    """Every address that is open to everybody, with what the reports of this test make of it."""
    paths = ["/", "/list", "/report", "/r", "/login", "/api/docs", "/api/v1/openapi.json", "/metrics", "/readyz"]
    paths += ["/healthz", "/offline", "/manifest.webmanifest", "/sw.js", "/r/find", "/language/vi", "/theme/dark"]
    paths += ["/api/v1/reports", "/api/v1/incidents", "/api/v1/reports?bbox=106.6,10.7,106.8,10.8&limit=1000"]
    paths += ["/download/map.html", "/download/map.html?bbox=106.68,10.76,106.71,10.79&zoom=15"]
    paths += [f"/api/v1/{name}" for name in ("fields", "categories", "units", "areas")]
    where = f"lat={PLACE['lat']}&lon={PLACE['lon']}"
    paths += [f"/api/v1/locate?{where}", f"/api/v1/reverse?{where}", "/api/v1/geocode?q=Phường Bến Thành"]
    for code in codes:
        paths += [f"/r/{code}", f"/r/{code}?part=1", f"/api/v1/reports/{code}"]
    paths += [f"/tiles/{layer}.json" for layer in tiles.LAYERS]
    return paths + tile_paths()


def tile_paths() -> list[str]:
    """Those of every layer that hold the place, at every zoom that the layer has."""
    paths = []
    for layer, its in tiles.LAYERS.items():
        for zoom in range(its.minzoom, its.maxzoom + 1):
            x, y = tile(zoom)
            paths.append(f"/tiles/{layer}/{zoom}/{x}/{y}.mvt")
    return paths


ELSEWHERE = {
    "static": "files of this repository",
    "live.live": "a stream: test_no_live_event",
    "photos.show": "a photo, re-encoded and only when it is released: test_hostile_photos.py, test_privacy.py",
    **dict.fromkeys(
        ("wall.screen", "wall.open_screen", "wall.figures", "wall.own_outline"),
        "asks for a key, and shows the columns of the public list: test_area.py",
    ),
    "hotspots.cells": "counts of cells, no report",
    "geocode.forwards_as_typed": "answers what was asked, from the gazetteer",
}


def test_no_public_address_is_forgotten(application) -> None:
    """A new address that is open to everybody has to be looked at by this test, or say why not."""
    adapter = application.url_map.bind("localhost")
    looked_at = {adapter.match(path.partition("?")[0])[0] for path in public_paths(["ABC234"])}
    there = {
        rule.endpoint
        for rule in application.url_map.iter_rules()
        if "GET" in (rule.methods or ()) and (policy.RULES.get(rule.endpoint) or policy.Rule()).everybody
    }
    assert there - looked_at - set(ELSEWHERE) == set()


def test_no_public_page_list_tile_or_document(site, codes) -> None:
    paths = public_paths(codes)
    seen = 0
    for path in paths:
        for language in ("vi", "en"):
            answer = get(site.url + path, headers={"Accept-Language": language}, follow_redirects=True)
            assert answer.status_code < 500 and not found(answer.content), path
            seen += len(answer.content)
    assert seen > 100_000


def test_a_tile_has_the_announced_keys_and_no_word_of_people(site, codes) -> None:
    """Every layer's: keys by the list of webmap/tiles.py, values by the canaries."""
    bore: dict[str, int] = {}
    for path in tile_paths():
        answer = get(site.url + path)
        assert answer.status_code in (200, 204), path
        announced = tiles.LAYERS[path.split("/")[2]].vector_layers
        for name, layer in mapbox_vector_tile.decode(answer.content).items():
            bore[name] = bore.get(name, 0) + len(layer["features"])
            for feature in layer["features"]:
                assert set(feature["properties"]) <= set(announced[name]), (path, name)
                assert not found(" ".join(map(str, feature["properties"].values()))), path
    assert {"incidents", "precision", "reports", "wards", "districts", "zones", "roads"} <= set(bore), bore


HOUSE = {"lat": 10.774637, "lon": 106.693581}
"""Where a construction violation was reported; in digits enough to tell a house."""


def test_no_house_of_a_construction_report(site, stream, tmp_path) -> None:
    """Not its coordinates in any text, not its point in any tile, not the number that its reporter typed."""
    body = {"channel": "web", "category": "construction_without_permit", **HOUSE, "address": "Số 2917/88 Canaria"}
    answer = post(f"{site.url}/api/v1/reports", json=body)
    assert answer.status_code == 201
    code = answer.json()["code"]
    for path in public_paths([code]):
        told = get(site.url + path, follow_redirects=True).text
        if path.startswith("/download/"):  # among thousands of streets' points some lie beside the house
            row = re.search(rf'\[\d+,\d+,([\d.]+),([\d.]+),\d+,"{code}"', told)
            assert row and not of_the_house(f"{row[1]} {row[2]}")
            told = re.sub(r"\d+\.\d+", "", told)
        assert not of_the_house(told), path
    for zoom in (13, 16):
        x, y = tile(zoom)
        for layer in ("incidents", "reports"):
            raw = get(f"{site.url}/tiles/{layer}/{zoom}/{x}/{y}.mvt").content
            for feature in mapbox_vector_tile.decode(raw).get(layer, {}).get("features", []):
                if feature["properties"].get("code") == code:
                    assert metres_off(feature["geometry"]["coordinates"], zoom, x, y) > 1
    end = time.monotonic() + 15
    while code not in stream.codes():
        assert time.monotonic() < end
        time.sleep(0.05)
    assert not [event for event in stream.events if of_the_house(json.dumps(event.data, ensure_ascii=False))]
    file = tmp_path / "out.csv"
    assert sites.command(site.environment, "reports", "export", str(file)).returncode == 0
    exported = file.read_text()
    assert code in exported and not of_the_house(exported)
    assert of_the_house(f'"lat": {HOUSE["lat"]}, "lon": {HOUSE["lon"]}') and of_the_house("2917/88 Lê Lợi")


def of_the_house(told: str) -> bool:
    """Whether a text has the house's number or both its coordinates, to about a metre, in whichever order. One alone
    may be chance: the public's point lies anywhere in the same cell of 100 m."""
    numbers = [float(word) for word in re.findall(r"\d+\.\d{4,}", told)]
    pairs = [pair for one, two in itertools.pairwise(numbers) for pair in ((one, two), (two, one))]
    near = any(math.hypot(lon - HOUSE["lon"], lat - HOUSE["lat"]) < 1e-5 for lon, lat in pairs)
    return near or "2917/88" in told or "Canaria" in told


def metres_off(at: list[float], zoom: int, x: int, y: int) -> float:
    """How far a tile's point (0 … 4096, up) lies from the house, less what the tile's own grid rounds off."""
    lon = (x + at[0] / 4096) / 2**zoom * 360 - 180
    lat = math.degrees(math.atan(math.sinh(math.pi * (1 - 2 * (y + 1 - at[1] / 4096) / 2**zoom))))
    grid = 40_075_017 / 2**zoom / 4096
    return math.hypot((lon - HOUSE["lon"]) * 109_300, (lat - HOUSE["lat"]) * 110_600) - 2 * grid


def tile(zoom: int) -> tuple[int, int]:
    n, lat = 2**zoom, math.radians(PLACE["lat"])
    return int((PLACE["lon"] + 180) / 360 * n), int((1 - math.asinh(math.tan(lat)) / math.pi) / 2 * n)


def test_no_live_event(site, stream, codes) -> None:
    deadline = time.monotonic() + 15
    while not set(codes) <= set(stream.codes()):
        assert time.monotonic() < deadline
        time.sleep(0.05)
    for event in stream.events:
        assert not found(json.dumps(event.data, ensure_ascii=False))


def test_no_error(site, codes) -> None:
    url = f"{site.url}/api/v1/reports"
    person = {"name": NAME, "phone": PHONE, "email": EMAIL}
    wrong = [
        {"channel": "web", "category": "fallen_tree", "description": NAME, "reporter": person},  # no place
        {"channel": "web", **PLACE, "reporter": {**person, "name": NAME * 30}},  # too long
        {"channel": "web", **PLACE, "description": f"{NAME} {PHONE} " * 2_000, "reporter": person},
        {"channel": "web", "category": "fallen_tree", "lat": 21.03, "lon": 105.85, "reporter": person},
        {"channel": "web", "category": "fallen_tree", **PLACE, "reporter": {**person, "nickname": NAME}},
        {"channel": "web", "category": "fallen_tree", **PLACE, "reporter": [NAME, PHONE]},
        {"channel": "phone", "category": "fallen_tree", **PLACE, "reporter": person},
    ]
    for body in wrong:
        answer = post(url, json=body)
        assert 400 <= answer.status_code < 500 and not found(answer.content), answer.text
    broken, kind = f'{{"reporter": {{"name": "{NAME}"}}, ', {"Content-Type": "application/json"}
    answer = post(url, content=broken.encode(), headers=kind)
    assert answer.status_code == 400 and not found(answer.content)
    again = {"channel": "web", "category": "flooding", **PLACE, "reporter": person}
    answer = post(url, json=again, headers={"Idempotency-Key": "canary-0"})
    assert answer.status_code == 409 and not found(answer.content)
    # Searches and addresses that bear a name go into no log; what they are answered is the asker's own.
    for path in (f"/api/v1/geocode?q={NAME} {PHONE}", f"/r/{NAME}", f"/{NAME}?phone={PHONE}", f"/r?code={PHONE}"):
        assert get(site.url + path, headers={"X-Request-Id": PHONE, "User-Agent": EMAIL}).status_code < 500


def test_no_row_but_the_reports_own(site, codes) -> None:
    with psycopg.connect(site.environment["DATABASE_URL"]) as connection:
        tables = [name for (name,) in connection.execute("SELECT tablename FROM pg_tables WHERE schemaname = 'public'")]
        assert {"event", "public_report", "public_incident", "person", "idempotency", "photo"} <= set(tables)
        for table in set(tables) - NOT_FROM_PEOPLE:
            rows = connection.execute(sql.SQL("SELECT * FROM {}").format(sql.Identifier(table)))
            names = [column.name for column in rows.description or ()]
            for row in rows:
                for name, value in zip(names, row, strict=True):
                    if (table, name) not in ONLY_FOR_STAFF:
                        assert not found(value if isinstance(value, bytes) else str(value)), (table, name)
        people = connection.execute("SELECT count(*) FROM person").fetchone()
        assert people is not None and people[0] >= len(SPELLINGS) * 3  # they were really stored


def test_no_log(site, codes, cluster) -> None:
    # What PostgreSQL writes of a failed statement, too: neither its parameters nor the row.
    with psycopg.connect(site.environment["DATABASE_URL"]) as connection:
        with pytest.raises(psycopg.errors.CheckViolation):
            connection.execute(
                "INSERT INTO report (code, incident_id, channel, description, reported_at) "
                "VALUES ('X', 1, %s, %s, now())", ("pigeon", f"{NAME} {PHONE} {EMAIL}"),
            )  # fmt: skip
    logs = [*Path(site.data_dir, "log").glob("*.log*"), site.log, cluster.log]
    assert {"web.log", "worker.log"} & {log.name for log in logs} and cluster.log.exists()
    for log in logs:
        content = log.read_bytes()
        assert not found(content), log
    web = Path(site.data_dir, "log", "web.log").read_text()
    assert web.count('"/api/v1/reports"') >= len(codes)
    assert "violates check constraint" in cluster.log.read_text(errors="replace")


def unpacked(file: Path) -> bytes:
    """What is written in a file of an export, its compression taken off."""
    if file.suffix == ".parquet":
        return json.dumps(parquet.read_table(file).drop("geometry").to_pylist(), default=str).encode()
    if file.suffix in (".xlsx", ".zip"):
        with zipfile.ZipFile(file) as packed:
            return b"".join(packed.read(name) for name in packed.namelist())
    return file.read_bytes()


def test_no_export(site, codes, tmp_path) -> None:
    """In none of the formats, nor in what lies beside the file, nor in what the command says."""
    for name in formats.DATA:
        folder = tmp_path / name
        folder.mkdir()
        file = folder / f"out{formats.FORMATS[name].suffix}"
        done = sites.command(site.environment, "reports", "export", str(file))
        assert done.returncode == 0, done.stderr
        assert codes[0].encode() in unpacked(file), name
        for each in folder.iterdir():
            assert not found(unpacked(each)), each.name
        assert not found(done.stdout + done.stderr), name


def test_no_backup_in_clear(site, codes, tmp_path) -> None:
    file = tmp_path / "site.tar"
    done = sites.command(site.environment, "backup", "create", str(file))
    assert done.returncode == 0, done.stderr
    assert not found(done.stdout + done.stderr)
    raw = file.read_bytes()
    for name, phone in SPELLINGS:
        for text in (name, phone, EMAIL):
            assert text.encode() not in raw
    with tarfile.open(file) as tar:
        for member in tar.getmembers():
            content = tar.extractfile(member).read()
            if member.name == "database.dump":
                (tmp_path / "dump").write_bytes(content)
                for table in ("person", "idempotency", "public_report", "public_incident", "photo", "report"):
                    shown = subprocess.run(
                        ["pg_restore", "--file=-", "--data-only", f"--table={table}", str(tmp_path / "dump")],
                        capture_output=True, check=True,
                    )  # fmt: skip
                    assert not found(shown.stdout), table
                    assert (b"COPY" in shown.stdout) is (table != "report")
            elif not member.name.startswith("photos/"):
                assert not found(content), member.name
            if member.name == "report.copy":
                assert codes[0].encode() in content

"""The map's ground: made once and kept on the disk, its labels without holes, an outside one only where the operator
says so."""

from __future__ import annotations

import os

import mapbox_vector_tile
import pytest

from app import create_app
from database import settings
from database.errors import SettingsError
from tests.unit.test_map_styles import fonts, glyphs
from webmap import tile_files, tiles

MARKET = "/tiles/basemap/15/26096/15397.mvt"


def test_a_tile_of_the_ground_is_made_once_and_then_read_from_the_disk(client) -> None:
    address = "/tiles/basemap/14/13048/7698.mvt"
    folder = settings.current().data_dir / "tiles" / "basemap"
    made = client.get(address).data
    (path,) = folder.glob("*/14/13048/7698.mvt")
    assert made and path.read_bytes() == made
    path.write_bytes(b"kept")  # whatever lies there is what is sent
    assert client.get(address).data == b"kept"
    path.unlink()
    assert client.get(address).data == made == path.read_bytes()


def test_a_new_version_takes_the_old_one_away_and_a_full_disk_loses_no_tile(client, monkeypatch) -> None:
    folder = settings.current().data_dir / "tiles" / "basemap"
    (folder / "1.1" / "9").mkdir(parents=True)
    tile_files._tidied.clear()
    address = "/tiles/basemap/13/6523/3849.mvt"
    for path in folder.glob("*/13/6523/3849.mvt"):
        path.unlink()
    assert client.get(address).status_code == 200
    assert not (folder / "1.1").exists()
    for path in folder.glob("*/13/6523/3849.mvt"):
        path.unlink()
    monkeypatch.setattr(tile_files, "_path", lambda *_: settings.REPOSITORY / "README.md" / "no folder" / "tile")
    assert client.get(address).status_code == 200


def test_nobody_fills_the_disk_by_walking_round_the_world(client) -> None:
    assert client.get("/tiles/basemap/14/100/100.mvt").status_code == 204
    assert not list((settings.current().data_dir / "tiles").glob("*/*/14/100/100.mvt"))


def test_every_name_on_the_map_has_its_glyphs(client) -> None:
    """Names of wards, former districts, streets, waters, parks and places, as the tiles bear them, in every font."""
    texts: set[str] = set()
    wanted = [
        ("wards", 11, 1630, 961),
        ("wards", 11, 1631, 962),
        ("districts", 10, 815, 481),
        ("basemap", 13, 6524, 3849),
    ]
    wanted += [("basemap", 15, 26096 + dx, 15397 + dy) for dx in (-1, 0, 1) for dy in (-1, 0, 1)]
    for layer, z, x, y in wanted:
        decoded = mapbox_vector_tile.decode(client.get(f"/tiles/{layer}/{z}/{x}/{y}.mvt").data)
        for inside in decoded.values():
            for feature in inside["features"]:
                texts.update(str(feature["properties"].get(name, "")) for name in ("name", "full_name", "number"))
    letters = {letter for text in texts for letter in text if not letter.isspace()}
    assert len(texts) > 300 and {"ễ", "ạ", "ữ", "ợ", "Đ"} <= letters
    ranges = sorted({ord(letter) // 256 * 256 for letter in letters})
    for font in sorted(fonts()):
        there = set().union(*(glyphs(font, start) for start in ranges))
        missing = sorted(letter for letter in letters if ord(letter) not in there)
        assert not missing, f"{font} has no glyph for {missing}"


def test_letters_without_a_glyph_are_left_out_of_labels(client, app_connection) -> None:
    """A shop sign in Thai or with a star: the rest of its name stands."""
    app_connection.exec_driver_sql(
        "INSERT INTO basemap (layer, class, name, min_zoom, geom_3857) SELECT 'pois', 'shop', name, 0,"
        " ST_Transform(ST_SetSRID(ST_MakePoint(106.7, 10.77), 4326), 3857)"
        " FROM unnest(ARRAY['Quán ⭐ ไทย Cơm tấm', '包海']) AS name"
    )
    found = app_connection.execute(tiles.Q["basemap"], {"z": 15, "x": 26096, "y": 15397}).scalar()
    names = [each["properties"].get("name") for each in mapbox_vector_tile.decode(bytes(found))["pois"]["features"]]
    assert "Quán   Cơm tấm" in names and not any("包" in (name or "") for name in names)


def test_buildings_are_there_where_the_map_has_them(client) -> None:
    decoded = mapbox_vector_tile.decode(client.get(MARKET).data)
    assert len(decoded["buildings"]["features"]) > 20


@pytest.fixture
def outside(application, monkeypatch):
    monkeypatch.setenv("BASEMAP_TILES", "https://tiles.example.org:8443/{z}/{x}/{y}.png")
    monkeypatch.setenv("BASEMAP_ATTRIBUTION", "© Nhà cung cấp <nền>")
    return create_app().test_client()


def test_an_outside_basemap_is_the_operators_choice_and_nobody_elses(client, outside) -> None:
    """The policy allows that host, for pictures alone; its makers are named on every page with a map."""
    before = client.get("/")
    assert "example.org" not in before.headers["Content-Security-Policy"] and b'name="basemap"' not in before.data
    page = outside.get("/")
    policy = dict(each.split(" ", 1) for each in page.headers["Content-Security-Policy"].split("; "))
    host = "https://tiles.example.org:8443"
    assert {name for name, sources in policy.items() if host in sources.split()} == {"img-src", "connect-src"}
    assert policy["script-src"] == "'self'"
    assert '<meta name="basemap" content="https://tiles.example.org:8443/{z}/{x}/{y}.png">' in page.text
    assert "© Nhà cung cấp &lt;nền&gt;" in page.text and "OpenStreetMap" in page.text
    assert "example.org" not in outside.get("/api/v1/fields").headers["Content-Security-Policy"]


@pytest.mark.parametrize(
    ("address", "attribution"),
    [
        ("https://tiles.example.org/{z}/{x}.png", "©"),
        ("javascript:alert(1)//{z}/{x}/{y}", "©"),
        ("https://tiles.example.org/{z}/{x}/{y}.png; script-src *", "©"),
        ("https://tiles.example.org/{z}/{x}/{y}.png", " "),
    ],
)
def test_a_basemap_that_cannot_be_is_refused_by_name(address, attribution) -> None:
    with pytest.raises(SettingsError, match="BASEMAP_"):
        settings.current({**os.environ, "BASEMAP_TILES": address, "BASEMAP_ATTRIBUTION": attribution})

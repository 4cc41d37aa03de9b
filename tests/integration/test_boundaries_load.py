"""An operator's file of areas: refused, put beside, put in place, and what a new release of the data leaves alone."""

from __future__ import annotations

import csv
from datetime import date

import geopandas
import pytest
import shapely
from sqlalchemy import create_engine, text

from database.engine import OPERATOR
from district_boundaries import areas, check, files, load, replace, shipped
from district_boundaries.errors import AreasInTheWay, InvalidPolygons, UnreadableFile
from district_boundaries.locate import locate
from tests import sites

ON = date(2024, 6, 1)
SPAN = {"valid_from": date(2024, 1, 1), "valid_to": date(2024, 12, 31)}
CU_CHI = ([106.4930], [10.9740])
BEN_THANH = ([106.6980], [10.7725])


@pytest.fixture
def connection(app_connection):
    return app_connection


def write(path, named, crs=4326):
    """A file of areas from (code, name, polygon in EPSG:4326)."""
    codes, names, shapes = zip(*named, strict=True)
    frame = geopandas.GeoDataFrame({"code": codes, "name": names}, geometry=list(shapes), crs=4326)
    frame.to_crs(crs).to_file(path)
    return path


SQUARE = shapely.box(106.45, 10.95, 106.55, 11.0)
NEIGHBOUR = shapely.box(106.55, 10.95, 106.60, 11.0)


@pytest.fixture
def two_wards(tmp_path):
    return write(tmp_path / "two.gpkg", [("90001", "Xã Một", SQUARE), ("90002", "Xã Hai", NEIGHBOUR)])


def rows(file, level="ward", field="", **span):
    return files.read(file, level=level, field=field, **(span or SPAN))


def ward_on(connection, point, day):
    index = areas.current(connection)
    id = int(locate(index, *point, day).ward_id[0])
    return index.area(id).name if id else None


def test_beside_what_there_is(connection, two_wards):
    assert ward_on(connection, CU_CHI, ON) is None
    change = replace.put_in_force(connection, rows(two_wards), replace=False)
    assert (change.added, change.replaced) == (2, 0)
    assert ward_on(connection, CU_CHI, ON) == "Xã Một"
    assert ward_on(connection, CU_CHI, date(2023, 12, 31)) is None
    assert ward_on(connection, CU_CHI, date(2025, 1, 1)) is None
    assert ward_on(connection, BEN_THANH, ON) == "Phường Bến Thành"


def test_the_same_again_changes_nothing(connection, two_wards):
    replace.put_in_force(connection, rows(two_wards), replace=True)
    index = areas.current(connection)
    for again in (True, False):
        assert replace.put_in_force(connection, rows(two_wards), replace=again).unchanged
    assert areas.current(connection) is index


def test_replace_puts_it_in_place_of_everything_of_the_span(connection, two_wards):
    before = areas.current(connection)
    old = before.area(int(locate(before, *BEN_THANH, ON).ward_id[0]))
    change = replace.put_in_force(connection, rows(two_wards), replace=True)
    assert (change.added, change.replaced) == (2, 271)
    assert ward_on(connection, BEN_THANH, ON) is None
    assert ward_on(connection, BEN_THANH, date(2023, 12, 31)) == "Phường Bến Thành"
    assert ward_on(connection, BEN_THANH, date(2025, 3, 1)) == "Phường Bến Thành"
    kept = areas.current(connection).area(old.id)
    assert kept.name == old.name and not kept.in_force
    found = areas.current(connection).by_code("26743", "ward", date(2020, 1, 1))
    assert (found.valid_from, found.valid_to) == (None, date(2023, 12, 31))


def test_in_the_way_is_refused_by_name(connection, tmp_path):
    index = areas.current(connection)
    ward = index.by_code("26743", "ward", ON)
    file = write(tmp_path / "one.geojson", [("90001", "Phường Khác", index.geometry(ward.id))])
    with pytest.raises(AreasInTheWay, match="Phường Bến Thành"):
        replace.put_in_force(connection, rows(file), replace=False)
    file = write(tmp_path / "code.geojson", [("26743", "Phường Xa", SQUARE)])
    with pytest.raises(AreasInTheWay, match="Phường Bến Thành"):
        replace.put_in_force(connection, rows(file), replace=False)


def test_another_crs_is_put_into_degrees(connection, tmp_path):
    file = write(tmp_path / "metres.gpkg", [("90001", "Xã Một", SQUARE)], crs=9210)
    replace.put_in_force(connection, rows(file), replace=False)
    assert ward_on(connection, CU_CHI, ON) == "Xã Một"


def test_a_zone_of_the_operators(connection, tmp_path):
    index = areas.current(connection)
    file = write(tmp_path / "zones.gpkg", [("W1", "Vùng nước Một", index.geometry(index.by_code("79").id))])
    found = rows(file, "zone", "water", valid_from=date(2026, 1, 1), valid_to=None)
    assert replace.put_in_force(connection, found, replace=True).replaced == 14
    index = areas.current(connection)
    position = index.fields.index("water")
    for day, code in ((date(2025, 12, 31), "CN-BT"), (date(2026, 1, 1), "W1")):
        assert index.area(locate(index, *BEN_THANH, day).zone_ids[0, position]).code == code


def test_a_broken_polygon_is_refused_by_name(tmp_path):
    bow_tie = shapely.Polygon([(106.4, 10.9), (106.5, 11.0), (106.5, 10.9), (106.4, 11.0)])
    file = write(tmp_path / "broken.gpkg", [("90001", "Xã Một", SQUARE), ("90002", "Xã Hỏng", bow_tie)])
    with pytest.raises(InvalidPolygons, match=r"Xã Hỏng.*Self-intersection"):
        rows(file)


@pytest.mark.parametrize(
    ("areas_given", "said"),
    [
        ([("1", "Xã Một", SQUARE), ("1", "Xã Hai", NEIGHBOUR)], "given twice"),
        ([("", "Xã Một", SQUARE)], "no code or no name"),
        ([("1", "Xã Một", shapely.Point(106, 11))], "no polygon"),
    ],
)
def test_what_else_is_refused(tmp_path, areas_given, said):
    with pytest.raises((UnreadableFile, InvalidPolygons), match=said):
        rows(write(tmp_path / "bad.geojson", areas_given))


def test_a_file_that_is_none(tmp_path):
    with pytest.raises(UnreadableFile, match="no such file"):
        rows(tmp_path / "nothing.gpkg")
    (tmp_path / "text.gpkg").write_text("no geopackage")
    with pytest.raises(UnreadableFile):
        rows(tmp_path / "text.gpkg")


def test_overlaps_are_told_and_fall_to_the_lowest_code(connection, tmp_path):
    wide = shapely.box(106.4999999, 10.95, 106.60, 11.0)
    file = write(tmp_path / "over.gpkg", [("90001", "Xã Một", SQUARE), ("90002", "Xã Hai", wide)])
    found = files.overlaps(rows(file))
    assert [(one.one, one.other, one.sliver) for one in found] == [("Xã Một", "Xã Hai", False)]
    replace.put_in_force(connection, rows(file), replace=False)
    assert ward_on(connection, ([106.52], [10.97]), ON) == "Xã Một"


def test_a_new_release_leaves_the_operators_areas_alone(connection, two_wards):
    replace.put_in_force(connection, rows(two_wards), replace=True)
    connection.execute(text("UPDATE reference_version SET sha256 = 'older' WHERE name IN ('boundaries', 'zones')"))
    before = {area.id: area for area in areas.current(connection).areas.values()}
    assert load.load_reference(connection)
    assert {area.id: area for area in areas.current(connection).areas.values()} == before
    assert not load.load_reference(connection)


def test_dry_run_counts_the_reports_that_would_move(connection, two_wards):
    before = areas.current(connection)
    replace.put_in_force(connection, rows(two_wards), replace=False)
    assert replace.reports_elsewhere(connection, before, rows(two_wards)) == (0, 0)


def test_links_over_the_reform_carry_every_count(connection):
    found = connection.execute(
        text(
            "SELECT a.level, a.code, sum(share) AS whole FROM area_link JOIN area a ON a.id = from_id "
            "GROUP BY a.id, a.level, a.code"
        )
    ).all()
    assert {row.level for row in found} == {"ward", "district"}
    districts = [row for row in found if row.level == "district"]
    assert len(districts) == 38 + 3
    assert all(abs(row.whole - 1) < 1e-6 for row in districts)
    wards = [row for row in found if row.level == "ward"]
    assert len(wards) == 168 + 271 + 193
    assert sum(abs(row.whole - 1) < 1e-6 for row in wards) > 0.97 * len(wards)


def test_check_finds_nothing_broken_in_the_shipped_areas_but_names_what_is(connection, owner_connection):
    index = areas.current(connection)
    layers = [layer for layer in check.layers(index) if layer.level in ("ward", "district")]
    assert [(layer.name, layer.since, len(layer.areas)) for layer in layers] == [
        ("ward", None, 271),
        ("ward", date(2025, 1, 1), 193),
        ("ward", shipped.REFORM, 168),
        ("district", None, 40),
        ("district", date(2021, 1, 1), 38),
    ]
    found = [finding for layer in layers[2:4] for finding in check.check(index, layer)]
    assert not [finding for finding in found if finding.broken]
    assert sum(finding.kind == "area" for finding in found) == 8


def test_check_names_an_overlap_and_a_hole(owner_connection):
    connection = owner_connection.execution_options(hotline_context=OPERATOR)
    connection.execute(
        text("UPDATE area SET in_force = false WHERE code = '26743' AND level = 'ward' AND upper(valid) IS NULL")
    )
    connection.execute(
        text(
            "UPDATE area SET geom = ST_Multi(ST_Buffer(geom, 0.001)) "
            "WHERE code = '26740' AND level = 'ward' AND upper(valid) IS NULL"
        )
    )
    index = areas.read(connection)
    layer = next(layer for layer in check.layers(index) if layer.level == "ward" and layer.since == shipped.REFORM)
    broken = [finding for finding in check.check(index, layer) if finding.broken]
    assert any(finding.kind == "overlap" and "Phường Sài Gòn" in finding.text for finding in broken)
    assert any(finding.kind == "gap" for finding in broken)


@pytest.mark.slow
def test_the_command_keeps_what_the_gazetteer_knows_of_areas(new_database, tmp_path) -> None:
    """A street is answered by its ward's new name, from a table that was made with the load and not by a request."""
    environment = sites.site_environment(tmp_path, 1, DATABASE_URL=new_database(), SECRET_KEY="test " * 8)
    with create_engine(
        environment["DATABASE_URL"].replace("postgresql:", "postgresql+psycopg:")
    ).connect() as connection:
        index = areas.read(connection)
        made_of = "SELECT made_of FROM gazetteer_copy WHERE name = 'areas'"
        before = connection.execute(text(made_of)).scalar_one()
        ward = index.by_code("26743", "ward")
        file = write(tmp_path / "ward.gpkg", [("26743", "Phường Chợ Thử", index.geometry(ward.id))])
        connection.rollback()
        load = ("boundaries", "load", str(file), "--level", "ward", "--valid-from", "2026-01-01", "--replace")
        done = sites.command(environment, *load)
        assert done.returncode == 0, done.stderr
        assert connection.execute(text(made_of)).scalar_one() != before
    addresses, places = tmp_path / "in.csv", tmp_path / "out.csv"
    addresses.write_text('id,address\n1,"Chợ Bến Thành, Quận 1"\n2,phuong cho thu\n')
    done = sites.command(environment, "gazetteer", "geocode", str(addresses), str(places))
    assert done.returncode == 0, done.stderr
    with places.open() as lines:
        found = list(csv.DictReader(lines))
    assert [row["ward_code"] for row in found] == ["26743", "26743"]
    assert "Phường Chợ Thử" in found[0]["matched"] and found[1]["precision"] == "ward"

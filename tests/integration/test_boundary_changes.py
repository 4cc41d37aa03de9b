"""An operator's zones in force: the rules follow, today's map too, and a dry run says who would have been asked."""

from __future__ import annotations

from datetime import date

import geopandas
import pytest
import shapely

from database.engine import OPERATOR, transaction
from district_boundaries import areas, check, files, replace
from incidents import boundary_changes, reference
from incidents.drafts import Draft, Receipt
from incidents.intake import receive
from incidents.reference import files as reference_files

boundary_changes.attach()

BEN_THANH = {"lon": 106.6980, "lat": 10.7725}


@pytest.fixture
def swapped_zones(app_connection, tmp_path):
    """The city's water zones with the polygons of two of them exchanged: the centre goes to another company."""
    index = areas.current(app_connection)
    zones = index.of_level("zone", "water")
    shapes = {zone.code: index.geometry(zone.id) for zone in zones}
    one, other = "CN-BT", "CN-GD"
    shapes[one], shapes[other] = shapes[other], shapes[one]
    frame = geopandas.GeoDataFrame(
        {"code": [zone.code for zone in zones], "name": [zone.name for zone in zones]},
        geometry=[shapes[zone.code] for zone in zones],
        crs=4326,
    )
    file = tmp_path / "water.gpkg"
    frame.to_file(file)
    return files.read(file, level="zone", field="water", valid_from=date(2015, 1, 1), valid_to=None, layer=None)


def responsible(connection) -> str:
    (answer,) = receive(connection, [Draft(channel="web", category="burst_pipe", **BEN_THANH)], actor="public")
    assert isinstance(answer, Receipt)
    return reference.current(connection).units[answer.unit_id].code


def test_rules_follow_the_new_areas_and_what_was_assigned_stays(app_connection, swapped_zones) -> None:
    connection = app_connection
    assert responsible(connection) == "CN-BT"
    asked = boundary_changes.rerouted(connection)
    before = boundary_changes.route_open(connection)
    change = replace.put_in_force(connection, swapped_zones, replace=True)
    assert change.added == len(swapped_zones)
    assert responsible(connection) == "CN-GD"
    moved = [id for id in before if boundary_changes.route_open(connection)[id][0] != before[id][0]]
    assert moved
    assert asked().startswith(f"{len(moved)} trong {len(before)} ")
    units = reference.current(connection).unit_by_code
    still = connection.exec_driver_sql("SELECT DISTINCT unit_id FROM incident WHERE id = %s", (moved[0],)).scalar()
    assert still == units["CN-BT"].id
    assert not list(boundary_changes.unproved(connection, areas.current(connection)))


def test_a_rule_taken_out_is_named_by_the_check(app_connection, tmp_path) -> None:
    connection = app_connection
    for file in reference_files.FOLDER.glob("*.csv"):
        text = file.read_text()
        if file.name == "responsibilities.csv":
            lines = text.splitlines(keepends=True)
            taken = next(line for line in lines if "CN-BT" in line)
            text = "".join(line for line in lines if line is not taken)
        (tmp_path / file.name).write_text(text)
    reference.load_reference(connection, tmp_path)
    findings = list(boundary_changes.unproved(connection, areas.current(connection)))
    assert findings and all(finding.broken and finding.kind == "gap" for finding in findings)
    assert any("burst_pipe" in finding.text for finding in findings)


def test_check_runs_the_proof(app_connection) -> None:
    assert boundary_changes.unproved in check.FURTHER


def test_a_dry_run_of_the_command_changes_nothing(application, empty_database, tmp_path) -> None:
    with transaction(OPERATOR) as connection:
        receive(connection, [Draft(channel="web", category="burst_pipe", **BEN_THANH)], actor="public")
        index = areas.current(connection)
        zones = index.of_level("zone", "water")
        codes = [zone.code for zone in zones]
        named = [zone.name for zone in zones]
        shapes = [index.geometry(zone.id) for zone in zones]
    one, other = codes.index("CN-BT"), codes.index("CN-GD")
    shapes[one], shapes[other] = shapes[other], shapes[one]
    file = tmp_path / "water.geojson"
    geopandas.GeoDataFrame({"code": codes, "name": named}, geometry=shapely.set_precision(shapes, 0), crs=4326).to_file(
        file
    )
    runner = application.test_cli_runner()
    command = ["boundaries", "load", str(file), "--level", "zone:water", "--valid-from", "2015-01-01", "--replace"]
    said = runner.invoke(args=[*command, "--dry-run"])
    assert said.exit_code == 0, said.output
    assert "1 of 1 reports would lie elsewhere" in said.output
    assert "1 of 1 open incidents would go elsewhere" in said.output
    with transaction(OPERATOR) as connection:
        assert areas.current(connection).of_level("zone", "water") == zones

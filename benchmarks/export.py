"""`reports export` into GeoParquet and GeoPackage: seconds and peak of memory, beside geopandas and ogr2ogr.

Each run is a process of its own, so that a peak is a run's. Ours reads all that an export says of a report (26 columns
out of four tables, the rules of what is public) and writes the sidecar with the hash. The peers read one flat table
made beforehand with the same columns: `geopandas.read_postgis` and `to_parquet` or `to_file`, which hold all rows, and
`ogr2ogr` of GDAL's own program, which streams (Debian's has no Parquet). geopandas gets at most a million rows.

EXPORT_ROWS=1000000 script/bench export: another number of rows than five million; EXPORT_PEERS=off: ours alone.
"""

from __future__ import annotations

import json
import os
import shutil
import sys
import time
from pathlib import Path
from typing import Any

import psycopg
import pyarrow.parquet as pq
import pyogrio

from benchmarks import _peak, _reports, _site
from database import embedded, settings
from database.cluster import DATABASE

ROWS = 5_000_000
PEER_ROWS = 1_000_000
LIMIT_MIB = 1024

_FLAT = """
CREATE TABLE flat AS
SELECT report.external_id, report.channel, report.reported_at, incident.category, report.description, report.address,
       ST_Y(report.geom) AS lat, ST_X(report.geom) AS lon, incident.status, incident.closed_at, unit.code AS unit,
       report.precision, report.accuracy_m, ward.code AS ward_code, district.code AS district_code,
       zone.code AS zone_traffic, zone.code AS zone_water, zone.code AS zone_drainage, zone.code AS zone_trees,
       zone.code AS zone_lighting, zone.code AS zone_electricity, zone.code AS zone_telecoms,
       zone.code AS zone_transport,
       zone.code AS zone_environment, zone.code AS zone_urban_order, report.geom
FROM report JOIN incident ON incident.id = report.incident_id JOIN unit ON unit.id = incident.unit_id
JOIN area AS ward ON ward.id = report.ward_id JOIN area AS district ON district.id = report.district_id
JOIN area AS zone ON zone.id = report.zone_ids[1]
"""
_GEOPANDAS = """
import sys, geopandas, sqlalchemy
url, rows, kind, out = sys.argv[1:]
engine = sqlalchemy.create_engine("postgresql+psycopg" + url[url.index("://"):])
frame = geopandas.read_postgis(f"SELECT * FROM flat LIMIT {rows}", engine, geom_col="geom")
frame.to_parquet(out) if kind == "parquet" else frame.to_file(out, driver="GPKG", layer="reports")
"""


def run() -> dict[str, Any]:
    """Per way: rows, seconds, thousand rows a second, MiB at the peak, MB of the file."""
    rows = int(os.environ.get("EXPORT_ROWS") or ROWS)
    with _site.prepared("export-") as (place, environment), embedded.hold(settings.current()) as cluster:
        began = time.perf_counter()
        address = cluster.url("postgres")  # past the rules on rows, which the flat table does not have either
        _reports.fill(address, rows)
        with psycopg.connect(address) as connection:
            connection.execute(_FLAT)
        result: dict[str, Any] = {"rows": rows, "made_s": time.perf_counter() - began}
        for kind in ("parquet", "gpkg"):
            out = place / f"ours.{kind}"
            result[f"ours_{kind}"] = _ours(environment, out, rows)
            assert _count(out) == rows == json.loads((place / f"ours.{kind}.json").read_text())["rows"]
            out.unlink()
        some = min(rows, PEER_ROWS)
        result["under_1_gib"] = all(result[f"ours_{kind}"]["peak_mib"] < LIMIT_MIB for kind in ("parquet", "gpkg"))
        if os.environ.get("EXPORT_PEERS") == "off":
            return result
        for kind in ("parquet", "gpkg"):
            out = place / f"geopandas.{kind}"
            command = [sys.executable, "-c", _GEOPANDAS, address, str(some), kind, str(out)]
            result[f"geopandas_{kind}"] = _measured(command, environment, out, some)
            out.unlink()
        if shutil.which("ogr2ogr"):
            out = place / "ogr2ogr.gpkg"
            source = [f"PG:host={cluster.sockets} dbname={DATABASE} user=postgres", "-sql", "SELECT * FROM flat"]
            command = ["ogr2ogr", "-f", "GPKG", str(out), *source, "-nln", "reports", "-gt", "100000"]
            result["ogr2ogr_gpkg"] = _measured(command, environment, out, rows)
            assert _count(out) == rows
    return result


def _ours(environment: dict[str, str], out: Path, rows: int) -> dict[str, float]:
    return _measured(
        [sys.executable, "-m", "flask", "--app", "app", "reports", "export", str(out)], environment, out, rows
    )


def _measured(command: list[str], environment: dict[str, str], out: Path, rows: int) -> dict[str, float]:
    seconds, peak = _peak.run(command, environment)
    return {
        "rows": rows, "s": seconds, "k_rows_per_s": rows / seconds / 1000, "peak_mib": peak,
        "file_mb": out.stat().st_size / 1e6,
    }  # fmt: skip


def _count(path: Path) -> int:
    if path.suffix == ".parquet":
        return int(pq.read_metadata(path).num_rows)
    return int(pyogrio.read_info(path, layer="reports", force_feature_count=True)["features"])

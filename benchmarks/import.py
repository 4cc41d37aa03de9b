"""`reports import` with every step done, beside geopandas on the same file: `sjoin` and `to_postgis` (one flat table).

Both run on a site of their own (embedded PostGIS, fsync on), one after the other in the same rounds. The peer finds the
ward and nothing else: no former boundaries, zones, unit, deadline, record, public rows, no look whether a row is there.
"""

from __future__ import annotations

import cProfile
import pstats
import resource
import statistics
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import geopandas
import pandas
from sqlalchemy import text

from benchmarks import _processor, _site
from database import engine
from etl import reports_in
from etl.columns import Layout
from etl.readers import open_source
from etl.rejects import Rejects
from etl.reports_in import Tally, Way
from incidents import reference
from tests import report_files, sites

ROWS, ROUNDS = 100_000, 3
PROFILED = 20_000
TABLES = "event, seal, report, incident, report_place, assignment, public_report, public_incident, person"

PARTS = {
    "read and understand": ("columns.py", "read"),
    "known already": ("landing.py", "_look_up"),
    "check": ("checking.py", "check"),
    "locate": ("locate.py", "locate"),
    "route": ("routing.py", "route"),
    "deadlines": ("deadlines.py", "deadlines"),
    "rows of the statement": ("store.py", "columns"),
    "copy and statement, waiting for the database": ("copied.py", "insert"),
}


def run() -> dict[str, Any]:
    """Rows a second, their ratio, processor time a row on either side, and where the time goes."""
    with _site.prepared("import-") as (place, _):
        return _measure(place)


def _measure(folder: Path) -> dict[str, Any]:
    file, small = folder / "reports.csv", folder / "some.csv"
    report_files.write_csv(file, ROWS)
    report_files.write_csv(small, PROFILED)
    wards = _wards()
    tables = _tables()
    _ours(small)  # areas and rules are in memory, as in a process that has begun
    ours, peers = [], []
    for _ in range(ROUNDS):
        _clear()
        with _timed() as mine:
            tally = _ours(file)
        assert tally.added == ROWS
        with _timed() as theirs:
            _peer(file, wards)
        ours.append(mine)
        peers.append(theirs)
    again = time.perf_counter()
    assert _ours(file).unchanged == ROWS
    again = time.perf_counter() - again
    return {
        "rows": ROWS,
        "import": _figures(ours),
        "geopandas": _figures(peers),
        "ratio": {
            "rows_per_s": statistics.median(p["wall"] / o["wall"] for o, p in zip(ours, peers, strict=True)),
            "processor": statistics.median(p["cpu"] / o["cpu"] for o, p in zip(ours, peers, strict=True)),
            "aim": 0.15,
        },
        "tables_of_days_made_beforehand_s": tables,
        "again_unchanged_rows_per_s": ROWS / again,
        "share_of_time_in_one_thread": _shares(small),
    }


def _figures(runs: list[dict[str, float]]) -> dict[str, float]:
    return {
        "rows_per_s": statistics.median(ROWS / run["wall"] for run in runs),
        "processor_us_a_row_python": statistics.median(1e6 * run["python"] / ROWS for run in runs),
        "processor_us_a_row_database": statistics.median(1e6 * run["database"] / ROWS for run in runs),
    }


@contextmanager
def _timed() -> Iterator[dict[str, float]]:
    """Seconds: wall, processor time of this process and of the database."""
    spent: dict[str, float] = {}
    roots = {"database": _processor.database()}
    began, python, database = time.perf_counter(), _python(), _processor.spent(roots)["database"]
    yield spent
    spent["wall"] = time.perf_counter() - began
    spent["python"] = _python() - python
    spent["database"] = _processor.spent(roots)["database"] - database
    spent["cpu"] = spent["python"] + spent["database"]


def _python() -> float:
    used = resource.getrusage(resource.RUSAGE_SELF)
    return used.ru_utime + used.ru_stime


def _tables() -> float:
    """Seconds to make the tables of days, as a site's worker does by itself two minutes after its start."""
    began = time.perf_counter()
    subprocess.run([sys.executable, "-m", "flask", "--app", "app", "boundaries", "raster"], check=True,
                   cwd=sites.REPOSITORY, stdout=subprocess.DEVNULL)  # fmt: skip
    return time.perf_counter() - began


def _ours(file: Path) -> Tally:
    with engine.transaction(engine.OPERATOR) as connection:
        values = reports_in.words(reference.current(connection), {})
    with open_source(file) as source, Rejects(None, source.header) as rejects:
        way = Way(layout=Layout(source.header), channel="phone", values=values)
        return reports_in.bring_in(source, way, rejects)


def _peer(file: Path, wards: geopandas.GeoDataFrame) -> None:
    frame = pandas.read_csv(file)
    points = geopandas.GeoDataFrame(frame, geometry=geopandas.points_from_xy(frame.lon, frame.lat), crs=4326)
    joined = geopandas.sjoin(points, wards, how="left", predicate="within").drop(columns="index_right")
    joined.to_postgis("flat", engine.engine("owner"), if_exists="replace")


def _wards() -> geopandas.GeoDataFrame:
    """The wards in force today."""
    with engine.transaction(engine.OPERATOR) as connection:
        return geopandas.read_postgis(
            text("SELECT code AS ward_code, geom FROM area WHERE level = 'ward' AND in_force AND upper_inf(valid)"),
            connection, crs=4326,
        )  # fmt: skip


def _clear() -> None:
    with engine.engine("owner").begin() as connection:
        connection.execute(text("ALTER TABLE event DISABLE TRIGGER USER"))
        connection.execute(text("ALTER TABLE seal DISABLE TRIGGER USER"))
        connection.execute(text(f"TRUNCATE {TABLES} CASCADE"))
        connection.execute(text("ALTER TABLE event ENABLE TRIGGER USER"))
        connection.execute(text("ALTER TABLE seal ENABLE TRIGGER USER"))


def _shares(file: Path) -> dict[str, float]:
    """Of the time of an import in one thread, what each part takes."""
    _clear()
    workers, reports_in.WORKERS = reports_in.WORKERS, 1
    take, profile = reports_in._take, cProfile.Profile()

    def profiled(*arguments: Any) -> Any:
        return profile.runcall(take, *arguments)

    reports_in._take = profiled
    try:
        _ours(file)
    finally:
        reports_in._take, reports_in.WORKERS = take, workers
    stats = pstats.Stats(profile)
    spent = {
        (Path(name).name, function): figures[3]
        for (name, _, function), figures in stats.stats.items()  # type: ignore[attr-defined]
    }
    whole = spent["reports_in.py", "_take"]
    spent["copied.py", "insert"] -= spent["store.py", "columns"]  # which are made while they are copied
    shares = {name: spent.get(key, 0.0) / whole for name, key in PARTS.items()}
    return {**shares, "the rest": 1 - sum(shares.values())}

"""Hot spots beside esda, clusters beside PostGIS's, in one run. Only the ratios compare.

100,000 square cells of 250 m with queen neighbours: Gi* analytic and with 999 permutations beside `esda.G_Local` on a
libpysal `Graph` (weights are made before the clock starts, for both), and the largest difference of z. esda runs its
permutations as it chooses to (all processors). A million points of which a third lie in 200 heaps: clusters in space
beside `ST_ClusterDBSCAN` over the same points in a table, both with their labels in the caller's hands, and clusters in
space and time. Medians of alternating rounds.
"""

from __future__ import annotations

import statistics
import subprocess
import sys
import time
import warnings
from collections.abc import Callable
from typing import Any

import numpy as np
import shapely
from sqlalchemy import text

from benchmarks import _site
from database.engine import engine
from geo import grid
from geo.statistics import clusters, getis_ord, moran, weights

SIDE_M, COLUMNS = 250, 316  # 99,856 cells
PERMUTATIONS = 999
POINTS, REACH_M, MINIMUM, REACH_DAYS = 1_000_000, 50.0, 10, 14.0
ROUNDS = 3


def run() -> dict[str, Any]:
    """Seconds and ratios; `z_differs_by`: the largest difference of a cell's z; points that are noise for one only."""
    found = {**_cells(), **_points()}
    aims = {
        "gi_star_ratio": (found["gi_star_ratio"], 20), "gi_star_999_ratio": (found["gi_star_999_ratio"], 5),
        "space_ratio": (found["space_ratio"], 3), "gib": (2048 / found["space_time_peak_mib"], 1),
    }  # fmt: skip
    return {**found, "aims_met": {name: bool(value >= aim) for name, (value, aim) in aims.items()}}


def _cells() -> dict[str, Any]:
    from esda import G_Local, Moran_Local
    from libpysal.graph import Graph

    warnings.filterwarnings("ignore", module="esda")
    cells = grid.squares(shapely.box(600_000, 1_190_000, *(x + SIDE_M * COLUMNS for x in (600_000, 1_190_000))), SIDE_M)
    started = time.perf_counter()
    around = weights.contiguous(cells)
    made = time.perf_counter() - started
    graph = Graph.from_sparse(around)
    counts = np.random.default_rng(1022).poisson(2, len(cells)).astype(float)
    standard, standard_graph = weights.row_standardised(around), graph.transform("R")

    def esda(permutations: int) -> Any:
        return G_Local(counts, graph, transform="B", star=True, permutations=permutations, keep_simulations=False)

    def ours(permutations: int) -> Any:
        return getis_ord.g_star(counts, around, permutations=permutations)

    ours(9), esda(9)  # both compile
    analytic = _both(lambda: ours(0), lambda: esda(0), 7)
    permuted = _both(lambda: ours(PERMUTATIONS), lambda: esda(PERMUTATIONS), ROUNDS)
    local = _both(lambda: moran.local(counts, standard), lambda: Moran_Local(counts, standard_graph, permutations=0), 3)
    permuted_local = _both(
        lambda: moran.local(counts, standard, permutations=PERMUTATIONS),
        lambda: Moran_Local(counts, standard_graph, permutations=PERMUTATIONS, keep_simulations=False),
        1,
    )
    return {
        "cells": len(cells),
        "weights_made_s": made,
        "gi_star_s": analytic[0],
        "gi_star_esda_s": analytic[1],
        "gi_star_ratio": analytic[1] / analytic[0],
        "gi_star_999_s": permuted[0],
        "gi_star_999_esda_s": permuted[1],
        "gi_star_999_ratio": permuted[1] / permuted[0],
        "local_moran_s": local[0],
        "local_moran_esda_s": local[1],
        "local_moran_ratio": local[1] / local[0],
        "local_moran_999_s": permuted_local[0],
        "local_moran_999_esda_s": permuted_local[1],
        "local_moran_999_ratio": permuted_local[1] / permuted_local[0],
        "z_differs_by": float(np.abs(ours(0).z - esda(0).Zs).max()),
    }


def _points() -> dict[str, Any]:
    x, y, t = scattered()
    clusters.st_dbscan(x[:100], y[:100], t[:100], reach_m=REACH_M, reach_t=REACH_DAYS, minimum=MINIMUM)  # compiles
    with _site.prepared("hotspots-"), engine("owner").begin() as connection:
        connection.execute(text("CREATE TEMPORARY TABLE bench_point (id int PRIMARY KEY, geom geometry(Point, 9210))"))
        raw = connection.connection.cursor()
        with raw.copy("COPY bench_point FROM STDIN") as copy:
            for row, point in enumerate(
                shapely.to_wkb(shapely.set_srid(shapely.points(x, y), 9210), hex=True, include_srid=True)
            ):
                copy.write_row((row, point))
        connection.execute(text("CREATE INDEX ON bench_point USING gist (geom)"))
        connection.execute(text("ANALYZE bench_point"))
        peer = text(
            "SELECT coalesce(ST_ClusterDBSCAN(geom, :reach, :minimum) OVER (ORDER BY id), -1) "
            "FROM bench_point ORDER BY id"
        )
        labels: list[Any] = []

        def postgis() -> None:
            labels[:] = [connection.execute(peer, {"reach": REACH_M, "minimum": MINIMUM}).scalars().all()]

        mine: list[Any] = []

        def space() -> None:
            mine[:] = [clusters.dbscan(x, y, reach_m=REACH_M, minimum=MINIMUM)]

        space_s, peer_s = _both(space, postgis, ROUNDS)
        theirs = np.array(labels[0])
    started = time.perf_counter()
    clusters.st_dbscan(x, y, t, reach_m=REACH_M, reach_t=REACH_DAYS, minimum=MINIMUM)
    return {
        "points": POINTS,
        "space_s": space_s,
        "space_postgis_s": peer_s,
        "space_ratio": peer_s / space_s,
        "space_noise_differs": int(((mine[0] < 0) != (theirs < 0)).sum()),
        "space_clusters": int(mine[0].max()) + 1,
        "space_postgis_clusters": int(theirs.max()) + 1,
        "space_time_s": time.perf_counter() - started,
        "space_time_peak_mib": _peak_mib(),
    }


def scattered() -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """x, y in metres, t in days: two thirds anywhere in 45 × 45 km, a third in 200 heaps of 300 m."""
    random = np.random.default_rng(1022)
    x, y = random.uniform(600_000, 645_000, POINTS), random.uniform(1_160_000, 1_205_000, POINTS)
    heap = random.choice(200, POINTS)
    heaped = random.random(POINTS) < 1 / 3
    centres = np.column_stack([random.uniform(600_000, 645_000, 200), random.uniform(1_160_000, 1_205_000, 200)])
    x[heaped] = centres[heap[heaped], 0] + random.normal(0, 300, heaped.sum())
    y[heaped] = centres[heap[heaped], 1] + random.normal(0, 300, heaped.sum())
    return x, y, random.uniform(0, 365, POINTS)


def _peak_mib() -> float:
    """The whole process's peak when a fresh one does the million points in space and time."""
    code = (
        "from benchmarks.hotspots import *; x, y, t = scattered(); "
        "clusters.st_dbscan(x, y, t, reach_m=REACH_M, reach_t=REACH_DAYS, minimum=MINIMUM); "
        "import resource; print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    return float(done.stdout)


def _both(ours: Callable[[], Any], peer: Callable[[], Any], rounds: int) -> tuple[float, float]:
    seconds: tuple[list[float], list[float]] = ([], [])
    for _ in range(rounds):
        for k, each in enumerate((ours, peer)):
            started = time.perf_counter()
            each()
            seconds[k].append(time.perf_counter() - started)
    return statistics.median(seconds[0]), statistics.median(seconds[1])

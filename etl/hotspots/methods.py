"""Each method over the cells: the file's columns, and nothing of where the events came from."""

from __future__ import annotations

from datetime import UTC, datetime

import numpy as np
import shapely
from numpy.typing import NDArray
from scipy import sparse

from database.clock import local
from etl.hotspots.events import Events
from etl.hotspots.question import BadQuestion, Question
from geo import crs
from geo.grid import Cells, Units
from geo.statistics import clusters, density, discovery_rate, emerging, getis_ord, moran, rates, weights

Floats = NDArray[np.float64]
Columns = dict[str, NDArray[np.generic]]

_CITY_OFFSET_S = 7 * 3600
"""Vietnam has had this one offset, without summer time, since 1975."""


def over_cells(
    question: Question,
    cells: Units,
    events: Events,
    around: sparse.csr_array,
    exposure: Floats | None,
    *,
    history: list[Floats] | None = None,
) -> Columns:
    """`cell_id, n, z, p, p_fdr, class`, then what the method adds. Raises BadQuestion.

    Emerging hot spots append to `history` their z and corrected p of every slice, float64[slices, n] each.
    """
    found = cells.find(events.x, events.y)
    counts = np.bincount(found[found >= 0], minlength=len(cells)).astype(np.int64)
    if question.method == "kde":
        assert isinstance(cells, Cells)
        return _density(question, cells, events, counts)
    if question.method == "emerging":
        found_history = _emerging(question, cells, events, counts, around)
        if history is not None:
            history += found_history[1]
        return found_history[0]
    more: Columns = {} if cells.names is None else {"name": cells.names}
    if question.method == "local-moran":
        z, p, more["quadrant"] = _moran(question, counts, around, exposure)
        like = np.isin(more["quadrant"], ("high-high", "low-low"))
    else:
        z, p = _gi_star(question, counts, around, exposure)
    if exposure is not None:
        more["exposure"], more["rate"] = exposure, rates.smoothed(counts, exposure)
    columns = _columns(cells.ids, counts, z, p)
    if question.method == "local-moran":
        columns["class"] = np.where(like, columns["class"], "none")
    return {**columns, **more}


def _columns(ids: NDArray[np.str_], n: NDArray[np.int64], z: Floats, p: Floats) -> Columns:
    corrected = discovery_rate.corrected(p)
    return {"cell_id": ids, "n": n, "z": z, "p": p, "p_fdr": corrected, "class": discovery_rate.classes(z, corrected)}


def _gi_star(
    question: Question, counts: NDArray[np.int64], around: sparse.csr_array, exposure: Floats | None
) -> tuple[Floats, Floats]:
    if exposure is not None:
        rate = getis_ord.g_star_rate(counts, exposure, around)
        return rate.z, rate.p
    if question.engine == "esda":
        from esda import G_Local
        from libpysal.graph import Graph

        reference = G_Local(
            counts.astype(float), Graph.from_sparse(around), transform="B", star=True,
            permutations=question.permutations, seed=question.seed,
        )  # fmt: skip
        one_sided = reference.p_sim if question.permutations else reference.p_norm
        return reference.Zs, np.minimum(1, 2 * one_sided)
    own = getis_ord.g_star(counts, around, permutations=question.permutations, seed=question.seed)
    return own.z, getis_ord.exact_p(counts, around) if question.tail == "exact" else own.p


def _moran(
    question: Question, counts: NDArray[np.int64], around: sparse.csr_array, exposure: Floats | None
) -> tuple[Floats, Floats, NDArray[np.str_]]:
    standard = weights.row_standardised(around)
    values = counts if exposure is None else rates.standardised(counts, exposure)
    own = moran.local(values, standard, permutations=question.permutations, seed=question.seed)
    z, p = own.z, own.p
    if question.engine == "esda":
        from esda import Moran_Local
        from libpysal.graph import Graph
        from scipy import stats

        reference = Moran_Local(
            counts.astype(float), Graph.from_sparse(around).transform("R"), permutations=question.permutations,
            seed=question.seed,
        )  # fmt: skip
        with np.errstate(divide="ignore", invalid="ignore"):
            z = (reference.Is - reference.EIc) / np.sqrt(reference.VIc)
        p = np.minimum(1, 2 * reference.p_sim) if question.permutations else 2 * stats.norm.sf(np.abs(z))
    # z is signed by the place's own value, so that like beside like is positive, high and low alike; a map of hot and
    # cold wants low among low below zero. Outliers (high among low) keep their negative z and are no class of it.
    return np.where(own.quadrant == "low-low", -np.abs(z), z), p, own.quadrant


def _density(question: Question, cells: Cells, events: Events, counts: NDArray[np.int64]) -> Columns:
    width = question.bandwidth_m or max(density.bandwidth(events.x, events.y), question.cell_m)
    try:
        per_km2 = density.density(events.x, events.y, cells, bandwidth_m=width)
    except ValueError as error:
        raise BadQuestion("bandwidth_m", str(error)) from error
    nothing = np.full(len(cells), np.nan)
    return {
        **_columns(cells.ids, counts, nothing, nothing),
        "density": per_km2,
        "bandwidth_m": np.full(len(cells), width),
    }


def _emerging(
    question: Question, cells: Units, events: Events, counts: NDArray[np.int64], around: sparse.csr_array
) -> tuple[Columns, list[Floats]]:
    slices = slices_of(events.at, question)
    found = cells.find(events.x, events.y)
    inside = (found >= 0) & (slices >= 0)
    many = int(slices.max(initial=-1)) + 1
    if many < 3:
        raise BadQuestion("slices", "cần ít nhất ba kỳ (at least three slices of time are needed)")
    cube = np.zeros((many, len(cells)), dtype=np.int64)
    np.add.at(cube, (slices[inside], found[inside]), 1)
    answer = emerging.emerging(cube, around)
    columns = _columns(cells.ids, counts, answer.z[-1], answer.p[-1])
    # Corrected for all slices: what the history was named by.
    columns["p_fdr"] = answer.p_fdr[-1]
    columns["class"] = discovery_rate.classes(answer.z[-1], answer.p_fdr[-1])
    columns |= {"pattern": answer.pattern, "trend_z": answer.trend, "trend_p": answer.trend_p}
    return columns, [answer.z, answer.p_fdr]


def slices_of(at: Floats, question: Question) -> NDArray[np.int64]:
    """The slice of each event, int64[m], 0 the oldest: calendar months or weeks of seven days back from the end."""
    if not len(at):
        return np.empty(0, dtype=np.int64)
    if question.slices == "week":
        end = question.until.timestamp() if question.until else float(at.max()) + 1
        back = np.floor((end - at) / (7 * 86_400)).astype(np.int64)
        first = question.since.timestamp() if question.since else float(at.min())
        return int(np.floor((end - first) / (7 * 86_400))) - back
    months = month_of(at)
    return months - int(months.min())


def month_of(at: Floats) -> NDArray[np.int64]:
    """Months of the city's calendar since January 1970, int64[m]. `at`: seconds since 1970 (UTC)."""
    return (at + _CITY_OFFSET_S).astype("datetime64[s]").astype("datetime64[M]").astype(np.int64)


def in_time(question: Question, events: Events, study: shapely.Geometry) -> tuple[Columns, NDArray[np.object_], int]:
    """ST-DBSCAN: a row a cluster with its hull, largest first; and how many events lay outside of `study` (metres)."""
    shapely.prepare(study)
    inside = shapely.contains_xy(study, events.x, events.y)
    x, y, at = events.x[inside], events.y[inside], events.at[inside]
    labels = clusters.st_dbscan(
        x, y, at / 86_400, reach_m=question.reach_m, reach_t=question.reach_days, minimum=question.minimum
    )
    order = np.argsort(labels, kind="stable")
    order = order[labels[order] >= 0]
    starts = np.flatnonzero(np.diff(labels[order], prepend=-2))
    groups = np.split(order, starts[1:]) if len(order) else []
    groups.sort(key=len, reverse=True)
    hulls = np.array([_hull(x[each], y[each]) for each in groups], dtype=object)
    n = np.array([len(each) for each in groups], dtype=np.int64)
    nothing = np.full(len(groups), np.nan)
    ids = np.array([f"st:{k + 1}" for k in range(len(groups))], dtype=np.str_)
    columns = _columns(ids, n, nothing, nothing)
    for name, which in (("first", np.min), ("last", np.max)):
        moments = [local(datetime.fromtimestamp(which(at[each]), UTC)).isoformat(timespec="seconds") for each in groups]
        columns[name] = np.array(moments, dtype=np.str_)
    columns["noise"] = np.full(len(groups), int((labels < 0).sum()), dtype=np.int64)
    return columns, hulls, int((~inside).sum())


def _hull(x: Floats, y: Floats) -> shapely.Geometry:
    lon, lat = crs.from_metres(
        *shapely.get_coordinates(shapely.MultiPoint(np.column_stack([x, y])).convex_hull.buffer(25)).T
    )
    return shapely.Polygon(np.column_stack([lon, lat]))

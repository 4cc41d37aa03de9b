"""The geocoder on addresses whose place is known: (a) bus stops in five folds, each hidden with every stop within 30 m
of it; (b) a file of addresses as people write them (ADDRESSES, or `addresses_sample.csv` beside the project).

Baselines and ablation, disguises, reliability of `confidence`, what `accuracy_m` holds, throughput. Settings were
chosen on (b) and on TUNING_FOLDS of (a); all that is said of (a) is of REPORTED_FOLDS, on which none was chosen.
`FOLDS=0,1,2` measures the tuning folds instead, for whoever tunes.
"""

from __future__ import annotations

import csv
import os
import statistics
import time
from collections.abc import Sequence
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np
from scipy.spatial import cKDTree

from benchmarks import _names_search as names_search
from benchmarks import _reliability as reliability
from benchmarks._disguises import DISGUISES, one_letter_wrong, written
from database.settings import current
from district_boundaries import shipped as areas_shipped
from district_boundaries.area_names import AreaNames
from district_boundaries.areas import Area, AreaIndex
from geo.crs import to_metres
from geo.gazetteer import compact, gaps, osm, shipped, stops
from geo.gazetteer.keys import street_key
from geo.gazetteer.records import Records
from geo.geocoder import Place, geocode, index_of, street_index_of
from geo.geocoder import evidence as evidence_module
from geo.geocoder import places as places_module
from geo.geocoder import streets as streets_module
from geo.geocoder.streets import StreetIndex
from geo.geocoder.suggest import suggest
from geo.text import fold, nfc

ON = date(2026, 8, 1)
FOLDS = 5
TUNING_FOLDS = (0, 1, 2)
REPORTED_FOLDS = (3, 4)  # on which no setting was chosen
NEAR_M = 30.0
SINGLE = 1500  # look-ups one at a time
ROUNDS = 3  # of the batch
SAMPLE = Path(
    os.environ.get("ADDRESSES", Path(__file__).resolve().parents[1].parent / "shared" / "data" / "addresses_sample.csv")
)


def run() -> dict[str, Any]:
    """Shares within 100, 250, 500, 1,000 m, ward right, calibration, throughput."""
    rows = _stops()
    base = osm.read(shipped.EXTRACT)
    base += stops.renames(shipped.RENAMES)
    base += stops.pois(shipped.POIS)
    measured = tuple(int(fold) for fold in os.environ.get("FOLDS", "").split(",") if fold) or REPORTED_FOLDS
    result: dict[str, Any] = {
        "stops": len(rows),
        "folds settings were chosen on": ", ".join(map(str, TUNING_FOLDS)),
        "folds measured here": ", ".join(map(str, measured)),
    }
    fold_of = _folds(rows)
    hidden: list[tuple[dict[str, str], Place | None]] = []
    disguised: dict[str, list[tuple[dict[str, str], Place | None]]] = {}
    offered: list[float] = []  # metres from the nearest of five answers, where the district was dropped
    for number in measured:
        names = _names(base, [row for row, f in zip(rows, fold_of, strict=True) if f != number])
        own = [row for row, f in zip(rows, fold_of, strict=True) if f == number and _numbered(row)]
        hidden += _answers(own, [written(row) for row in own], names)
        for kind, change in DISGUISES.items():
            disguised.setdefault(kind, []).extend(_answers(own, [change(row) for row in own], names))
        offered += _nearest_of_five(own, [DISGUISES["district dropped"](row) for row in own], names)
    result["hidden_stops"] = _measured(hidden)
    result["calibration"] = _calibration(hidden)
    _draw(result["calibration"], measured)
    near = result["hidden_stops"]["within_500"]
    shares = {kind: _measured(found)["within_500"] for kind, found in disguised.items()}
    result["disguised"] = {
        kind: {"within_500": share, "lost": round(near - share, 4)} for kind, share in shares.items()
    }
    among = round(float((np.array(offered) <= 500).mean()), 4)
    result["disguised"]["district dropped, one of five answers"] = {"within_500": among, "lost": round(near - among, 4)}
    whole = _names(base, rows)
    result["megabytes"] = round(whole.gazetteer.megabytes(), 1) if whole.gazetteer else 0
    sample = SAMPLE
    if sample.exists():
        listed = list(csv.DictReader(sample.open(encoding="utf-8")))
        texts = [row["address"] for row in listed]
        answered = _answers(listed, texts, whole)
        result["addresses"] = _measured(answered)
        result["addresses_95_percent"] = _intervals(answered)
        result["ablation"] = _ablation(listed, texts, whole)
        result["ablation"]["without streets drawn through what stands on them"] = _measured(
            _answers(listed, texts, _names(base, rows, drawn=False))
        )
    result["unknown_streets"] = _unknown(whole)
    result["throughput"] = _throughput([row for row in rows if _numbered(row)], whole)
    result["suggestions"] = _suggestions([row for row in rows if _numbered(row)], whole)
    return result


# ------------------------------------------------------------------ data
def _stops() -> list[dict[str, str]]:
    with shipped.STOPS.open(encoding="utf-8", newline="") as lines:
        return list(csv.DictReader(lines))


def _folds(rows: Sequence[dict[str, str]]) -> list[int]:
    """A fold for each stop, the same for all stops that hang together within 30 m."""
    x, y = to_metres([float(row["lon"]) for row in rows], [float(row["lat"]) for row in rows])
    tree = cKDTree(np.column_stack([x, y]))
    group = np.arange(len(rows))
    pairs = tree.query_pairs(NEAR_M, output_type="ndarray")
    changed = True
    while changed:
        low = np.minimum(group[pairs[:, 0]], group[pairs[:, 1]])
        before = group.copy()
        np.minimum.at(group, pairs[:, 0], low)
        np.minimum.at(group, pairs[:, 1], low)
        changed = bool((before != group).any())
    return [int(number * 2654435761 % 4294967296) % FOLDS for number in group.tolist()]


def _numbered(row: dict[str, str]) -> bool:
    found = fold(nfc(row["address_no"])).strip()
    return (
        found[:1].isdigit() and bool(row["street"].strip()) and fold(row["street"]) not in ("viet nam", "ngoai thanh")
    )


def _names(base: Records, kept: Sequence[dict[str, str]], drawn: bool = True) -> AreaNames:
    records = Records(
        streets=list(base.streets),
        numbers=list(base.numbers),
        landmarks=list(base.landmarks),
        other_names=base.other_names,
    )
    records += stops.records_of(kept)
    records += stops.paths(shipped.PATHS, kept)
    missing = gaps.missing
    try:
        if not drawn:
            gaps.missing = lambda *_: []  # type: ignore[assignment]
        gazetteer = compact.build(records)
    finally:
        gaps.missing = missing
    gazetteer.version = ("bench", id(records))
    return AreaNames(_area_index(), gazetteer)


_AREAS: list[AreaIndex] = []


def _area_index() -> AreaIndex:
    if not _AREAS:
        rows = areas_shipped.rows()
        areas = [
            Area(
                id=number, level=row.level, field=row.field, code=row.code, name=row.name, kind=row.kind,
                valid_from=row.valid_from, valid_to=row.valid_to, approximate=row.approximate, source=row.source,
            )
            for number, row in enumerate(rows, 1)
        ]  # fmt: skip
        _AREAS.append(AreaIndex(areas, [row.geometry for row in rows]))
    return _AREAS[0]


# ------------------------------------------------------------------ measures
Answers = list[tuple[dict[str, str], Place | None]]


def _answers(rows: Sequence[dict[str, str]], texts: Sequence[str], names: AreaNames) -> Answers:
    found = geocode(texts, names, on=ON, limit=1)
    return [(row, places[0] if places else None) for row, places in zip(rows, found, strict=True)]


def _nearest_of_five(rows: Sequence[dict[str, str]], texts: Sequence[str], names: AreaNames) -> list[float]:
    """Metres from the truth to the nearest of the first five answers: what a call-taker is offered to choose from."""
    result = []
    for row, places in zip(rows, geocode(texts, names, on=ON, limit=5), strict=True):
        several: Answers = [(row, place) for place in places]
        result.append(float(_distances(several).min()) if several else np.inf)
    return result


def _suggestions(rows: Sequence[dict[str, str]], names: AreaNames) -> dict[str, Any]:
    """Every beginning of every twentieth stop's street, as it is typed; processor time in one process."""
    suggest("le", names, on=ON)
    times, right, asked = [], 0, 0
    for row in rows[::20]:
        street = row["street"].strip()
        for end in range(1, len(street) + 1):
            started = time.process_time()
            found = suggest(street[:end], names, on=ON)
            times.append(time.process_time() - started)
        asked += 1
        right += any(street_key(one.text.split(",")[0]) == street_key(street) for one in found)
    return {
        "asked": len(times),
        "p50_ms": round(statistics.median(times) * 1000, 2),
        "p95_ms": round(float(np.percentile(times, 95)) * 1000, 2),
        "p99_ms": round(float(np.percentile(times, 99)) * 1000, 2),
        "street offered when its name is typed": round(right / asked, 3),
    }


def _distances(found: Answers) -> np.ndarray:
    x, y = to_metres([float(row["lon"]) for row, _ in found], [float(row["lat"]) for row, _ in found])
    px, py = to_metres([p.lon if p else 0.0 for _, p in found], [p.lat if p else 0.0 for _, p in found])
    return np.where([p is None for _, p in found], np.inf, np.hypot(px - x, py - y))


def _wards(found: Answers) -> np.ndarray:
    """Whether the ward answered is the one in force at the truth."""
    index = AreaNames(_area_index())
    within = index.within(
        np.array([float(row["lon"]) for row, _ in found]), np.array([float(row["lat"]) for row, _ in found]), ON
    )
    return np.array([p is not None and p.ward_code == w.ward_code for (_, p), w in zip(found, within, strict=True)])


def _measured(found: Answers) -> dict[str, Any]:
    distance = _distances(found)
    return {
        "n": len(found),
        **{f"within_{m}": round(float((distance <= m).mean()), 4) for m in (100, 250, 500, 1000)},
        "median_m": round(float(np.median(distance)), 1),
        "ward_right": round(float(_wards(found).mean()), 4),
    }


def _intervals(found: Answers) -> dict[str, list[float]]:
    """Where the shares of so few rows lie, 19 times in 20: drawn again 2,000 times."""
    distance, ward = _distances(found), _wards(found)
    drawn = np.random.default_rng(17).integers(0, len(found), (2000, len(found)))
    shares = {"within_100": distance <= 100, "within_500": distance <= 500, "ward_right": ward}
    return {
        name: [round(float(edge), 3) for edge in np.quantile(true[drawn].mean(axis=1), (0.025, 0.975))]
        for name, true in shares.items()
    }


def _calibration(found: Answers) -> dict[str, Any]:
    answered = [(row, place) for row, place in found if place is not None]
    distance = _distances(answered)
    places = [place for _, place in answered if place is not None]
    confidence = np.array([place.confidence for place in places])
    ward = np.array([place.ward_confidence for place in places])
    accuracy = np.array([place.accuracy_m for place in places])
    near, right = distance <= 500, _wards(answered)
    classes = np.array([place.precision for place in places])
    return {
        "ece_500": reliability.error(confidence, near),
        "ece_ward": reliability.error(ward, right),
        "ece_500_of_a_constant": reliability.error_of_a_constant(confidence, near),
        "ece_ward_of_a_constant": reliability.error_of_a_constant(ward, right),
        "reliability_500": reliability.table(confidence, near),
        "reliability_ward": reliability.table(ward, right),
        "accuracy_holds": {
            str(kind): {
                "n": int((classes == kind).sum()),
                "share": round(float((distance <= accuracy)[classes == kind].mean()), 3),
            }
            for kind in sorted(set(classes.tolist()))
        },
    }


def _draw(calibration: dict[str, Any], folds: Sequence[int]) -> None:
    """The reliability diagrams on the screen, and as a picture beside the figures."""
    of = f"hidden stops of folds {', '.join(map(str, folds))}"
    tables = {
        f"within 500 m, {of}": calibration["reliability_500"],
        f"ward of 2025, {of}": calibration["reliability_ward"],
    }
    for title, rows in tables.items():
        print(reliability.text(title, rows), end="\n\n")
    path = current().data_dir / "bench" / "geocoder_reliability.png"
    path.parent.mkdir(parents=True, exist_ok=True)
    reliability.picture(path, tables)
    calibration["diagram"] = path.name


# ------------------------------------------------------------------ ablation, unknown streets
def _ablation(rows: list[dict[str, str]], texts: list[str], names: AreaNames) -> dict[str, Any]:
    """Each step left out, and the plain baselines."""
    plain = AreaNames(_area_index(), None)
    result = {"named area only": _measured(_answers(rows, texts, plain))}
    index = street_index_of(names)
    assert index is not None
    number_density = streets_module.number_density
    side = streets_module._SIDE
    known = streets_module.KNOWN_SHARE
    beside = evidence_module.BESIDE
    named = places_module.named
    try:
        streets_module.number_density = lambda *_: np.float64(1.0)  # type: ignore[assignment, return-value]
        result["without house numbers (middle of the street in its area)"] = _measured(_answers(rows, texts, names))
        streets_module.number_density = _plain_linear
        result["plain linear numbers"] = _measured(_answers(rows, texts, names))
        streets_module.number_density = number_density
        streets_module._SIDE = 0.5
        result["without sides"] = _measured(_answers(rows, texts, names))
        streets_module._SIDE = side
        streets_module.KNOWN_SHARE = 1.0
        result["without the unknown street"] = _measured(_answers(rows, texts, names))
        streets_module.KNOWN_SHARE = known
        evidence_module.BESIDE = 1e6
        index.forget()
        result["without what the wards named went into"] = _measured(_answers(rows, texts, names))
        evidence_module.BESIDE = beside
        index.forget()
        places_module.named = lambda *_: []
        result["without places named beside the street"] = _measured(_answers(rows, texts, names))
    finally:
        evidence_module.BESIDE, places_module.named = beside, named
        streets_module.number_density, streets_module._SIDE, streets_module.KNOWN_SHARE = number_density, side, known
    return result


def _plain_linear(gazetteer: Any, street: int, along: np.ndarray, number: int) -> np.ndarray:
    """The number by the straight line between the street's lowest and highest anchor."""
    anchors = gazetteer.anchors.get(street)
    if anchors is None or (anchors[0] > 0).sum() < 2:
        return np.full(len(along), 0.01)
    known = anchors[0] > 0
    low, high = int(np.argmin(np.where(known, anchors[0], 10**6))), int(np.argmax(anchors[0]))
    span = max(1, int(anchors[0][high] - anchors[0][low]))
    place = anchors[1][low] + (number - anchors[0][low]) / span * (anchors[1][high] - anchors[1][low])
    return np.asarray(np.exp(-np.abs(along - place) / 40.0) / 80.0 * 4.3 + 0.0006)


def _unknown(names: AreaNames) -> dict[str, Any]:
    """Made-up streets in real wards: how many are answered with street precision (none should be)."""
    invented = (
        "Phùng Vạn Thông",
        "Quách Hữu Đằng",
        "Tạ Khương Duyệt",
        "Vũ Xuân Thoại",
        "Đoàn Trí Khiết",
        "Ông Ích Bổn",
    )
    wards = ["Phường 5, Quận 3", "Phường Tân Phú, Quận 7", "Xã Bình Hưng, Huyện Bình Chánh", "Phường 12, Quận Gò Vấp"]
    texts = [f"{n} {street}, {ward}" for street in invented for ward in wards for n in (7, 112)]
    answers = geocode(texts, names, on=ON, limit=1)
    wrong = [t for t, a in zip(texts, answers, strict=True) if a and a[0].precision not in ("ward", "district")]
    return {"asked": len(texts), "answered_as_street": len(wrong), "examples": wrong[:5]}


def _throughput(rows: Sequence[dict[str, str]], names: AreaNames) -> dict[str, Any]:
    """Full look-ups, each text once, in seconds of processor time: other programs on the machine do not count."""
    texts = list(dict.fromkeys(written(row) for row in rows))
    np.random.default_rng(1).shuffle(texts)
    geocode(texts[:200], names, on=ON, limit=1)
    times = []
    for text in texts[200 : 200 + SINGLE]:
        started = time.process_time()
        geocode([text], names, on=ON, limit=1)
        times.append(time.process_time() - started)
    batch = []
    for _ in range(ROUNDS):
        started = time.process_time()
        geocode(texts, names, on=ON, limit=1)
        batch.append(len(texts) / (time.process_time() - started))
    single = 1 / statistics.mean(times)
    index = street_index_of(names)
    assert isinstance(index, StreetIndex)
    parse = index_of(names).parse
    started = time.process_time()
    for text in texts[:1500]:
        parse(text)
    parsing = 1500 / (time.process_time() - started)
    keys = list(index.gazetteer.streets)
    wrong = [one_letter_wrong(row["street"], int(float(row["lat"]) * 1e6)) for row in rows]
    typed = [(street_key(street), street_key(row["street"])) for street, row in zip(wrong, rows, strict=True)]
    typed = [pair for pair in dict.fromkeys(typed) if pair[1] in index.gazetteer.streets and pair[0] != pair[1]][:400]
    return {
        "texts": len(texts),
        "one_at_a_time_per_s": round(single),
        "p50_ms": round(statistics.median(times) * 1000, 2),
        "p99_ms": round(float(np.percentile(times, 99)) * 1000, 2),
        "batch_per_s": round(statistics.median(batch)),
        "batch_against_single": round(statistics.median(batch) / single, 2),
        "area_parser_alone_per_s": round(parsing),
        "a_name_with_a_wrong_letter_alone": {
            "names": len(keys),
            "asked": len(typed),
            "this geocoder's slips": names_search.timed(lambda key: next(iter(index.slips.search(key)), None), typed),
            **names_search.measured(keys, typed),
        },
    }

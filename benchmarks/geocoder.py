"""The geocoder on addresses whose place is known: (a) bus stops in five folds, each hidden with every stop within 30 m
of it; (b) a file of addresses as people write them (ADDRESSES, or `addresses_sample.csv` beside the project).

Baselines and ablation, disguises, reliability of `confidence`, what `accuracy_m` holds, throughput, how long an extract
takes to load. The posterior's settings were chosen on (b) and on TUNING_FOLDS of (a); all that is said of (a) is of
REPORTED_FOLDS, on which none was chosen, save the part `coverage`, which is of all folds, each judged by what was
weighed on the others. `FOLDS=0,1,2` measures the tuning folds instead, for whoever tunes; `PARTS=stops,speed` does some
of the parts alone.
"""

from __future__ import annotations

import csv
import os
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from benchmarks import _ablation, _ceiling, _coverage, _hidden_stops, _load, _speed
from benchmarks import _reliability as reliability
from benchmarks._disguises import DISGUISES, written
from benchmarks._hidden_stops import ON, REPORTED_FOLDS, SAMPLE, TUNING_FOLDS, Answers, Folds, answers, measured
from database.settings import current
from district_boundaries.area_names import AreaNames
from geo.geocoder import geocode


def run() -> dict[str, Any]:
    """Shares within 100, 250, 500, 1,000 m, ward right, calibration, throughput, loading."""
    asked = [part for part in os.environ.get("PARTS", "").split(",") if part] or list(PARTS)
    folds = Folds()
    result: dict[str, Any] = {"stops": len(folds.rows), "parts": ", ".join(asked)}
    for part in asked:
        result |= PARTS[part](folds)
    return result


def _measured_folds() -> tuple[int, ...]:
    return tuple(int(fold) for fold in os.environ.get("FOLDS", "").split(",") if fold) or REPORTED_FOLDS


# ------------------------------------------------------------------ parts
def _stops(folds: Folds) -> dict[str, Any]:
    """(a): hidden stops as they are written, and in other ways."""
    fold_numbers = _measured_folds()
    hidden: Answers = []
    disguised: dict[str, Answers] = {kind: [] for kind in DISGUISES}
    ceilings: dict[str, list[float]] = {}
    for number in fold_numbers:
        names, own = folds.without(number), folds.own(number)
        hidden += answers(own, [written(row) for row in own], names)
        for kind, change in DISGUISES.items():
            disguised[kind] += answers(own, [change(row) for row in own], names)
        dropped = [DISGUISES["district dropped"](row) for row in own]
        for told, metres in _ceiling.distances(own, dropped, names).items():
            ceilings.setdefault(told, []).extend(metres)
    shares = {kind: measured(found)["within_500"] for kind, found in disguised.items()}
    shares |= {f"district dropped, {told}": float((np.array(m) <= 500.0).mean()) for told, m in ceilings.items()}
    whole = measured(hidden)
    lost = {
        kind: {"within_500": round(share, 4), "lost": round(whole["within_500"] - share, 4)}
        for kind, share in shares.items()
    }
    return {
        "folds settings were chosen on": ", ".join(map(str, TUNING_FOLDS)),
        "folds measured here": ", ".join(map(str, fold_numbers)),
        "hidden_stops": whole,
        "disguised": lost,
    }


def _all_folds(folds: Folds) -> dict[str, Any]:
    """Confidence and radius on all five folds, each by what was weighed on the others."""
    found = _coverage.crossed(folds)
    _draw(found["folds that no setting was chosen on"], REPORTED_FOLDS)
    return {"calibration": found}


def _addresses(folds: Folds) -> dict[str, Any]:
    """(b), the steps left out, and streets that there are not."""
    names = folds.whole()
    result: dict[str, Any] = {"megabytes": round(names.gazetteer.megabytes(), 1) if names.gazetteer else 0}
    if SAMPLE.exists():
        listed = list(csv.DictReader(SAMPLE.open(encoding="utf-8")))
        texts = [row["address"] for row in listed]
        found = answers(listed, texts, names)
        result["addresses"] = measured(found)
        result["addresses_95_percent"] = _hidden_stops.intervals(found)
        result["addresses_calibration"] = _coverage.of_answers(found)
        result["ablation"] = _ablation.ablation(listed, texts, names)
        undrawn = answers(listed, texts, folds.whole(drawn=False))
        result["ablation"]["without streets drawn through what stands on them"] = measured(undrawn)
    else:
        result["addresses"] = f"left out: there is no {SAMPLE.name} beside the project, and no ADDRESSES"
    result["unknown_streets"] = _unknown(names)
    return result


def _speeds(folds: Folds) -> dict[str, Any]:
    """Look-ups and suggestions a second."""
    names = folds.whole()
    rows = [row for row in folds.rows if _hidden_stops.numbered(row)]
    return {"throughput": _speed.throughput(rows, names), "suggestions": _speed.suggestions(rows, names)}


def _loading(_: Folds) -> dict[str, Any]:
    """How long the city's extract takes to load."""
    return {"load": _load.timed()}


PARTS: dict[str, Callable[[Folds], dict[str, Any]]] = {
    "stops": _stops,
    "coverage": _all_folds,
    "addresses": _addresses,
    "speed": _speeds,
    "load": _loading,
}


# ------------------------------------------------------------------ what is shown
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
    found = geocode(texts, names, on=ON, limit=1)
    wrong = [t for t, a in zip(texts, found, strict=True) if a and a[0].precision not in ("ward", "district")]
    return {"asked": len(texts), "answered_as_street": len(wrong), "examples": wrong[:5]}

"""Weighs the settings of geo/geocoder/calibration.py anew and prints them: `python -m benchmarks._weigh_confidence`.

On the tuning folds of the hidden stops and on the addresses of shops; what the bench reports is of other folds.
"""

from __future__ import annotations

import csv
from typing import Any

import numpy as np

from benchmarks import geocoder as bench
from geo.crs import to_metres
from geo.gazetteer import osm, shipped, stops
from geo.geocoder import Place, calibration

_SHOPS_COUNT = 3.0
_KINDS: tuple[calibration.Kind, ...] = ("door", "rooftop", "interpolated", "street")


def run() -> None:
    """Answers as the posterior says them, then the settings that make them true."""
    from sklearn.linear_model import LogisticRegression

    calibration.NEAR = calibration.WARD = calibration.Logit(1.0, 0.0, dict.fromkeys(_KINDS, 0.0))
    calibration.WIDER = dict.fromkeys(_KINDS, 1.0)
    rows, places, kinds, weight = _answers()
    found = list(zip(rows, places, strict=True))
    distance, ward = bench._distances(found), bench._wards(found)
    x, y = to_metres([place.lon for place in places], [place.lat for place in places])
    away = np.log((np.hypot(x - calibration.MIDDLE[0], y - calibration.MIDDLE[1]) + 500.0) / 6000.0)
    kind = np.array(kinds)
    dummies = [kind == one for one in _KINDS]
    for name, said, true in (
        ("NEAR", [place.confidence for place in places], distance <= 500.0),
        ("WARD", [place.ward_confidence for place in places], ward),
    ):
        share = np.clip(said, 1e-4, 1.0 - 1e-4)
        table = np.column_stack([np.log(share / (1.0 - share)), away, *dummies])
        fit = LogisticRegression(C=5.0, max_iter=1000, fit_intercept=False).fit(table, true, sample_weight=weight)
        stretch, by_distance, *moved = np.round(fit.coef_[0], 2).tolist()
        print(f"{name} = Logit({stretch}, {by_distance}, {dict(zip(_KINDS, moved, strict=True))})")
    ratio = distance / np.array([place.accuracy_m for place in places])
    wider = {one: round(_quantile(ratio[kind == one], weight[kind == one], 0.68), 2) for one in _KINDS}
    print(f"WIDER = {wider}", {one: int((kind == one).sum()) for one in _KINDS})


def _answers() -> tuple[list[dict[str, str]], list[Place], list[str], np.ndarray]:
    every = bench._stops()
    base = osm.read(shipped.EXTRACT)
    base += stops.renames(shipped.RENAMES)
    base += stops.pois(shipped.POIS)
    fold_of = bench._folds(every)
    asked: list[tuple[Any, list[dict[str, str]], list[str], float]] = []
    for number in bench.TUNING_FOLDS:
        kept = [row for row, fold in zip(every, fold_of, strict=True) if fold != number]
        own = [row for row, fold in zip(every, fold_of, strict=True) if fold == number and bench._numbered(row)]
        asked.append((bench._names(base, kept), own, [bench.written(row) for row in own], 1.0))
    shops = list(csv.DictReader(bench.SAMPLE.open(encoding="utf-8")))
    asked.append((bench._names(base, every), shops, [row["address"] for row in shops], _SHOPS_COUNT))
    rows: list[dict[str, str]] = []
    places: list[Place] = []
    kinds: list[str] = []
    weight: list[float] = []
    for names, own, texts, counts in asked:
        with _Noted() as noted:
            for row, text in zip(own, texts, strict=True):
                noted.kind = ""
                place = bench._answers([row], [text], names)[0][1]
                if place is not None and noted.kind and place.precision in ("rooftop", "interpolated", "street"):
                    rows.append(row)
                    places.append(place)
                    kinds.append(noted.kind)
                    weight.append(counts)
    return rows, places, kinds, np.array(weight)


class _Noted:
    """Notes how the first answer was found: the last kind whose radius was asked for, unless a door was among them."""

    kind = ""

    def __enter__(self) -> _Noted:
        self._radius = calibration.radius

        def radius(accuracy_m: float, kind: calibration.Kind) -> float:
            self.kind = kind if kind == "door" or not self.kind else self.kind
            return self._radius(accuracy_m, kind)

        calibration.radius = radius
        return self

    def __exit__(self, *_: object) -> None:
        calibration.radius = self._radius


def _quantile(values: np.ndarray, weight: np.ndarray, share: float) -> float:
    order = np.argsort(values)
    reached = np.cumsum(weight[order])
    return float(values[order][np.searchsorted(reached, share * reached[-1])])


if __name__ == "__main__":
    run()

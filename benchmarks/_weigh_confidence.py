"""Weighs the settings of geo/geocoder/calibration.py anew and prints them: `python -m benchmarks._weigh_confidence`.

On all folds of the hidden stops and on the addresses of shops; `_coverage` judges each fold by the others alone.
"""

from __future__ import annotations

import csv
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from benchmarks import _disguises as disguises
from benchmarks import _hidden_stops as hidden
from benchmarks._hidden_stops import Row
from district_boundaries.area_names import AreaNames
from geo.crs import to_metres
from geo.geocoder import calibration
from geo.geocoder.calibration import KINDS, Kind, Logit, Settings
from geo.geocoder.reach import EDGES_M, NEAR

Floats = NDArray[np.float64]

SHOPS_COUNT = 3.0  # so much each, against a stop
_STREETS = ("rooftop", "interpolated", "street")
_STEEPEST = np.arange(0.0, 2.01, 0.02)


class Said(NamedTuple):
    """What the posterior said of first answers on streets, beside the truth: arrays of one length."""

    kind: NDArray[np.str_]
    precision: NDArray[np.str_]
    reached: NDArray[np.float32]  # share within each of EDGES_M
    in_ward: Floats
    x: Floats  # of the answer, metres
    y: Floats
    distance: Floats  # metres to the truth
    ward: NDArray[np.bool_]  # whether the ward answered is right
    weight: Floats
    numbered: NDArray[np.bool_]  # whether the text has a house number


def said(
    rows: Sequence[Row], texts: Sequence[str], names: AreaNames, weight: float = 1.0, numbered: bool = True
) -> Said:
    """What is said of each text, those left out that are answered by an area, a junction, a landmark or nothing, or
    whose confidence comes from elsewhere."""
    found: hidden.Answers = []
    noted: list[_Note] = []
    with _noting() as notes:
        for row, text in zip(rows, texts, strict=True):
            notes.clear()
            answer = hidden.answers([row], [text], names)[0]
            place = answer[1]
            if place is None or place.precision not in _STREETS:
                continue
            x, y = to_metres(place.lon, place.lat)
            own = [note for note in notes if np.hypot(note.x - x, note.y - y) < 1.0 and note.kind != "plain"]
            if own and own[-1].sure is None:
                found.append(answer)
                noted.append(own[-1])
    return Said(
        kind=np.array([note.kind for note in noted]),
        precision=np.array([place.precision for _, place in found if place]),
        reached=np.array([note.reached for note in noted], dtype=np.float32),
        in_ward=np.array([note.in_ward for note in noted]),
        x=np.array([note.x for note in noted]),
        y=np.array([note.y for note in noted]),
        distance=hidden.distances(found),
        ward=hidden.wards_right(found),
        weight=np.full(len(noted), weight),
        numbered=np.full(len(noted), numbered),
    )


def together(several: Sequence[Said]) -> Said:
    """Several as one."""
    return Said(*(np.concatenate(parts) for parts in zip(*several, strict=True)))


def weighed(all_said: Said) -> Settings:
    """The settings that make what is said true: confidence and ward by logistic regression, then for each kind how the
    logit rises with the radius, so that the radius holds its share."""
    near: dict[Kind, Logit] = {}
    ward: dict[Kind, Logit] = {}
    wider: dict[Kind, float] = {}
    for kinds in (calibration.NUMBERED, ("whole",)):
        own = Said(*(part[np.isin(all_said.kind, kinds)] for part in all_said))
        near |= _logit(kinds, own.reached[:, NEAR], own, own.distance <= EDGES_M[NEAR])
        ward |= _logit(kinds, own.in_ward, own, own.ward)
    for kind in KINDS:
        own = Said(*(part[all_said.kind == kind] for part in all_said))
        said_of = (
            near[kind].stretch * _logits(own.reached)
            + (near[kind].by_distance * _away(own) + near[kind].moved)[:, None]
        )
        gaps = []
        for steep in _STEEPEST:
            held_at = said_of + steep * np.array(calibration.FARTHER) >= calibration.SHARE_LOGIT
            held = np.average(own.distance <= EDGES_M[np.argmax(held_at, axis=1)], weights=own.weight)
            gaps.append(abs(held - calibration.SHARE))
        wider[kind] = round(float(_STEEPEST[int(np.argmin(gaps))]), 2)
    return Settings(near, wider, ward)


def answered(all_said: Said, settings: Settings) -> tuple[Floats, Floats, Floats]:
    """(confidence, accuracy_m, ward_confidence) by these settings."""
    with _settings(settings):
        rows = [
            calibration.said(reached, in_ward, kind, x, y)
            for reached, in_ward, kind, x, y in zip(
                all_said.reached, all_said.in_ward, all_said.kind.tolist(), all_said.x, all_said.y, strict=True
            )
        ]
    confidence, accuracy, ward = np.array(rows).T
    return confidence, accuracy, ward


def shops(names: AreaNames) -> list[Said]:
    """The addresses of shops as people write them; empty where there is no such file."""
    if not hidden.SAMPLE.exists():
        return []
    rows = list(csv.DictReader(hidden.SAMPLE.open(encoding="utf-8")))
    return [said(rows, [row["address"] for row in rows], names, SHOPS_COUNT)]


def stops(folds: hidden.Folds, fold: int) -> Said:
    """The stops of a fold as they are written, and without their house numbers."""
    own, names = folds.own(fold), folds.without(fold)
    texts = [disguises.written(row) for row in own]
    without = [disguises.without_number(row) for row in own]
    return together([said(own, texts, names), said(own, without, names, numbered=False)])


def run() -> None:
    """Print the settings."""
    folds = hidden.Folds()
    whole = together([*(stops(folds, fold) for fold in range(hidden.FOLDS)), *shops(folds.whole())])
    settings = weighed(whole)
    for name, value in settings._asdict().items():
        print(f"{name}={value}")
    print({kind: int((whole.kind == kind).sum()) for kind in KINDS})


# ------------------------------------------------------------------ what is said, noted
class _Note(NamedTuple):
    reached: Floats
    in_ward: float
    kind: Kind
    x: float
    y: float
    sure: float | None


@contextmanager
def _noting() -> Iterator[list[_Note]]:
    notes: list[_Note] = []
    plain = calibration.said

    def noted(reached: Floats, in_ward: float, kind: Kind, x: float, y: float, sure: float | None = None) -> Any:
        notes.append(_Note(reached, in_ward, kind, x, y, sure))
        return plain(reached, in_ward, kind, x, y, sure)

    calibration.said = noted
    try:
        yield notes
    finally:
        calibration.said = plain


@contextmanager
def _settings(settings: Settings) -> Iterator[None]:
    before = calibration.SETTINGS
    calibration.SETTINGS = settings
    try:
        yield
    finally:
        calibration.SETTINGS = before


# ------------------------------------------------------------------ regression
def _logit(kinds: Sequence[Kind], share: NDArray[Any], own: Said, true: NDArray[np.bool_]) -> dict[Kind, Logit]:
    from sklearn.linear_model import LogisticRegression

    table = np.column_stack([_logits(share), _away(own), *(own.kind == kind for kind in kinds)])
    fit = LogisticRegression(C=5.0, max_iter=1000, fit_intercept=False).fit(table, true, sample_weight=own.weight)
    stretch, by_distance, *moved = np.round(fit.coef_[0], 2).tolist()
    return {kind: Logit(stretch, by_distance, own_moved) for kind, own_moved in zip(kinds, moved, strict=True)}


def _away(own: Said) -> Floats:
    return np.array([calibration.away(x, y) for x, y in zip(own.x, own.y, strict=True)])


def _logits(share: NDArray[Any]) -> Floats:
    kept = np.clip(np.asarray(share, dtype=np.float64), calibration.LEAST, 1.0 - calibration.LEAST)
    return np.asarray(np.log(kept / (1.0 - kept)))


if __name__ == "__main__":
    run()

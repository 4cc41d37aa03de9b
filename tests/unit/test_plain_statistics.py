"""Time to an end, ratios of counts, and what one place is: against published figures and by counting on."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import stats

from etl.plain import repeats
from geo.statistics import comparison, survival

# Freireich et al., "The effect of 6-mercaptopurine on the duration of steroid-induced remissions in acute leukemia",
# Blood 21, 1963: weeks in remission; the published Kaplan–Meier estimates at 6, 7, 10, 13, 16, 22, 23.
TREATED = [6, 6, 6, 7, 10, 13, 16, 22, 23]
STILL_WELL = [6, 9, 10, 11, 17, 19, 20, 25, 32, 32, 34, 35]
PUBLISHED = {6: 0.857, 7: 0.807, 10: 0.753, 13: 0.690, 16: 0.627, 22: 0.538, 23: 0.448}
PLACEBO = [1, 1, 2, 2, 3, 4, 4, 5, 5, 8, 8, 8, 8, 11, 11, 12, 12, 15, 17, 22, 23]


def test_kaplan_meier_is_the_published_one() -> None:
    time = np.array([*TREATED, *STILL_WELL], dtype=float)
    ended = np.array([True] * len(TREATED) + [False] * len(STILL_WELL))
    mixed = np.random.default_rng(1).permutation(len(time))
    curve = survival.kaplan_meier(time[mixed], ended[mixed])
    assert dict(zip(curve.at.tolist(), np.round(curve.left, 3).tolist(), strict=True)) == PUBLISHED
    assert survival.time_to(curve, 0.5) == 23
    assert np.isnan(survival.time_to(curve, 0.9))  # never so low


def test_without_anything_open_it_is_the_plain_share() -> None:
    time = np.array(PLACEBO, dtype=float)
    curve = survival.kaplan_meier(time, np.ones(len(time), dtype=bool))
    for at, left in zip(curve.at, curve.left, strict=True):
        assert left == pytest.approx((time > at).mean())
    assert survival.time_to(curve, 0.5) == 8
    nothing = survival.kaplan_meier(np.empty(0), np.empty(0, dtype=bool))
    assert len(nothing.at) == 0 and np.isnan(survival.time_to(nothing, 0.5))


@pytest.mark.parametrize("seed", range(5))
def test_kaplan_meier_by_its_definition(seed: int) -> None:
    dice = np.random.default_rng(seed)
    time, ended = dice.integers(1, 30, 200).astype(float), dice.random(200) < 0.6
    curve = survival.kaplan_meier(time, ended)
    left = 1.0
    expected = []
    for at in sorted(set(time[ended])):
        left *= 1 - ((time == at) & ended).sum() / (time >= at).sum()
        expected.append(left)
    assert np.allclose(curve.left, expected) and curve.at.tolist() == sorted(set(time[ended]))


@pytest.mark.parametrize(("before", "after"), [(10, 14), (0, 5), (5, 0), (120, 60), (1, 1), (0, 0)])
def test_the_interval_of_a_ratio_is_clopper_and_pearsons(before: int, after: int) -> None:
    ratio, low, high = (each[0] for each in comparison.ratio(np.array([before]), np.array([after])))
    if not before + after:
        assert np.isnan([ratio, low, high]).all()
        return
    exact = stats.binomtest(after, before + after, 0.5).proportion_ci(0.95, method="exact")
    assert low == pytest.approx(exact.low / (1 - exact.low))
    assert high == (np.inf if not before else pytest.approx(exact.high / (1 - exact.high)))
    assert ratio == (np.inf if not before else pytest.approx(after / before)) and low <= ratio <= high


def test_a_street_of_houses_does_not_become_one_place() -> None:
    """Points 20 m apart in a row: each is within reach of the next, none is of all."""
    x = np.arange(10) * 20.0
    found = repeats._spots(x, np.zeros(10))
    # 0 takes 20; 40 is out of its reach and takes 60; and so on.
    assert found.tolist() == [0, 0, 1, 1, 2, 2, 3, 3, 4, 4]
    # The nearer of two: 45 is 15 from 60 and 45 from 0.
    assert repeats._spots(np.array([0.0, 60.0, 45.0, 10.0]), np.zeros(4)).tolist() == [0, 1, 1, 0]
    # The very same point again and again.
    assert repeats._spots(np.zeros(4), np.zeros(4)).tolist() == [0, 0, 0, 0]
    assert repeats._spots(np.empty(0), np.empty(0)).tolist() == []


@pytest.mark.parametrize("seed", range(3))
def test_places_by_counting_on(seed: int) -> None:
    dice = np.random.default_rng(seed)
    x, y = dice.uniform(0, 400, 150), dice.uniform(0, 400, 150)
    x, y = np.round(x, 1), np.round(y, 1)
    first: list[int] = []
    expected = []
    for k in range(len(x)):
        far = [np.hypot(x[k] - x[lead], y[k] - y[lead]) for lead in first]
        near = [(d, n) for n, d in enumerate(far) if d <= repeats.SAME_PLACE_M]
        if near:
            expected.append(min(near)[1])
        else:
            expected.append(len(first))
            first.append(k)
    found = repeats._spots(x, y)
    assert len(set(found.tolist())) == len(first)
    assert len(set(zip(found.tolist(), expected, strict=True))) == len(first)  # the same parts under other numbers

"""`confidence` and `accuracy_m` are read off one curve: sure beside a narrow radius, unsure beside a wide one."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from geo.geocoder import calibration
from geo.geocoder.reach import EDGES_M, NEAR, reach

KINDS = st.sampled_from([*calibration.KINDS, "plain"])
METRES = st.floats(0.0, 60_000.0)
FAR = 1e-9  # what a sum of shares may be off


@st.composite
def posteriors(draw):
    """(shares within EDGES_M, kind, x, y) of points with weights anywhere in the city, some of the truth at none."""
    count = draw(st.integers(1, 12))
    weight = np.array(draw(st.lists(st.floats(0.001, 1.0), min_size=count, max_size=count)))
    unknown = draw(st.floats(0.0, 0.6))
    weight *= (1.0 - unknown) / weight.sum()
    x = calibration.MIDDLE[0] + np.array(draw(st.lists(METRES, min_size=count, max_size=count)))
    y = calibration.MIDDLE[1] + np.array(draw(st.lists(METRES, min_size=count, max_size=count)))
    stray = np.array([10.0, 30.0, 75.0]) * draw(st.floats(0.3, 8.0))
    return reach(x, y, weight, float(x[0]), float(y[0]), unknown, None, stray), draw(KINDS), float(x[0]), float(y[0])


@given(posteriors())
def test_shares_rise_to_one(posterior):
    reached = posterior[0]
    assert len(reached) == len(EDGES_M) and EDGES_M[NEAR] == 500.0
    assert (np.diff(reached) >= 0.0).all() and abs(reached[-1] - 1.0) < FAR


@given(posteriors(), st.one_of(st.none(), st.floats(0.0, 0.99)))
def test_nobody_is_sure_beside_a_wide_radius_nor_unsure_beside_a_narrow_one(posterior, sure):
    reached, kind, x, y = posterior
    confidence, accuracy, ward = calibration.said(reached, 0.5, kind, x, y, sure)
    assert 0.0 <= confidence <= 0.99 and 0.0 <= ward <= 0.99 and accuracy >= 5.0
    if confidence > calibration.SHARE:
        assert accuracy <= 500.0
    if confidence < calibration.SHARE:
        assert accuracy > 500.0
    if sure is not None:
        assert abs(confidence - max(sure, calibration.LEAST)) < 0.001


@given(posteriors())
def test_more_of_the_truth_near_by_never_makes_less_sure_nor_wider(posterior):
    reached, kind, x, y = posterior
    more = reached + 0.2 * (1.0 - reached)
    before, after = calibration.said(reached, 0.5, kind, x, y), calibration.said(more, 0.5, kind, x, y)
    assert after[0] >= before[0] and after[1] <= before[1]


def test_the_settings_keep_the_curve_rising():
    settings = calibration.SETTINGS
    assert all(set(part) == set(calibration.KINDS) for part in settings)
    assert min(settings.wider.values()) >= 0.0
    assert min(logit.stretch for logit in settings.near.values()) > 0.0

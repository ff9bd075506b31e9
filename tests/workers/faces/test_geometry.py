"""Five landmarks, one upright chip."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from workers.faces import geometry
from workers.faces.geometry import TEMPLATE, Points


def _moved(points: Points, degrees: float, scale: float, shift: tuple[float, float]) -> Points:
    angle = math.radians(degrees)
    turn = np.array([[math.cos(angle), -math.sin(angle)], [math.sin(angle), math.cos(angle)]])
    return np.asarray(scale * points @ turn.T + np.array(shift))


def _applied(matrix: NDArray[np.float64], points: Points) -> Points:
    return np.asarray(points @ matrix[:, :2].T + matrix[:, 2])


@given(
    st.floats(-180, 180),
    st.floats(0.05, 20),
    st.tuples(st.floats(-2000, 2000), st.floats(-2000, 2000)),
)
def test_any_similar_face_lands_on_the_template(
    degrees: float, scale: float, shift: tuple[float, float]
) -> None:
    face = _moved(TEMPLATE, degrees, scale, shift)
    assert _applied(geometry.similarity(face), face) == pytest.approx(TEMPLATE, abs=1e-4)


def test_the_template_stays_where_it_is() -> None:
    assert geometry.similarity(TEMPLATE) == pytest.approx(np.array([[1, 0, 0], [0, 1, 0]]), abs=1e-9)


def test_a_mirrored_face_is_turned_and_never_mirrored() -> None:
    flipped = TEMPLATE * np.array([-1.0, 1.0])
    assert np.linalg.det(geometry.similarity(flipped)[:, :2]) > 0


def test_noise_is_spread_over_the_points() -> None:
    """Least squares: no other similarity lies nearer (checked against small changes of it)."""
    face = _moved(TEMPLATE, 12, 2, (40, 30)) + np.random.default_rng(3).normal(0, 3, (5, 2))
    best = geometry.similarity(face)

    def error(matrix: NDArray[np.float64]) -> float:
        return float(((_applied(matrix, face) - TEMPLATE) ** 2).sum())

    for change in (0.999, 1.001):
        assert error(best * change) >= error(best)


def test_landmarks_in_one_place_are_refused() -> None:
    with pytest.raises(ValueError, match="coincide"):
        geometry.similarity(np.full((5, 2), 7.0))


def test_landmarks_that_are_no_numbers_are_refused() -> None:
    with pytest.raises(ValueError, match="coincide"):
        geometry.similarity(np.full((5, 2), math.nan))


def test_a_frontal_face_is_frontal_and_a_profile_is_not() -> None:
    profile = TEMPLATE.copy()
    profile[2, 0] = profile[0, 0]
    assert geometry.frontality(TEMPLATE) > 0.95
    assert geometry.frontality(profile) < 0.05
    assert geometry.frontality(np.zeros((5, 2))) == 0.0


def test_frontality_does_not_depend_on_the_roll() -> None:
    rolled = _moved(TEMPLATE, 50, 1, (0, 0))
    assert geometry.frontality(rolled) == pytest.approx(geometry.frontality(TEMPLATE))


@pytest.mark.parametrize(
    ("good", "bad"),
    [
        ((120, 200, 0.9, 1.0), (40, 200, 0.9, 1.0)),
        ((120, 200, 0.9, 1.0), (120, 10, 0.9, 1.0)),
        ((120, 200, 0.9, 1.0), (120, 200, 0.6, 1.0)),
        ((120, 200, 0.9, 1.0), (120, 200, 0.9, 0.3)),
    ],
)
def test_each_bad_trait_lowers_the_quality(
    good: tuple[float, float, float, float], bad: tuple[float, float, float, float]
) -> None:
    assert geometry.quality(*good) == pytest.approx(1.0)
    assert 0.0 <= geometry.quality(*bad) < 0.75


@given(st.floats(0, 5000), st.floats(0, 1e5), st.floats(0, 1), st.floats(0, 1))
def test_quality_lies_within_0_and_1(pixels: float, sharpness: float, score: float, front: float) -> None:
    assert 0.0 <= geometry.quality(pixels, sharpness, score, front) <= 1.0

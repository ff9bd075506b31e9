"""Faces and mouths are added as log-odds: neither alone decides against the other."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from registry.catalogue.entries.model.entry import Manipulation
from registry.catalogue.fingerprints.model.expressions import Movement
from registry.matching.alignment.model.faces import FaceEvidence
from registry.matching.decision.model.evidence import judge

STILL = Movement(mouth=0.1, rest=-0.06, moments=5, lively=0.06)
ALIKE = Movement(mouth=0.67, rest=0.86, moments=7, lively=0.1)
OTHERWISE = Movement(mouth=0.0, rest=0.8, moments=7, lively=0.1)


@pytest.mark.parametrize(
    ("cosine", "movement", "manipulation", "judged"),
    [
        (0.85, STILL, "face_swap", "same"),
        (0.97, OTHERWISE, "face_swap", "undecided"),
        (0.97, OTHERWISE, None, "undecided"),
        (0.69, ALIKE, "face_swap", "undecided"),
        (0.97, ALIKE, "lip_sync", "same"),
        (0.97, STILL, "lip_sync", "undecided"),
        (0.97, None, "lip_sync", "undecided"),
        (0.20, ALIKE, "lip_sync", "other"),
    ],
)
def test_a_clear_face_outweighs_a_still_mouth_and_a_lively_mouth_a_face(
    cosine: float, movement: Movement | None, manipulation: Manipulation | None, judged: str
) -> None:
    assert judge(FaceEvidence(7, cosine, 130.0, movement=movement), manipulation) == judged


@given(st.floats(-1, 1), st.floats(-1, 1), st.floats(-1, 1), st.integers(4, 60), st.floats(0, 0.3))
def test_a_mouth_that_moves_more_alike_never_counts_less(
    low: float, high: float, rest: float, moments: int, lively: float
) -> None:
    low, high = sorted((low, high))
    assert Movement(low, rest, moments, lively).odds <= Movement(high, rest, moments, lively).odds


@given(st.floats(-1, 1), st.floats(0, 1), st.integers(4, 40))
def test_more_moments_say_the_same_more_surely(mouth: float, rest: float, moments: int) -> None:
    few, many = (Movement(mouth, rest, count, 0.1).odds for count in (moments, moments + 5))
    assert abs(few) <= abs(many)
    assert few * many >= 0

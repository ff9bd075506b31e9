"""Which instants are taken, what the other side shows then, and that the two pictures come apart again."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from registry.catalogue.previews import model as blurring
from registry.core.errors import BadInput, BadMedia
from registry.lineage.model.opposite import other_side
from registry.matching.alignment.model.align import Span


@given(st.binary(max_size=300), st.binary(max_size=300))
def test_pictures_stored_together_are_separated(blurred: bytes, clear: bytes) -> None:
    kept = blurring.packed(blurred, clear)
    assert (blurring.blurred_of(kept), blurring.clear_of(kept)) == (blurred, clear)


def test_a_picture_of_too_many_bytes_is_refused() -> None:
    with pytest.raises(BadMedia, match="too many bytes"):
        blurring.packed(b"", bytes(blurring.MOST_BYTES + 1))


@given(st.integers(1, 10_000), st.integers(1, 10_000))
def test_no_side_is_longer_than_said(width: int, height: int) -> None:
    for most in blurring.BLURRED_LENGTHS:
        found = blurring.few(width, height, most)
        assert min(found) >= 1
        assert max(found) <= min(most, max(width, height))
        assert max(found) > min(most, max(width, height)) // 2


@pytest.mark.parametrize(
    ("picture", "blurred"),
    [
        ((1920, 1080), (7, 4)),
        ((1080, 1920), (4, 7)),
        ((640, 480), (8, 6)),
        ((500, 500), (8, 8)),
        ((2560, 1080), (7, 3)),
    ],
)
def test_a_blurred_picture_has_the_shape_of_the_clear_one(
    picture: tuple[int, int], blurred: tuple[int, int]
) -> None:
    assert blurring.few(*picture, 8) == blurred


@given(st.lists(st.floats(0, 60), min_size=1, max_size=blurring.MOST_INSTANTS))
def test_instants_are_on_the_grid(given: list[float]) -> None:
    found = blurring.instants(given, 60.0)
    assert all(instant % blurring.GRID_MS == 0 for instant in found)
    assert all(abs(one / 1000 - second) <= 0.0501 for one, second in zip(found, given, strict=True))


@pytest.mark.parametrize("given", [[], [-0.01], [8.2], [float("nan")], [float("inf")], [0.0] * 25])
def test_times_outside_the_medium_are_refused(given: list[float]) -> None:
    with pytest.raises(BadInput):
        blurring.instants(given, 8.0)


def test_the_other_side() -> None:
    spans = [Span((10.0, 20.0), (0.0, 10.0), 1.0, False), Span((30.0, 34.0), (50.0, 58.0), -2.0, True)]
    assert other_side(spans, 12.5) == 2.5
    assert other_side(spans, 31.0) == 56.0
    assert other_side(spans, 25.0) is None
    preview = [Span((0.0, 0.0), (4.0, 4.0), 1.0, False)]
    assert other_side(preview, 0.0) == 4.0


def test_a_filmstrip_is_spread_over_all_spans_and_says_what_is_mirrored() -> None:
    spans = [
        {"fake": [8.0, 10.0], "original": [50.0, 54.0], "speed": -2.0, "mirrored": True},
        {"fake": [0.0, 4.0], "original": [6.0, 10.0], "speed": 1.0, "mirrored": False},
    ]
    found = blurring.spread(spans, "fake", "original", most=3)
    assert found == [(1.0, 7.0, False), (3.0, 9.0, False), (9.0, 52.0, True)]
    assert blurring.spread([], "fake", "original", most=6) == []


def test_a_filmstrip_of_a_short_span_repeats_no_instant() -> None:
    span = {"fake": [2.0, 3.0], "original": [0.0, 1.0], "speed": 1.0, "mirrored": False}
    assert blurring.spread([span], "fake", "original", most=6) == [(2.25, 0.25, False), (2.75, 0.75, False)]
    still = {"fake": [0.0, 0.0], "original": [4.0, 4.0], "speed": 1.0, "mirrored": False}
    assert blurring.spread([still], "fake", "original", most=6) == [(0.0, 4.0, False)]


@pytest.mark.parametrize(
    ("face", "longest"), [(None, 8), (0.0, 8), (0.6, 8), (0.25, 12), (0.13, 20), (0.02, 20)]
)
def test_the_blur_follows_the_widest_face(face: float | None, longest: int) -> None:
    assert blurring.blurred_length(face) == longest

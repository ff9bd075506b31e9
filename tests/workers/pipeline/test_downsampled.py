"""A downsampled list stays short."""

from __future__ import annotations

import itertools

from hypothesis import given
from hypothesis import strategies as st

from workers.pipeline.downsampled import Downsampled


def _filled(most: int, moments: list[int]) -> list[tuple[int, int]]:
    """Each moment with so many things: (moment, thing) of what is kept."""
    kept = Downsampled[tuple[int, int]](most)
    for moment, count in enumerate(moments):
        kept.add([(moment, thing) for thing in range(count)])
    assert len(kept) == len(list(kept))
    return list(kept)


def test_small_fingerprints_are_not_downsampled() -> None:
    assert _filled(6, [2, 2, 2]) == [(moment, thing) for moment in range(3) for thing in range(2)]


def test_beyond_it_every_second_moment_is_kept() -> None:
    assert [moment for moment, _ in _filled(4, [1] * 7)] == [0, 2, 4, 6]
    assert [moment for moment, _ in _filled(4, [1] * 9)] == [0, 4, 8]


def test_a_moment_is_kept_whole() -> None:
    assert _filled(3, [5]) == [(0, thing) for thing in range(5)]


def test_larger_faces_weigh_more() -> None:
    kept = Downsampled[int](10, lambda size: size)
    for size in (3, 3, 3, 3, 3):
        kept.add([size])
    assert len(kept) == 3


@given(st.integers(1, 40), st.lists(st.integers(1, 6), max_size=300))
def test_never_more_and_never_a_long_gap(most: int, moments: list[int]) -> None:
    kept = _filled(most, moments)
    assert len(kept) <= max(most, moments[0] if moments else 0)
    places = sorted({moment for moment, _ in kept})
    gaps = {later - former for former, later in itertools.pairwise(places)}
    assert len(gaps) <= 1, "evenly spread"

"""Align footage with little motion, and footage that is repeated, reversed, slowed or reordered."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from registry.catalogue.fingerprints.model import timeline
from registry.catalogue.fingerprints.model.fingerprint import Fingerprint
from registry.matching.alignment.model import align, temporal_voting
from registry.matching.alignment.model.align import Span
from registry.matching.alignment.model.similarity import similarity
from tests.support.media import drawn

Cut = tuple[float, float, float]
"""Seconds of the footage from and to, and the speed at which they are shown, negative: backwards."""
STEP = 0.5


def head(*cuts: Cut, motion: float, noise: float = 0.0) -> Fingerprint:
    """A head that hardly moves, twice a second: of two moments the cosine is 1 / (1 + motion ** 2)."""
    numbers = drawn.generator(f"{cuts} {noise}")
    scene = drawn.unit(drawn.generator("scene"), 512)
    moments = []
    for start, end, speed in cuts:
        passed = np.arange(round((end - start) / abs(speed) / STEP)) * STEP * abs(speed)
        moments += [start + at if speed > 0 else end - at for at in passed.tolist()]
    still = drawn.clip("head", seconds=1).frames[0]
    frames = []
    for index, moment in enumerate(moments):
        own = drawn.unit(drawn.generator(f"moment {moment:.2f}"), 512)
        vector = scene + motion * own + noise * drawn.unit(numbers, 512)
        frames.append(replace(still, time=index * STEP, phash256=None, pdq=None, sscd=drawn.packed(vector)))
    whole = drawn.clip("head", seconds=2)
    return replace(whole, media=replace(whole.media, duration=len(frames) * STEP), frames=tuple(frames))


def spans(query: Fingerprint, asset: Fingerprint) -> list[Span]:
    found = align.align(
        timeline.of_frames(query.frames),
        timeline.of_frames(asset.frames),
        query_duration=query.media.duration,
        asset_duration=asset.media.duration,
    )
    return sorted((item.span for item in found), key=lambda span: span.query)


def check(found: list[Span], cuts: list[Cut]) -> None:
    """Each cut is a span of its own, to half a second on all edges, and nothing else is."""
    at = 0.0
    assert len(found) == len(cuts)
    for span, (start, end, speed) in zip(found, cuts, strict=True):
        until = at + (end - start) / abs(speed)
        assert span.query == pytest.approx((at, until), abs=0.5)
        assert span.asset == pytest.approx((start, end), abs=0.5)
        assert span.speed == pytest.approx(speed, abs=0.07)
        at = until


motions, noises = st.floats(0.25, 0.8), st.floats(0, 0.15)
"""From .88 on two moments are no pair, and what lies between two looks at the asset is like none."""


@settings(max_examples=25, deadline=None)
@given(repeats=st.integers(2, 5), seconds=st.integers(3, 8), motion=motions, noise=noises)
def test_a_loop_is_as_many_spans_as_it_has_repeats(
    repeats: int, seconds: int, motion: float, noise: float
) -> None:
    cuts = [(0.0, float(seconds), 1.0)] * repeats
    asset = head((0, seconds, 1), motion=motion)
    check(spans(head(*cuts, motion=motion, noise=noise), asset), cuts)


@pytest.mark.slow
@settings(max_examples=25, deadline=None)
@given(start=st.integers(1, 12), seconds=st.integers(3, 6), motion=motions, noise=noises)
def test_so_is_a_loop_of_a_cut(start: int, seconds: int, motion: float, noise: float) -> None:
    """Played on, the footage would be nearly as like it."""
    cuts = [(float(start), float(start + seconds), 1.0)] * 3
    asset = head((0, 30, 1), motion=motion)
    check(spans(head(*cuts, motion=motion, noise=noise), asset), cuts)


@settings(max_examples=25, deadline=None)
@given(seconds=st.integers(3, 8), motion=motions, noise=noises, backwards_first=st.booleans())
def test_there_and_back_are_two_spans(
    seconds: int, motion: float, noise: float, backwards_first: bool
) -> None:
    cuts = [(0.0, float(seconds), 1.0), (0.0, float(seconds), -1.0)]
    cuts = cuts[::-1] if backwards_first else cuts
    # The last frame of a clip is looked at too, and is what it begins with backwards.
    asset = head((0, seconds + STEP, 1), motion=motion)
    check(spans(head(*cuts, motion=motion, noise=noise), asset), cuts)


@settings(max_examples=25, deadline=None)
@given(seconds=st.integers(6, 12), speed=st.sampled_from([0.5, 2.0, -1.0]), motion=motions, noise=noises)
def test_another_speed_is_one_span(seconds: int, speed: float, motion: float, noise: float) -> None:
    """Slow motion too, though parts of it lie near lines at the speed of the footage."""
    asset = head((0, seconds + STEP, 1), motion=motion)
    check(spans(head((0, seconds, speed), motion=motion, noise=noise), asset), [(0.0, float(seconds), speed)])


@settings(max_examples=25, deadline=None)
@given(half=st.integers(3, 6), motion=motions, noise=noises)
def test_halves_that_change_places_are_two_spans(half: int, motion: float, noise: float) -> None:
    cuts = [(float(half), 2.0 * half, 1.0), (0.0, float(half), 1.0)]
    check(
        spans(head(*cuts, motion=motion, noise=noise), head((0, 2 * half, 1), motion=motion)),
        cuts,
    )


cut = st.tuples(st.integers(0, 8), st.integers(2, 6), st.sampled_from([1.0, 1.0, 0.5, 2.0, -1.0]))


@pytest.mark.slow
@settings(max_examples=40, deadline=None)
@given(st.lists(cut, min_size=1, max_size=6), st.floats(0.05, 1.0), noises)
def test_a_moment_is_in_one_walk_and_no_likeness_is_lost(
    chosen: list[tuple[int, int, float]], motion: float, noise: float
) -> None:
    """Whatever is shown in whatever order: all walks together explain what the best one at 1.0 does."""
    cuts = [(float(start), float(start + seconds), speed) for start, seconds, speed in chosen]
    query, asset = head(*cuts, motion=motion, noise=noise), head((0, 14, 1), motion=motion)
    pairs = similarity(timeline.of_frames(query.frames), timeline.of_frames(asset.frames))
    found = temporal_voting.walks(pairs)
    rows = np.concatenate([pairs.rows[walk.pairs] for walk in found])
    assert len(np.unique(rows)) == len(rows)
    straight = temporal_voting._walk(pairs, 1.0)
    assert sum(walk.total for walk in found) >= straight.total - 1e-9
    assert found == sorted(found, key=lambda walk: walk.total, reverse=True)


def test_more_repeats_than_are_weighed_at_once_are_no_slow_motion() -> None:
    cuts = [(0.0, 4.0, 1.0)] * 30
    found = spans(head(*cuts, motion=0.4, noise=0.1), head((0, 4, 1), motion=0.4))
    assert len(found) == align.MAX_SPANS
    assert {span.speed for span in found} == {1.0}

"""Alignment: which seconds of a query show which seconds of an asset."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from registry.catalogue.fingerprints.model import timeline
from registry.catalogue.fingerprints.model.fingerprint import Fingerprint
from registry.matching.alignment.model import align
from registry.matching.alignment.model.align import Aligned
from tests.support.media import drawn


def aligned(query: Fingerprint, asset: Fingerprint) -> tuple[Aligned, ...]:
    return align.align(
        timeline.of_frames(query.frames),
        timeline.of_frames(asset.frames),
        query_duration=query.media.duration,
        asset_duration=asset.media.duration,
    )


@settings(max_examples=30, deadline=None)
@given(
    before=st.integers(0, 20), start=st.integers(0, 20), length=st.integers(4, 16), noise=st.floats(0, 0.3)
)
def test_a_cut_is_found_where_it_stands(before: int, start: int, length: int, noise: float) -> None:
    asset = drawn.clip("footage", seconds=20)
    cut = drawn.clip("footage", start=start / 2, seconds=min(length / 2, 20 - start / 2), noise=noise)
    query = drawn.joined(drawn.clip("a", seconds=max(before / 2, 0.5)), cut, drawn.clip("b", seconds=3))
    offset = drawn.clip("a", seconds=max(before / 2, 0.5)).media.duration or 0.0
    found = aligned(query, asset)
    if cut.media.kind == "image":
        return
    assert found
    assert found[0].span.query == pytest.approx((offset, offset + cut.media.duration), abs=0.5)
    assert found[0].span.asset == pytest.approx((start / 2, start / 2 + cut.media.duration), abs=0.5)


@settings(max_examples=20, deadline=None)
@given(st.text(max_size=4), st.text(max_size=4))
def test_unrelated_footage_does_not_align(left: str, right: str) -> None:
    assert not aligned(drawn.clip(f"l{left}", seconds=10), drawn.clip(f"r{right}", seconds=10))


def test_two_cuts_of_one_asset_are_two_spans() -> None:
    asset = drawn.clip("footage", seconds=30)
    query = drawn.joined(
        drawn.clip("footage", start=20, seconds=5, noise=0.1),
        drawn.clip("between", seconds=6),
        drawn.clip("footage", start=2, seconds=4, noise=0.1),
    )
    spans = sorted((item.span for item in aligned(query, asset)), key=lambda span: span.query)
    assert [span.query for span in spans] == [
        pytest.approx((0.0, 5.0), abs=0.5),
        pytest.approx((11.0, 15.0), abs=0.5),
    ]
    assert [span.asset for span in spans] == [
        pytest.approx((20.0, 25.0), abs=0.5),
        pytest.approx((2.0, 6.0), abs=0.5),
    ]


def test_a_gap_of_two_seconds_is_bridged() -> None:
    asset = drawn.clip("footage", seconds=12)
    query = drawn.joined(
        drawn.clip("footage", seconds=5),
        drawn.clip("covered by a caption", seconds=1.5),
        drawn.clip("footage", start=6.5, seconds=5.5),
    )
    (one,) = aligned(query, asset)
    assert one.span.query == pytest.approx((0.0, 12.0), abs=0.01)


@pytest.mark.parametrize("shown", [0.1, 0.2])
def test_the_last_picture_of_a_cut_bends_no_line(shown: float) -> None:
    """It is seen off the grid, and may be nearer to the asset's next picture than to the one before."""
    asset = drawn.clip("footage", seconds=12)
    cut = drawn.clip("footage", start=2, seconds=4, noise=0.1)
    frames = [replace(frame, duration=0.5 - shown) if frame.time == 3.5 else frame for frame in cut.frames]
    frames += [replace(frame, time=4 - shown, duration=shown) for frame in asset.frames if frame.time == 6]
    (one,) = aligned(replace(cut, frames=tuple(frames)), asset)
    assert (one.span.query, one.span.speed) == ((0.0, 4.0), 1.0)
    assert one.span.asset == pytest.approx((2.0, 6.0), abs=0.11)


def flashing(*seconds: float, every: float | None = None) -> Fingerprint:
    """A minute of other footage in which single pictures of `footage` flash up, each in its own second."""
    wanted = {half / 2 for half in range(120) if half / 2 in seconds or (every and half / 2 % every == 0)}
    other, footage = drawn.clip("other", seconds=60), drawn.clip("footage", seconds=60, noise=0.05)
    both = zip(other.frames, footage.frames, strict=True)
    return replace(other, frames=tuple(mine if mine.time in wanted else its for its, mine in both))


@pytest.mark.parametrize("seconds", [(10, 30, 50), (0, 10, 20, 30, 40, 50, 59.5)])
@pytest.mark.parametrize("dark", [False, True])
def test_single_pictures_far_apart_are_no_span(seconds: tuple[float, ...], dark: bool) -> None:
    """Neither in other footage nor in the dark, where nothing else says anything."""
    query = flashing(*seconds)
    kept = {frame.time for frame in query.frames if frame.time in seconds}
    frames = tuple(
        replace(frame, quality=100 if frame.time in kept or not dark else 0) for frame in query.frames
    )
    assert not aligned(replace(query, frames=frames), drawn.clip("footage", seconds=60))


def test_enough_of_a_span_must_agree() -> None:
    asset = drawn.clip("footage", seconds=60)
    assert not aligned(flashing(every=2), asset)
    (one,) = aligned(flashing(every=1), asset)
    assert one.share == pytest.approx(0.5, abs=0.02)
    assert aligned(drawn.clip("footage", seconds=60, noise=0.1), asset)[0].share == 1


def test_the_share_is_recomputed_for_a_part() -> None:
    footage, half = drawn.clip("footage", seconds=60), flashing(every=1)
    frames = tuple(
        one if one.time < 30 else other for one, other in zip(footage.frames, half.frames, strict=True)
    )
    (one,) = aligned(replace(half, frames=frames), footage)
    assert one.share == pytest.approx(0.75, abs=0.02)
    (first,), (second,) = one.part(one.frames.query < 30), one.part(one.frames.query >= 30)
    assert first.share == 1
    assert second.share == pytest.approx(0.5, abs=0.02)


@pytest.mark.parametrize("gap", [2, 8])
def test_keyframes_are_one_span(gap: int) -> None:
    whole = drawn.clip("footage", seconds=64, noise=0.1)
    query = replace(whole, frames=tuple(frame for frame in whole.frames if frame.time % gap == 0))
    (one,) = aligned(query, drawn.clip("footage", seconds=64))
    assert one.span.query[0] == 0
    assert one.span.query[1] >= 64 - gap
    # One in four shows something else.
    other = drawn.clip("other", seconds=64)
    mixed = tuple(
        other.frames[int(2 * frame.time)] if frame.time % (4 * gap) == gap else frame
        for frame in query.frames
    )
    (one,) = aligned(replace(query, frames=mixed), drawn.clip("footage", seconds=64))
    assert one.share == pytest.approx(0.75, abs=0.05)


def test_long_footage_of_which_not_all_is_looked_at_is_one_span() -> None:
    asset = drawn.clip("footage", seconds=900)
    (one,) = aligned(drawn.clip("footage", seconds=900, noise=0.1), asset)
    assert len(one.frames) < len(asset.frames)
    assert one.span.query == pytest.approx((0.0, 900.0), abs=1.5)
    assert one.share == 1


def test_a_still_aligns_with_the_moment_it_shows() -> None:
    still = drawn.clip("footage", start=4, seconds=0.5, noise=0.05)
    (one,) = aligned(still, drawn.clip("footage", seconds=10))
    assert len(one.frames) == 1
    assert one.span.asset[0] == pytest.approx(4.0)


def test_nothing_aligns_with_nothing() -> None:
    empty = timeline.of_frames(())
    assert align.align(empty, empty, query_duration=0, asset_duration=0) == ()


def held(*lengths: float, start: int = 0, noise: float = 0.0) -> Fingerprint:
    """Slides of these lengths: still footage, each picture kept once."""
    at, frames = 0.0, []
    for index, length in enumerate(lengths):
        slide = drawn.clip(f"slide {start + index}", seconds=0.5, noise=noise).frames[0]
        frames.append(replace(slide, time=at, duration=length))
        at += length
    whole = drawn.clip("slides", seconds=1, noise=noise)
    return replace(whole, frames=tuple(frames), media=replace(whole.media, duration=at))


def test_slides_align_by_how_long_they_are_shown() -> None:
    (one,) = aligned(held(5, 5, 5, 5, 5, noise=0.1), held(5, 5, 5, 5, 5))
    assert one.span.query == pytest.approx((0.0, 25.0), abs=0.5)
    (cut,) = aligned(held(2, 5, 5, 1, start=1, noise=0.1), held(5, 5, 5, 5, 5))
    assert cut.span.query == pytest.approx((0.0, 13.0), abs=0.5)
    assert cut.span.asset == pytest.approx((8.0, 21.0), abs=0.5)


def test_a_frame_held_at_the_end_belongs_to_the_span() -> None:
    asset = drawn.clip("footage", seconds=6)
    last = replace(asset.frames[-1], duration=14.5)
    fake = replace(asset, frames=(*asset.frames[:-1], last), media=replace(asset.media, duration=20.0))
    (one,) = aligned(fake, fake)
    assert one.span.query == pytest.approx((0.0, 20.0), abs=0.5)


@pytest.mark.slow
def test_hostile_timelines_are_bounded() -> None:
    """Every frame alike; and frames in an order that agrees nowhere: an answer in bounded work."""
    one = drawn.clip("same", seconds=0.5).frames[0]
    alike = replace(
        drawn.clip("same", seconds=1),
        frames=tuple(replace(one, time=index / 2, sscd=None) for index in range(3000)),
    )
    assert aligned(replace(alike, media=replace(alike.media, duration=1500)), alike)
    apart = drawn.clip("far", seconds=200)
    numbers = drawn.generator("order").permutation(len(apart.frames))
    shuffled = tuple(replace(apart.frames[int(index)], time=3.0 * at) for at, index in enumerate(numbers))
    query = replace(apart, frames=shuffled, media=replace(apart.media, duration=3.0 * len(numbers)))
    assert len(aligned(query, apart)) <= 12


@pytest.mark.parametrize("speed", [2.0, 0.5, -1.0])
def test_other_speeds_and_backwards_are_recognised(speed: float) -> None:
    asset = drawn.clip("footage", seconds=16, rate=4)
    shown = list(asset.frames)
    kept = [frame for frame in shown if frame.time % 0.5 == 0]
    if speed < 0:
        moments = [frame for frame in reversed(shown) if frame.time % 0.5 == 0]
    else:
        moments = [frame for frame in shown if (frame.time / speed) % 0.5 == 0]
    frames = tuple(replace(frame, time=index / 2) for index, frame in enumerate(moments))
    query = replace(asset, media=replace(asset.media, duration=len(frames) / 2), frames=frames)
    slow = replace(asset, frames=tuple(kept if speed != 0.5 else shown))
    (one, *_) = aligned(query, slow)
    assert one.span.speed == pytest.approx(speed, rel=0.04)
    assert one.span.query == pytest.approx((0.0, query.media.duration), abs=0.6)
    assert one.span.asset == pytest.approx((0.0, 16.0), abs=0.6)


def test_a_mirrored_query_is_marked() -> None:
    asset = drawn.clip("footage", seconds=6)
    turned = drawn.clip("other bits", seconds=6)
    frames = [
        replace(frame, phash256=other.phash256, pdq=other.pdq)
        for frame, other in zip(asset.frames, turned.frames, strict=True)
    ]
    frames += [replace(frame, view="mirror", sscd=None) for frame in asset.frames]
    query = replace(asset, frames=tuple(frames))
    (one,) = aligned(query, asset)
    assert one.span.mirrored

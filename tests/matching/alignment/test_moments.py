"""A talking head before a still wall looks alike at every moment; what moves tells which one it is."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from registry.catalogue.fingerprints.model import mosaics, timeline
from registry.catalogue.fingerprints.model.algorithms import MOSAIC
from registry.catalogue.fingerprints.model.fingerprint import FULL, Fingerprint, Mosaic
from registry.matching.alignment.model import align, moments
from registry.matching.alignment.model.align import Aligned
from registry.matching.alignment.model.temporal_voting import Line
from tests.support.media import drawn
from workers.hashers import mosaic
from workers.media.picture import Pixels

STEP = 0.5
SECONDS = 16.0
WHOLE = np.array([0.0, 0.0, 1.0, 1.0])
Sight = Callable[[float], Pixels]


def wall(seed: str) -> Pixels:
    coarse = drawn.generator(seed).integers(40, 200, (12, 16), dtype=np.uint8)
    return np.kron(coarse, np.ones((15, 15), np.uint8))[:, :, None].repeat(3, axis=2)


def head(moment: float, *, seed: str = "head") -> Pixels:
    """A wall, and before it a head that sways at rates of its own."""
    rates = drawn.generator(seed).uniform(0.11, 0.37, 4)
    across = 120 + 22 * np.sin(2 * np.pi * rates[0] * moment) + 9 * np.sin(2 * np.pi * rates[1] * moment)
    down = 90 + 14 * np.sin(2 * np.pi * rates[2] * moment) + 7 * np.cos(2 * np.pi * rates[3] * moment)
    y, x = np.mgrid[0:180, 0:240]
    pixels = wall("wall").copy()
    pixels[((x - across) / 30) ** 2 + ((y - down) / 42) ** 2 < 1] = 225
    return pixels


def still(moment: float) -> Pixels:
    return wall("wall")


def film(
    start: float, end: float, speed: float = 1.0, *, sight: Sight = head, noise: float = 0.0
) -> Fingerprint:
    """Seconds of the scene, shown at a speed. Vectors are alike at all moments but for chance."""
    count = round((end - start) / speed / STEP)
    numbers = drawn.generator(f"{start} {end} {speed} {noise}")
    scene = drawn.unit(drawn.generator("scene"), 512)
    frame = drawn.clip("scene", seconds=1).frames[0]
    frames, seen = [], []
    for index in range(count):
        moment = start + speed * index * STEP
        vector = scene + 0.1 * drawn.unit(numbers, 512)
        found = replace(frame, time=index * STEP, phash256=None, pdq=None, sscd=drawn.packed(vector))
        pixels = sight(moment).astype(np.int16) + numbers.normal(0, noise, (180, 240, 1))
        value = mosaic.compute(np.clip(pixels, 0, 255).astype(np.uint8))
        frames.append(found)
        seen.append(Mosaic(index * STEP, FULL, value))
    whole = drawn.clip("scene", seconds=2)
    return replace(
        whole,
        media=replace(whole.media, duration=count * STEP),
        frames=tuple(frames),
        mosaics=tuple(seen),
        algorithms=(*whole.algorithms, MOSAIC.name),
    )


def best(query: Fingerprint, asset: Fingerprint, *, moving: bool = True) -> Aligned:
    return spans(query, asset, moving=moving)[0]


def spans(query: Fingerprint, asset: Fingerprint, *, moving: bool = True) -> tuple[Aligned, ...]:
    coarse = (mosaics.of_mosaics(query.mosaics), mosaics.of_mosaics(asset.mosaics))
    return align.align(
        timeline.of_frames(query.frames),
        timeline.of_frames(asset.frames),
        query_duration=query.media.duration,
        asset_duration=asset.media.duration,
        coarse=coarse if moving else None,
    )


@pytest.mark.parametrize("start", [0.0, 3.0, 6.25, 9.5, 12.0])
def test_a_cut_of_a_talking_head_is_placed_by_what_moves(start: float) -> None:
    found = best(film(start, start + 4, noise=6.0), film(0, SECONDS)).span
    assert found.asset == pytest.approx((start, start + 4), abs=0.6)
    assert found.speed == 1


@pytest.mark.parametrize("speed", [0.75, 1.25, 1.5])
def test_a_change_of_speed_is_found_by_what_moves(speed: float) -> None:
    found = best(film(3, 12, speed, noise=6.0), film(0, SECONDS)).span
    assert found.asset == pytest.approx((3, 12), abs=0.8)
    assert found.speed == pytest.approx(speed, abs=0.05)


@pytest.mark.parametrize("believed", [0.9, 1.1])
def test_a_strange_speed_gives_way_to_the_usual_one_that_moves_alike(believed: float) -> None:
    """Chance makes the pictures of a calm scene agree best at some other speed."""
    query, asset = (mosaics.of_mosaics(side.mosaics) for side in (film(4, 7, noise=20.0), film(0, SECONDS)))
    line = Line(believed, 5.25 - 1.25 * believed)
    found = moments.better(moments.Shown(query, asset, WHOLE, mirrored=False), line, (0.0, 2.5))
    assert found == Line(1.0, 4.0)


def test_where_nothing_moves_a_span_stays() -> None:
    query, asset = film(4, 9, sight=still, noise=3.0), film(0, SECONDS)
    assert best(query, asset).span == best(query, asset, moving=False).span


def test_three_moments_are_left_to_the_hashes() -> None:
    asset = film(0, SECONDS)
    short = film(6, 7.5)
    assert best(short, asset).span == best(short, asset, moving=False).span


def test_a_whole_copy_stays_where_it_is() -> None:
    found = best(film(0, SECONDS, noise=4.0), film(0, SECONDS))
    assert found.span.query == found.span.asset == (0, SECONDS)


@settings(max_examples=20, deadline=None)
@given(first=st.integers(0, 31), length=st.integers(1, 24))
@example(first=8, length=16)
def test_what_moves_alike_need_not_look_alike(first: int, length: int) -> None:
    """Other pictures may lie where the scene moves alike, such as a caption over the whole screen. Then the
    span stays where its pictures are alike."""
    asset = film(0, SECONDS)
    other = drawn.packed(drawn.unit(drawn.generator("another picture"), 512))
    covered = range(first, first + length)
    frames = (replace(frame, sscd=other) if at in covered else frame for at, frame in enumerate(asset.frames))
    found = spans(film(4, 12), replace(asset, frames=tuple(frames)))
    assert found
    assert all(len(aligned.frames) and aligned.span.query[1] > aligned.span.query[0] for aligned in found)

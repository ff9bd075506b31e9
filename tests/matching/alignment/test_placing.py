"""What misleads a comparison of a query with a fake and its original, and must accuse nobody.

Clips of a second are sampled finely, so small errors of an alignment show other moments. A logo on one of the
two outweighs a face. Whole pictures tell less than the part that differs."""

from __future__ import annotations

import numpy as np
import pytest

from registry.catalogue.fingerprints.model.mosaics import Mosaics, of_values
from registry.matching.alignment.model import matched_filter
from registry.matching.alignment.model.align import Aligned, Frames, Span
from registry.matching.alignment.model.matched_filter import Difference
from registry.matching.alignment.model.shared_moments import Side
from registry.matching.alignment.model.temporal_voting import Line
from tests.support.media.faked import picture
from workers.hashers import mosaic
from workers.media.picture import Pixels

RIGHT = Line(1.0, 0.0)


def second(face: str) -> Mosaics:
    """A second of a camera that pans fast, sampled eight times."""
    times = np.arange(0, 1, 0.125)
    return of_values(times, b"".join(mosaic.compute(picture(40 * time, face)) for time in times))


def along(medium: Mosaics, line: Line) -> Side:
    none = np.empty(0)
    frames = Frames(none, none, none, none, none, none, none, none.reshape(0, 4))
    span = Span((0.0, 1.0), (0.0, 1.0), line.speed, mirrored=False)
    return Side(medium, Aligned(span, frames, line, 2, (1.0, 1.0), 0.125))


@pytest.mark.parametrize("line", [Line(1.148, -0.1), Line(0.9, 0.1)])
@pytest.mark.parametrize("face", ["swapped", "genuine"])
def test_a_tenth_of_a_second_makes_no_fake_of_an_original(face: str, line: Line) -> None:
    for lines in ((RIGHT, line), (line, RIGHT)):
        sides = (along(second(side), one) for side, one in zip(("swapped", "genuine"), lines, strict=True))
        found = matched_filter.compare(second(face), *sides)
        assert found is not None
        assert (found.shows_fake, found.shows_original) == (face == "swapped", face == "genuine")


def faint(time: float, share: float) -> Pixels:
    """The genuine picture with so much of the other face."""
    genuine, swapped = (picture(time, face).astype(np.float64) for face in ("genuine", "swapped"))
    return (genuine + share * (swapped - genuine)).astype(np.uint8)


def faded(pixels: Pixels, contrast: float) -> Pixels:
    return (110 + (pixels.astype(np.float64) - 110) * contrast).astype(np.uint8)


def with_logo(pixels: Pixels) -> Pixels:
    changed = pixels.copy()
    changed[5:40, 230:310] = 245
    return changed


@pytest.mark.parametrize("contrast", [0.3, 0.5])
@pytest.mark.parametrize("copy", [True, False])
def test_a_logo_on_the_registered_original_makes_no_fake_of_faded_footage(
    contrast: float, copy: bool
) -> None:
    """The footage has no logo, as the fake has none. Its face hardly differs from the fake's when faded."""
    times = np.arange(0, 1, 0.125)

    def filmed(pictures: list[Pixels]) -> Mosaics:
        return of_values(times, b"".join(map(mosaic.compute, pictures)))

    fake = along(filmed([faint(40 * time, 0.25) for time in times]), RIGHT)
    original = along(filmed([with_logo(picture(40 * time, "genuine")) for time in times]), RIGHT)
    share = 0.25 if copy else 0.0
    query = filmed([faded(faint(40 * time, share), contrast) for time in times])
    found = matched_filter.compare(query, fake, original)
    assert found is not None
    assert found.shows_fake == copy


@pytest.mark.parametrize(
    ("odds", "rest", "decides"),
    [(2.2, 0.0, False), (2.2, 1.0, True), (1.9, 50.0, False), (5.0, -50.0, False), (6.5, -50.0, True)],
)
def test_whole_pictures_count_half_of_what_differs_at_most(odds: float, rest: float, decides: bool) -> None:
    times = tuple(map(float, range(6)))
    for side in (1, -1):  # towards the fake, and towards the original
        value = 0.5 - 0.3 * side
        found = Difference(value, side * odds, fits=True, times=times, values=(value,) * 6)
        assert found.beside(side * rest).decides == decides
        assert found.beside(side * rest).shows_fake == (decides and side > 0)

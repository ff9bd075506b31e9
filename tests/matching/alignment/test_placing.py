"""Clips of a second are sampled finely: small errors of an alignment show other moments."""

from __future__ import annotations

import numpy as np
import pytest

from registry.catalogue.fingerprints.model.mosaics import Mosaics, of_values
from registry.matching.alignment.model import matched_filter
from registry.matching.alignment.model.align import Aligned, Frames, Span
from registry.matching.alignment.model.shared_moments import Side
from registry.matching.alignment.model.temporal_voting import Line
from tests.support.media.faked import picture
from workers.hashers import mosaic

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

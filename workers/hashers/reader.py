"""From samples to frames: each view hashed by each hasher that runs here."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Final

import numpy as np

from registry.catalogue.fingerprints.model.algorithms import BY_NAME, PDQ, PHASH256, SSCD
from registry.catalogue.fingerprints.model.fingerprint import (
    BOXES,
    CONTENT,
    FULL,
    MIRROR,
    TRIM,
    TURNS,
    WHOLE,
    Box,
    Frame,
)
from workers.hashers import catalogue, reframed
from workers.hashers.base import Hashed, Hasher
from workers.media import boxes, rectangles
from workers.media.frames import Sample
from workers.media.picture import Pixels
from workers.media.rectangles import Rectangle

FIELDS = {PHASH256.family: "phash256", PDQ.family: "pdq", SSCD.family: "sscd"}
"""Which value of a frame the algorithms of a family give."""
UNMEASURED = 100
"""Quality of a frame where PDQ, which measures it, is not installed."""
CUTS: Final = 6
"""Pictures in the picture that are hashed of a group where `FEWEST_CUTS` allows it: one rectangle at six
moments."""
FEWEST_CUTS: Final = 3
"""Moments at which each rectangle of a group is hashed, one more at first: two seconds apart in four, which
alignment bridges."""
KNOWN: Final = 2
"""Groups of a shot in which a rectangle was found from which it is looked at also where it is not found: what
is dark for a moment has no edge."""
SAME: Final = 0.85
"""Overlap over union from which a rectangle says nothing that another view does not."""
FIRST_GROUPS: Final = 2
"""Groups of which two samples are turned; later ones have one, since whoever turns a clip turns all of it.
Short clips have few groups."""

Place = tuple[str, Rectangle]


class FrameReader:
    """Hashes groups of samples of one shot. A group shares one border and its rectangles, so that a dark
    moment does not pass for bars."""

    def __init__(self, hashers: Sequence[Hasher] | None = None) -> None:
        self.hashers = tuple(hashers if hashers is not None else catalogue.usable())
        self._turnable = tuple(hasher for hasher in self.hashers if hasher.mirrored)
        names = {hasher.algorithm.name for hasher in self.hashers}
        # An embedding bears a crop.
        self._reframes = len(self._turnable) == len(names) and PHASH256.name in names
        self._known: list[tuple[Rectangle, int]] = []
        self._groups = 0

    @property
    def algorithms(self) -> tuple[str, ...]:
        """The names of what runs."""
        return tuple(hasher.algorithm.name for hasher in self.hashers)

    def begin_later_chapter(self) -> None:
        """Forget what was seen before, as the first groups of a file do not know it either."""
        self._known = []
        self._groups = FIRST_GROUPS

    def read(self, group: Sequence[Sample], *, still: bool = False, sparse: bool = False) -> Iterator[Frame]:
        """The frames of a few consecutive samples, by time: the whole, without the border where there is one,
        the pictures in the picture at some moments, and turned by quarters at a few; each as it is and
        mirrored.

        `sparse`: every second sample is not embedded.
        A still is also turned for the hashers that do not see mirroring, since there is but one of it.
        """
        if not group:
            return
        if group[0].cut:
            self._known = []
        pictures = [sample.pixels for sample in group]
        edge = boxes.border(pictures)
        places = self._places(rectangles.rectangles(pictures), edge)
        first = self._groups < FIRST_GROUPS
        cut = set(_spread(len(group), max(FEWEST_CUTS + first, CUTS // max(len(places), 1))))
        turned = set(_spread(len(group), 2 if first else 1))
        self._groups += 1
        for index, sample in enumerate(group):
            whole = list(self._whole(sample, edge, self._turnable if sparse and index % 2 else self.hashers))
            yield from whole
            if self._reframes and whole[0].informative:
                yield from self._reframed(sample, whole[0].quality)
            yield from self._parts(sample, places if index in cut else ())
            for quarters, view in enumerate(TURNS, 1) if index in turned else ():
                pixels = np.ascontiguousarray(np.rot90(sample.pixels, quarters))
                yield from self._views(sample, pixels, view, self.hashers if still else self._turnable)

    def read_apart(self, group: Sequence[Sample]) -> Iterator[Frame]:
        """As `read`, of keyframes, which stand far apart: what is in one place in most of them is set into
        the picture, and is looked at in `FEWEST_CUTS` of them; nothing is turned."""
        pictures = [sample.pixels for sample in group]
        edge = boxes.border(pictures)
        places = self._places(rectangles.rectangles(pictures), edge) if len(group) > 1 else []
        cut = set(_spread(len(group), FEWEST_CUTS))
        for index, sample in enumerate(group):
            yield from self._whole(sample, edge, self.hashers)
            yield from self._parts(sample, places if index in cut else ())

    def _parts(self, sample: Sample, places: Sequence[Place]) -> Iterator[Frame]:
        for view, place in places:
            pixels = rectangles.cut(sample.pixels, place)
            yield from self._views(sample, pixels, view, self.hashers, box=_box(place))

    def _reframed(self, sample: Sample, quality: int) -> Iterator[Frame]:
        """The whole with what may have been cut off put back."""
        for view, value in reframed.compute(sample.pixels).items():
            yield Frame(sample.time, sample.duration, view, quality, phash256=value)

    def _whole(self, sample: Sample, edge: boxes.Border, hashers: Sequence[Hasher]) -> Iterator[Frame]:
        yield from self._views(sample, sample.pixels, FULL, hashers)
        if edge != boxes.NONE:
            trimmed = boxes.trimmed(sample.pixels, edge)
            yield from self._views(sample, trimmed, TRIM, hashers, box=_trim(edge))

    def _places(self, found: Sequence[Rectangle], edge: boxes.Border) -> list[Place]:
        """The rectangles worth hashing, by view: those found and those known from before."""
        whole = Rectangle(edge.left, edge.top, 1 - edge.right, 1 - edge.bottom)
        known = [one for one, count in self._known if count >= KNOWN]
        chosen: list[Rectangle] = []
        for item in [*found, *known]:
            if len(chosen) < len(BOXES) and all(
                rectangles.overlap(item, other) < SAME for other in (whole, *chosen)
            ):
                chosen.append(item)
        self._remember(found)
        content = next((rectangle for rectangle in chosen if rectangle.quiet), None)
        others = [rectangle for rectangle in chosen if rectangle is not content]
        named = list(zip(BOXES, others, strict=False))
        return named if content is None else [(CONTENT, content), *named]

    def _remember(self, found: Sequence[Rectangle]) -> None:
        for rectangle in found:
            for at, (other, count) in enumerate(self._known):
                if rectangles.overlap(rectangle, other) >= SAME:
                    self._known[at] = (rectangle, count + 1)
                    break
            else:
                self._known.append((rectangle, 1))
        self._known = sorted(self._known, key=lambda pair: -pair[1])[: 4 * len(BOXES)]

    def _views(
        self,
        sample: Sample,
        pixels: Pixels,
        view: str,
        hashers: Sequence[Hasher],
        *,
        box: Box = WHOLE,
    ) -> Iterator[Frame]:
        straight: dict[str, Hashed] = {}
        flipped: dict[str, Hashed] = {}
        for hasher in hashers:
            name = hasher.algorithm.name
            if hasher.mirrored:
                straight[name], flipped[name] = hasher.compute_pair(pixels)
            else:
                straight[name] = hasher.compute(pixels)
        if straight:
            yield _frame(sample, view, box, straight)
        if flipped:
            yield _frame(sample, MIRROR if view == FULL else f"{view}.{MIRROR}", box, flipped)


def _frame(sample: Sample, view: str, box: Box, hashed: dict[str, Hashed]) -> Frame:
    quality = hashed[PDQ.name].quality if PDQ.name in hashed else UNMEASURED
    values = {FIELDS[BY_NAME[name].family]: one.value for name, one in hashed.items()}
    return Frame(time=sample.time, duration=sample.duration, view=view, quality=quality, box=box, **values)


def _spread(count: int, wanted: int) -> list[int]:
    """`wanted` indices of `count`, spread evenly, the first and the last among them."""
    return sorted({round(at) for at in np.linspace(0, count - 1, min(wanted, count))})


def _trim(edge: boxes.Border) -> Box:
    return _rounded(edge.left, edge.top, 1 - edge.left - edge.right, 1 - edge.top - edge.bottom)


def _box(place: Rectangle) -> Box:
    return _rounded(place.left, place.top, place.right - place.left, place.bottom - place.top)


def _rounded(left: float, top: float, width: float, height: float) -> Box:
    return (round(left, 4), round(top, 4), round(width, 4), round(height, 4))

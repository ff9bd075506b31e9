"""Hash samples into frames: each view by each hasher that runs here."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from itertools import islice
from typing import Final

import numpy as np

from registry.catalogue.fingerprints.model.algorithms import BY_NAME, PDQ, PHASH256, SSCD
from registry.catalogue.fingerprints.model.fingerprint import (
    BOXES,
    CONTENT,
    FULL,
    MIDDLE,
    MIN_QUALITY,
    MIRROR,
    TRIM,
    TURNS,
    UNTURNED,
    WHOLE,
    Box,
    Frame,
)
from workers.hashers import catalogue, mosaic, reframed
from workers.hashers.base import Hashed, Hasher
from workers.hashers.pdq import Pair, Pdq
from workers.media import boxes, rectangles
from workers.media.frames import Sample
from workers.media.picture import Pixels
from workers.media.rectangles import Rectangle

FIELDS = {PHASH256.family: "phash256", PDQ.family: "pdq", SSCD.family: "sscd"}
"""The field of a frame that holds the values of each algorithm family."""
MOSAIC_VIEWS: Final = frozenset({FULL, TRIM, CONTENT, *BOXES})
"""Views that have a mosaic: turned and mirrored ones can be made of these."""
UNMEASURED = 100
"""Quality of a frame if PDQ, which measures it, is not installed."""
CUTS: Final = 6
"""Pictures in the picture that are hashed per group, if `FEWEST_CUTS` allows it: one rectangle at six
moments."""
FEWEST_CUTS: Final = 3
"""Moments at which each rectangle of a group is hashed, and one more in the first groups. In four seconds
they are two seconds apart, a gap that alignment bridges."""
MOSTLY: Final = 0.5
"""Rectangles after the first `rectangles.SURE` that lie to so large a share in a likelier one, or contain as
much of it, are alternatives of it. They are embedded once in a group: an embedding costs as much as all other
values together. One of the first two is right in 93 to 100 of 100 groups."""
GROUPS_NEEDED: Final = 2
"""Groups of a shot in which a rectangle must be found before it is also hashed where it is not found: a
moment that is dark shows no edge."""
WIDE: Final = 1.2
"""Width over height from which a frame of registered media is also hashed in its middle ..."""
UPRIGHT: Final = 0.75
"""... which is so much wider than high. On 24 wide clips, vectors of the whole frame and of upright crops of
9:16, 3:4 and 1:1 have cosines of .48, .62 and .69 in the median. This middle and they have .89, 1 and .86."""
SAME: Final = 0.85
"""Intersection over union from which a rectangle adds nothing to another view."""
FIRST_GROUPS: Final = 2
"""Groups in which two samples are rotated. Later groups rotate one, since a rotated clip is rotated
throughout. Short clips have few groups."""

UNTURNS: Final = {
    2: (FULL, True),
    3: (TURNS[1], False),
    4: (TURNS[1], True),
    5: (TURNS[2], True),
    6: (TURNS[0], False),
    7: (TURNS[0], True),
    8: (TURNS[2], False),
}
"""By EXIF orientation: the view that shows a picture as its pixels lie in the file, and whether mirrored."""

Place = tuple[str, Rectangle]


class FrameReader:
    """Hashes groups of samples of one shot.

    A group shares one border and its rectangles, so that a dark moment is not mistaken for bars.
    """

    def __init__(self, hashers: Sequence[Hasher] | None = None) -> None:
        self.hashers = tuple(hashers if hashers is not None else catalogue.usable())
        self.mosaics = hashers is None
        """Whether frames get their mosaic too."""
        self._turnable = tuple(hasher for hasher in self.hashers if hasher.mirrored)
        names = {hasher.algorithm.name for hasher in self.hashers}
        # With an embedding, no frames that undo a crop are needed: it tolerates crops.
        self._reframes = len(self._turnable) == len(names) and PHASH256.name in names
        self._known: list[tuple[Rectangle, int]] = []
        self._groups = 0

    @property
    def algorithms(self) -> tuple[str, ...]:
        """Names of the algorithms that run."""
        return tuple(hasher.algorithm.name for hasher in self.hashers)

    def begin_later_chapter(self) -> None:
        """Reset the state, so that a chapter is read without knowledge of earlier ones."""
        self._known = []
        self._groups = FIRST_GROUPS

    def read(
        self, group: Sequence[Sample], *, still: bool = False, sparse: bool = False, stored: bool = False
    ) -> Iterator[Frame]:
        """Yield the frames of a few consecutive samples, by time.

        They are the whole picture, the picture without its border if it has one, insets at some moments, and
        quarter turns at a few. Each is hashed as it is and mirrored.

        `sparse`: every second sample is not embedded. `stored`: every second sample is hashed in its middle
        too, for upright crops to be found. `still`: it is also rotated for hashers that ignore mirroring,
        since there is only one sample. PDQ of a whole still and of its turns is of its own size.
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
        middle = len(group) // 2
        turned = set(_spread(len(group), 2 if first else 1))
        self._groups += 1
        own = self._own(group[0])
        for index, sample in enumerate(group):
            hashers = self._turnable if sparse and index % 2 else self.hashers
            whole = list(self._whole(sample, edge, hashers, own.get(FULL)))
            yield from whole
            yield from _unturned(sample, own)
            if stored and index % 2 == 0:
                yield from self._middle(group[index : index + 2])
            if self._reframes and whole[0].informative:
                yield from self._reframed(sample, whole[0].quality)
            if index in cut:
                yield from self._parts(
                    sample, places, thrifty=index != min(cut, key=lambda at: abs(at - middle))
                )
            for quarters, view in enumerate(TURNS, 1) if index in turned else ():
                pixels = np.ascontiguousarray(np.rot90(sample.pixels, quarters))
                hashers = self.hashers if still else self._turnable
                yield from self._views(sample, pixels, view, hashers, own=own.get(view))

    def read_apart(self, group: Sequence[Sample]) -> Iterator[Frame]:
        """Read keyframes, which are far apart, as `read` does.

        What is in the same place in most of them is an inset, and is hashed in `FEWEST_CUTS` of them. Short
        clips have a single keyframe, in which any rectangle may be one. Nothing is rotated.
        """
        pictures = [sample.pixels for sample in group]
        edge = boxes.border(pictures)
        places = self._places(rectangles.rectangles(pictures), edge)
        cut = set(_spread(len(group), FEWEST_CUTS))
        for index, sample in enumerate(group):
            yield from self._whole(sample, edge, self.hashers)
            yield from self._parts(sample, places if index in cut else ())

    def _parts(self, sample: Sample, places: Sequence[Place], *, thrifty: bool = False) -> Iterator[Frame]:
        """Yield the pictures in the picture. `thrifty`: those that are mere alternatives are not embedded."""
        for at, (view, place) in enumerate(places):
            likelier = [other for _, other in places[:at]]
            alternative = at >= rectangles.SURE and any(
                rectangles.inside(place, other) >= MOSTLY for other in likelier
            )
            hashers = self._turnable if thrifty and alternative else self.hashers
            pixels = rectangles.cut(sample.pixels, place)
            yield from self._views(sample, pixels, view, hashers, box=_box(place))

    def _reframed(self, sample: Sample, quality: int) -> Iterator[Frame]:
        """Yield the hashes of the whole picture with possibly cropped margins restored."""
        for view, value in reframed.compute(sample.pixels).items():
            yield Frame(sample.time, sample.duration, view, quality, phash256=value)

    def _middle(self, samples: Sequence[Sample]) -> Iterator[Frame]:
        """Yield the middle of the first of some samples, if it is wide. It stands for all of them."""
        sample = samples[0]
        height, width = sample.pixels.shape[:2]
        if width < WIDE * height:
            return
        half = round(UPRIGHT * height) / 2 / width
        place = Rectangle(0.5 - half, 0.0, 0.5 + half, 1.0)
        pixels = rectangles.cut(sample.pixels, place)
        for straight in islice(self._views(sample, pixels, MIDDLE, self.hashers, box=_box(place)), 1):
            yield replace(straight, duration=round(sum(each.duration for each in samples), 3))

    def _own(self, sample: Sample) -> dict[str, Pair]:
        """Return PDQ by view of a still at its own size. Empty: a video, or PDQ is left out."""
        pdq = next((hasher for hasher in self.hashers if isinstance(hasher, Pdq)), None)
        if pdq is None or sample.own is None:
            return {}
        return dict(zip((FULL, *TURNS), pdq.compute_turns(sample.own.pixels()), strict=True))

    def _whole(
        self, sample: Sample, edge: boxes.Border, hashers: Sequence[Hasher], own: Pair | None = None
    ) -> Iterator[Frame]:
        yield from self._views(sample, sample.pixels, FULL, hashers, own=own)
        if edge != boxes.NONE:
            trimmed = boxes.trimmed(sample.pixels, edge)
            yield from self._views(sample, trimmed, TRIM, hashers, box=_trim(edge))

    def _places(self, found: Sequence[Rectangle], edge: boxes.Border) -> list[Place]:
        """Return the rectangles worth hashing, by view: those found now and those known from before."""
        whole = Rectangle(edge.left, edge.top, 1 - edge.right, 1 - edge.bottom)
        remembered = [rectangle for rectangle, count in self._known if count >= GROUPS_NEEDED]
        chosen: list[Rectangle] = []
        for rectangle in [*found, *remembered]:
            if len(chosen) < len(BOXES) and all(
                rectangles.overlap(rectangle, other) < SAME for other in (whole, *chosen)
            ):
                chosen.append(rectangle)
        self._remember(found)
        content = next((rectangle for rectangle in chosen if rectangle.quiet), None)
        insets = [rectangle for rectangle in chosen if rectangle is not content]
        named = list(zip(BOXES, insets, strict=False))
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
        own: Pair | None = None,
    ) -> Iterator[Frame]:
        """Yield the hashes of a view and of its mirror image; nothing if no pixel of it is left."""
        straight: dict[str, Hashed] = {}
        flipped: dict[str, Hashed] = {}
        for hasher in hashers if pixels.size else ():
            name = hasher.algorithm.name
            if view in BOXES and not hasher.mirrored and _quality(straight) < MIN_QUALITY:
                continue
            if own is not None and name == PDQ.name:
                straight[name], flipped[name] = own
            elif hasher.mirrored:
                straight[name], flipped[name] = hasher.compute_pair(pixels)
            else:
                straight[name] = hasher.compute(pixels)
        if straight:
            coarse = mosaic.compute(pixels) if self.mosaics and view in MOSAIC_VIEWS else None
            yield replace(_frame(sample, view, box, straight), mosaic=coarse)
        if flipped:
            yield _frame(sample, MIRROR if view == FULL else f"{view}.{MIRROR}", box, flipped)


def _unturned(sample: Sample, own: Mapping[str, Pair]) -> Iterator[Frame]:
    """Yield PDQ of a still as its pixels lie in the file, if EXIF turns them. `own`: PDQ by view."""
    if own and sample.own is not None and sample.own.orientation in UNTURNS:
        view, mirrored = UNTURNS[sample.own.orientation]
        hashed = own[view][mirrored]
        yield Frame(sample.time, sample.duration, UNTURNED, hashed.quality, pdq=hashed.value)


def _frame(sample: Sample, view: str, box: Box, hashed: dict[str, Hashed]) -> Frame:
    quality = _quality(hashed)
    values = {FIELDS[BY_NAME[name].family]: value.value for name, value in hashed.items()}
    return Frame(time=sample.time, duration=sample.duration, view=view, quality=quality, box=box, **values)


def _quality(hashed: Mapping[str, Hashed]) -> int:
    return hashed[PDQ.name].quality if PDQ.name in hashed else UNMEASURED


def _spread(count: int, most: int) -> list[int]:
    """Return `most` indices of `count`, spread evenly, including the first and the last."""
    return sorted({round(at) for at in np.linspace(0, count - 1, min(most, count))})


def _trim(edge: boxes.Border) -> Box:
    return _rounded(edge.left, edge.top, 1 - edge.left - edge.right, 1 - edge.top - edge.bottom)


def _box(place: Rectangle) -> Box:
    return _rounded(place.left, place.top, place.right - place.left, place.bottom - place.top)


def _rounded(left: float, top: float, width: float, height: float) -> Box:
    return (round(left, 4), round(top, 4), round(width, 4), round(height, 4))

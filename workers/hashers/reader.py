"""From samples to frames: each view hashed by each hasher that runs here."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from registry.domain.algorithms import PDQ, PHASH256, SSCD
from registry.domain.fingerprint import FULL, MIRROR, TRIM, TRIM_MIRROR, Frame
from workers.hashers import catalogue
from workers.hashers.base import Hashed, Hasher
from workers.media import boxes
from workers.media.frames import Sample
from workers.media.picture import Pixels

FIELDS = {PHASH256.name: "phash256", PDQ.name: "pdq", SSCD.name: "sscd"}
UNMEASURED = 100
"""Quality of a frame where PDQ, which measures it, is not installed."""


class FrameReader:
    """Hashes groups of samples. A group shares one border, so that a dark moment does not pass for bars."""

    def __init__(self, hashers: Sequence[Hasher] | None = None) -> None:
        self.hashers = tuple(hashers if hashers is not None else catalogue.usable())

    @property
    def algorithms(self) -> tuple[str, ...]:
        """The names of what runs."""
        return tuple(hasher.algorithm.name for hasher in self.hashers)

    def read(self, group: Sequence[Sample]) -> Iterator[Frame]:
        """The frames of a few consecutive samples: the whole, and without the border where there is one;
        each as it is and mirrored."""
        edge = boxes.border([sample.pixels for sample in group])
        for sample in group:
            yield from self._views(sample, sample.pixels, FULL, MIRROR)
            if edge != boxes.NONE:
                yield from self._views(sample, boxes.trimmed(sample.pixels, edge), TRIM, TRIM_MIRROR)

    def _views(self, sample: Sample, pixels: Pixels, plain: str, mirror: str) -> Iterator[Frame]:
        straight: dict[str, Hashed] = {}
        flipped: dict[str, Hashed] = {}
        for hasher in self.hashers:
            name = hasher.algorithm.name
            if hasher.mirrored:
                straight[name], flipped[name] = hasher.compute_pair(pixels)
            else:
                straight[name] = hasher.compute(pixels)
        yield _frame(sample, plain, straight)
        if flipped:
            yield _frame(sample, mirror, flipped)


def _frame(sample: Sample, view: str, hashed: dict[str, Hashed]) -> Frame:
    quality = hashed[PDQ.name].quality if PDQ.name in hashed else UNMEASURED
    values = {FIELDS[name]: one.value for name, one in hashed.items()}
    return Frame(time=sample.time, duration=sample.duration, view=view, quality=quality, **values)

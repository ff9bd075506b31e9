"""Read the samples of a reel into chapters: hash frames and describe faces, group by group."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from time import monotonic
from typing import Final

from registry.catalogue.fingerprints.model.algorithms import FACE_SFACE, MOSAIC
from registry.catalogue.fingerprints.model.fingerprint import Faces, Frame
from registry.matching.decision.model.checked import FACES_LEFT_OUT
from workers.faces.reader import FaceReader
from workers.hashers.base import Hasher
from workers.hashers.catalogue import HASHERS
from workers.hashers.reader import FrameReader
from workers.media import sampling
from workers.media.frames import Reel, Sample
from workers.pipeline.chapters import Chapter, Look, thumb_bytes

GROUP: Final = 8
"""Samples of one shot that share one border: four seconds at 2 Hz."""
SLACK: Final = 1e-6

CLOSE: Final = 8.0
"""Seconds from the start in which a query is sampled as densely as registered media. Later, every second
moment is embedded, and faces are detected every `FACE_STEP_LATER` seconds of a shot. Registered media are
sampled densely, so the query still matches them: a cut of four seconds has four moments and three with
faces."""
FACE_STEP_LATER: Final = 2.5
FACES_FIRST: Final = 1
"""Face samples of a shot that are followed by another a second later."""

TELL_EVERY: Final = 0.25
"""Seconds between calls of `progress`."""

Progress = Callable[[float], None]


class Reading:
    """Reads one reel, with these `hashers` or all that run here.

    `algorithms`: those that ran. `notes`: names those that cannot run here, and faces that were only detected
    (`seen`) and left out.
    """

    def __init__(
        self,
        *,
        faces: Faces,
        progress: Progress | None,
        thorough: bool,
        hashers: Sequence[Hasher] | None = None,
    ) -> None:
        self.notes: list[str] = []
        self._frame_reader = FrameReader(hashers)
        self._face_reader: FaceReader | None = FaceReader() if faces else None
        self._describes = faces is True
        self._progress = progress
        self._told = 0.0
        self._thorough = thorough
        self._in_shot = 0
        for hasher in HASHERS if hashers is None else ():
            if hasher.algorithm.name not in self._frame_reader.algorithms:
                self.notes.append(f"no_{hasher.algorithm.name.partition('.')[0]}")
        if self._face_reader is not None and self._face_reader.available(describes=self._describes):
            self._face_reader = None
            self.notes.append("no_faces")

    @property
    def algorithms(self) -> tuple[str, ...]:
        """The algorithms that ran. If no face was detected, none was left out."""
        ran = self._face_reader is not None and FACES_LEFT_OUT not in self.notes
        coarse = (MOSAIC.name,) if self._frame_reader.mosaics else ()
        return (*self._frame_reader.algorithms, *coarse, *((FACE_SFACE.name,) if ran else ()))

    def chapters(self, reel: Reel, samples: Iterator[Sample] | None = None) -> Iterator[Chapter]:
        """Yield the chapters of the reel, or of the given samples, each read once, in order of time.

        At most `GROUP` samples are held, without the decoded frames.
        """
        still = reel.kind == "image"
        usual = sampling.face_step(reel.claimed)
        group: list[Sample] = []
        page: _Page | None = None
        next_faces = 0.0
        for sample in samples if samples is not None else reel.samples():
            if group and (sample.cut or len(group) == GROUP):
                self._read(group, page)
                group = []
            if sample.opens:
                if page is not None:
                    yield page.closed()
                page, next_faces = _Page(sample), 0.0
                self._begin(sample)
            if sample.cut:
                self._in_shot = 0
            if sample.time >= next_faces - SLACK or (sample.cut and self._later(sample.time)):
                self._look(sample, page, still=still)
                next_faces = sample.time + self._face_step(sample.time, usual)
            sample.moment = None
            group.append(sample)
            self.tell((sample.time - reel.start) / reel.seconds if reel.seconds else None)
        self._read(group, page, still=still)
        if page is not None:
            yield page.closed()

    def _begin(self, sample: Sample) -> None:
        if sampling.chapter(sample.time):
            self._frame_reader.begin_later_chapter()
            if self._face_reader is not None:
                self._face_reader.begin_later_chapter()

    def _read(self, group: list[Sample], page: _Page | None, *, still: bool = False) -> None:
        if group and page is not None:
            sparse = self._later(group[0].time)
            stored = self._thorough
            page.frames += self._frame_reader.read(group, still=still, sparse=sparse, stored=stored)
            page.last = group[-1]

    def _look(self, sample: Sample, page: _Page | None, *, still: bool) -> None:
        if self._face_reader is None or sample.moment is None or page is None:
            return
        if self._describes:
            described = self._face_reader.see(sample.moment, still=still)
            page.looks.append(Look(sample.time, sample.seen, tuple(described)))
        elif FACES_LEFT_OUT not in self.notes and self._face_reader.notices(sample.moment):
            self.notes.append(FACES_LEFT_OUT)

    def _later(self, time: float) -> bool:
        return not self._thorough and time >= CLOSE

    def _face_step(self, time: float, usual: float) -> float:
        self._in_shot += 1
        later = self._later(time) and self._in_shot > FACES_FIRST
        return max(usual, FACE_STEP_LATER) if later else usual

    def tell(self, share: float | None) -> None:
        """Report progress, at most a few times a second."""
        now = monotonic()
        if self._progress is not None and share is not None and now - self._told >= TELL_EVERY:
            self._told = now
            self._progress(min(share, 0.99))


class _Page:
    """A chapter while it is written."""

    def __init__(self, first: Sample) -> None:
        self.first = first
        self.last = first
        self.frames: list[Frame] = []
        self.looks: list[Look] = []

    def closed(self) -> Chapter:
        first, last = self.first, self.last
        assert first.thumb is not None  # noqa: S101 - samples of a reel have one
        assert last.thumb is not None  # noqa: S101 - as above
        return Chapter(
            begins=first.time,
            ends=round(last.time + last.duration, 3),
            first=thumb_bytes(first.thumb),
            last=thumb_bytes(last.thumb),
            frames=tuple(self.frames),
            looks=tuple(self.looks),
        )

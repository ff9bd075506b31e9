"""Bytes into a fingerprint: the one road from a file to its values, for workers and command line alike."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterable
from pathlib import Path
from time import monotonic
from typing import Final

from registry.domain.algorithms import FACE_SFACE, VIDEOHASH
from registry.domain.early import Sampling
from registry.domain.fingerprint import FULL, MIRROR, Face, Fingerprint, Frame
from registry.domain.media import Media
from registry.errors import BadMedia
from workers.faces.reader import FaceReader
from workers.hashers import chromaprint
from workers.hashers.catalogue import HASHERS
from workers.hashers.chromaprint import Heard
from workers.hashers.reader import FrameReader
from workers.hashers.videohash import whole_video
from workers.media import frames, sampling, source
from workers.media.frames import Reel, Sample
from workers.media.limits import Limits
from workers.progressive import fingerprint_keyframes
from workers.thinned import Thinned

GROUP: Final = 8
"""Samples, of one shot, that share one border: four seconds at 2 Hz."""
SLACK: Final = 1e-6
WHOLE: Final = frozenset({FULL, MIRROR})
MAX_PARTS: Final = 12_500_000
"""Bytes that the frames which show a part of the picture, or turn it, take in a document at most; beyond it
those of every second moment are kept. Of the whole picture `sampling.MAX_SAMPLES` are."""
MAX_FACES: Final = 7_000
"""Faces kept of one file at most."""
VECTOR_BYTES, HASHES_BYTES = 1_700, 320
"""What a frame takes in a document with an embedding, and without. A face takes 590. All bounds together keep
a document under 31 MB (measured); the API takes 32 MiB by default."""

CLOSE: Final = 8.0
"""Seconds from the start that a query is looked at as closely as what is registered. Later every second
moment is embedded, and faces are sought each `FACE_STEP_LATER` seconds of a shot: what is asked meets what
was looked at closely, and a cut of four seconds is still met at four moments and three of faces."""
FACE_STEP_LATER: Final = 2.5
FACES_FIRST: Final = 1
"""Face samples of a shot that are followed by another a second later."""

TELL_EVERY: Final = 0.25
"""Seconds between calls of `progress`."""

UNHEARD: Final = Heard(None, (), ())

Progress = Callable[[float], None]


def fingerprint_file(
    path: Path,
    *,
    limits: Limits | None = None,
    progress: Progress | None = None,
    faces: bool = True,
    videohash: bool = False,
    sampling: Sampling = "full",
    before: Fingerprint | None = None,
    audio: bool = True,
    thorough: bool = True,
) -> Fingerprint:
    """All that the installed algorithms say about the file at `path`; with another `sampling` what its
    keyframes say, `before` being what less of them said (see `workers.progressive`; raises `NotSettled`).

    `audio`: listen to a video too; sound that cannot be decoded leaves `no_chromaprint` or `broken_sound`.
    `thorough`: as closely as for what is registered; else as for what is asked, at two thirds of the cost.
    `progress` is called with a share from 0 to 1. What cannot run here leaves a note (`no_sscd`, `no_faces`,
    `no_phash256`) instead of failing. Raises `BadMedia` with a code of `registry.errors.MEDIA_CODES`, and
    `NotInstalled` (`wrong_model`) where a model's file is not the one pinned.
    """
    limits = limits or Limits()
    if sampling != "full":
        return fingerprint_keyframes(path, sampling, before, limits=limits, progress=progress)
    identified = source.identify(path, limits)
    reading = _Reading(faces=faces, progress=progress, thorough=thorough)
    try:
        with frames.opened(identified, limits) as reel:
            reading.read(reel)
        heard = _listen(path, limits, reel, reading) if audio and reel.kind == "video" else UNHEARD
    except MemoryError as error:
        raise BadMedia(
            "The file needs more memory than is allowed.",
            code="too_large",
            next_step="Scale the media down and try again.",
        ) from error
    whole = whole_video(path) if videohash and reel.kind == "video" else None
    if progress is not None:
        progress(1.0)
    media = Media(
        sha256=identified.sha256,
        kind=reel.kind,
        duration=round(reel.end, 3),
        width=reel.size.width,
        height=reel.size.height,
        bytes=identified.bytes,
    )
    return Fingerprint(
        media=media,
        algorithms=(*reading.algorithms, *([VIDEOHASH.name] if whole else []), *heard.algorithms),
        frames=reading.frames,
        faces=tuple(reading.faces),
        videohash=whole,
        audio=heard.audio,
        notes=(*reading.notes, *reel.notes, *heard.notes),
    )


def _listen(path: Path, limits: Limits, reel: Reel, reading: _Reading) -> Heard:
    return chromaprint.listen(
        path, limits, duration=reel.end, tick=lambda: reading.tell(reel.end, reel.claimed)
    )


class _Reading:
    """The state of one file's fingerprinting."""

    def __init__(self, *, faces: bool, progress: Progress | None, thorough: bool) -> None:
        self.faces = Thinned[Face](MAX_FACES)
        self._wholes: list[Frame] = []
        self._parts = Thinned[Frame](MAX_PARTS, _bytes)
        self.notes: list[str] = []
        self._frame_reader = FrameReader()
        self._face_reader: FaceReader | None = FaceReader() if faces else None
        self._progress = progress
        self._told = 0.0
        self._thorough = thorough
        self._in_shot = 0
        for hasher in HASHERS:
            if hasher.algorithm.name not in self._frame_reader.algorithms:
                self.notes.append(f"no_{hasher.algorithm.name.partition('.')[0]}")
        if self._face_reader is not None and self._face_reader.available() is not None:
            self._face_reader = None
            self.notes.append("no_faces")

    @property
    def algorithms(self) -> tuple[str, ...]:
        seen = (FACE_SFACE.name,) if self._face_reader is not None else ()
        return (*self._frame_reader.algorithms, *seen)

    @property
    def frames(self) -> tuple[Frame, ...]:
        """The frames so far, by time; those of one moment in the order read."""
        return tuple(sorted((*self._wholes, *self._parts), key=lambda frame: frame.time))

    def read(self, reel: Reel) -> None:
        """Read every sample once, in order of time; no more than `GROUP` of them are held, without the frames
        they were cut from."""
        group: list[Sample] = []
        wanted = 0.0
        still = reel.kind == "image"
        for sample in reel.samples():
            if group and (sample.cut or len(group) == GROUP):
                self._keep(self._frame_reader.read(group, sparse=self._later(group[0].time)))
                group = []
            if sample.cut:
                self._in_shot = 0
            if sample.time >= wanted - SLACK or (sample.cut and self._later(sample.time)):
                self._read_faces(sample, still=still)
                wanted = sample.time + self._face_step(sample.time, sampling.face_step(reel.claimed))
            sample.moment = None
            group.append(sample)
            self.tell(sample.time, reel.claimed)
        if group:
            later = self._later(group[0].time)
            self._keep(self._frame_reader.read(group, still=still, sparse=later))
        if not any(frame.informative for frame in self.frames):
            self.notes.append("low_information")

    def _later(self, time: float) -> bool:
        return not self._thorough and time >= CLOSE

    def _face_step(self, time: float, usual: float) -> float:
        self._in_shot += 1
        later = self._later(time) and self._in_shot > FACES_FIRST
        return max(usual, FACE_STEP_LATER) if later else usual

    def _keep(self, frames: Iterable[Frame]) -> None:
        for _, moment in itertools.groupby(frames, key=lambda frame: frame.time):
            views = list(moment)
            self._wholes += (frame for frame in views if frame.view in WHOLE)
            self._parts.add([frame for frame in views if frame.view not in WHOLE])

    def _read_faces(self, sample: Sample, *, still: bool) -> None:
        if self._face_reader is not None and sample.moment is not None:
            self.faces.add(self._face_reader.read(sample.seen, sample.moment, still=still))

    def tell(self, time: float, claimed: float | None) -> None:
        """Say how far it is, a few times a second."""
        now = monotonic()
        if self._progress is not None and claimed and now - self._told >= TELL_EVERY:
            self._told = now
            self._progress(min(time / claimed, 0.99))


def _bytes(frame: Frame) -> int:
    return HASHES_BYTES if frame.sscd is None else VECTOR_BYTES

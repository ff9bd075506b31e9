"""Bytes into a fingerprint: the one road from a file to its values, for workers and command line alike."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from time import monotonic
from typing import Final

from registry.domain.algorithms import FACE_SFACE, VIDEOHASH
from registry.domain.fingerprint import Face, Fingerprint, Frame
from registry.domain.media import Media
from registry.errors import BadMedia
from workers.faces.reader import FaceReader
from workers.hashers.catalogue import HASHERS
from workers.hashers.reader import FrameReader
from workers.hashers.videohash import whole_video
from workers.media import frames, sampling, source
from workers.media.frames import Reel, Sample
from workers.media.limits import Limits

GROUP: Final = 8
"""Samples that share one border: four seconds at 2 Hz."""
SLACK: Final = 1e-6

TELL_EVERY: Final = 0.25
"""Seconds between calls of `progress`."""

Progress = Callable[[float], None]


def fingerprint_file(
    path: Path,
    *,
    limits: Limits | None = None,
    progress: Progress | None = None,
    faces: bool = True,
    videohash: bool = False,
) -> Fingerprint:
    """All that the installed algorithms say about the file at `path`.

    `progress` is called with a share from 0 to 1. What cannot run here leaves a note (`no_sscd`, `no_faces`,
    `no_phash256`) instead of failing. Raises `BadMedia` with a code of `registry.errors.MEDIA_CODES`, and
    `NotInstalled` (`wrong_model`) where a model's file is not the one pinned.
    """
    limits = limits or Limits()
    identified = source.identify(path, limits)
    reading = _Reading(faces=faces, progress=progress)
    try:
        with frames.opened(identified, limits) as reel:
            reading.read(reel)
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
        algorithms=(*reading.algorithms, *([VIDEOHASH.name] if whole else [])),
        frames=tuple(reading.frames),
        faces=tuple(reading.faces),
        videohash=whole,
        notes=(*reading.notes, *reel.notes),
    )


class _Reading:
    """The state of one file's fingerprinting."""

    def __init__(self, *, faces: bool, progress: Progress | None) -> None:
        self.frames: list[Frame] = []
        self.faces: list[Face] = []
        self.notes: list[str] = []
        self._frame_reader = FrameReader()
        self._face_reader: FaceReader | None = FaceReader() if faces else None
        self._progress = progress
        self._told = 0.0
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

    def read(self, reel: Reel) -> None:
        """Read every sample once, in order of time; no more than `GROUP` of them are held, without the frames
        they were cut from."""
        group: list[Sample] = []
        wanted = 0.0
        for sample in reel.samples():
            if sample.time >= wanted - SLACK:
                self._read_faces(sample)
                wanted = sample.time + sampling.face_step(reel.claimed)
            sample.moment = None
            group.append(sample)
            if len(group) == GROUP:
                self.frames += self._frame_reader.read(group)
                group = []
            self._tell(sample.time, reel.claimed)
        self.frames += self._frame_reader.read(group)
        if not any(frame.informative for frame in self.frames):
            self.notes.append("low_information")

    def _read_faces(self, sample: Sample) -> None:
        if self._face_reader is not None and sample.moment is not None:
            self.faces += self._face_reader.read(sample.time, sample.moment)

    def _tell(self, time: float, claimed: float | None) -> None:
        """Say how far it is, a few times a second."""
        now = monotonic()
        if self._progress is not None and claimed and now - self._told >= TELL_EVERY:
            self._told = now
            self._progress(min(time / claimed, 0.99))

"""A fingerprint as arrays over time, ready to be compared.

Uninformative frames (quality under `fingerprint.MIN_QUALITY`) are left out on both sides. Mirrored views are
flagged and stand beside the plain ones.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from registry.catalogue.fingerprints.model import distance, expressions
from registry.catalogue.fingerprints.model.algorithms import FACE_SFACE, SSCD
from registry.catalogue.fingerprints.model.fingerprint import Face, Fingerprint, Frame


@dataclass(frozen=True, slots=True)
class Timeline:
    """n frames, in order of time.

    `times`, `durations`: (n,) float64 seconds. `mirrored`: (n,) bool. `areas`: (n, 4) the part of the picture
    that each frame shows, as left, top, right, bottom, 0-1. Hashes: (n, 32) uint8; `sscd`: (n, 512) float32;
    each with an (n,) presence mask. `interval`: median seconds between two samples of the file, uninformative
    ones included. None if unknown.
    """

    times: NDArray[np.float64]
    durations: NDArray[np.float64]
    mirrored: NDArray[np.bool_]
    areas: NDArray[np.float64]
    phash256: distance.Hashes
    has_phash256: NDArray[np.bool_]
    pdq: distance.Hashes
    has_pdq: NDArray[np.bool_]
    sscd: distance.Vectors
    has_sscd: NDArray[np.bool_]
    interval: float | None = None

    def __len__(self) -> int:
        return len(self.times)

    def nearest(self, times: NDArray[np.float64]) -> NDArray[np.int64]:
        """Return the index of the frame that covers, or is nearest to, each of these times."""
        after = np.clip(np.searchsorted(self.times, times), 0, len(self.times) - 1)
        before = np.maximum(after - 1, 0)
        left = np.maximum(times - (self.times[before] + self.durations[before]), 0)
        return np.where(left < np.abs(self.times[after] - times), before, after).astype(np.int64)

    def at(self, times: NDArray[np.float64]) -> Timeline:
        """Return the frames at exactly these times, with the same `interval`."""
        chosen = np.isin(self.times, times)
        return replace(
            self,
            times=self.times[chosen],
            durations=self.durations[chosen],
            mirrored=self.mirrored[chosen],
            areas=self.areas[chosen],
            phash256=self.phash256[chosen],
            has_phash256=self.has_phash256[chosen],
            pdq=self.pdq[chosen],
            has_pdq=self.has_pdq[chosen],
            sscd=self.sscd[chosen],
            has_sscd=self.has_sscd[chosen],
        )


@dataclass(frozen=True, slots=True)
class FaceTimeline:
    """k faces.

    `times`, `tracks`, `pixels`, `quality`: (k,). `centres`: (k, 2) as x and y shares of the picture, NaN if
    unknown. `embeddings`: (k, 128) float32. `expressions`: (k, 54) float32, rows of zeros if unknown.
    """

    times: NDArray[np.float64]
    tracks: NDArray[np.int64]
    pixels: NDArray[np.float64]
    quality: NDArray[np.float64]
    centres: NDArray[np.float64]
    embeddings: distance.Vectors
    expressions: distance.Vectors

    def __len__(self) -> int:
        return len(self.times)


def of_frames(frames: Sequence[Frame]) -> Timeline:
    """Return the timeline of the informative frames, in time order."""
    sample_times = np.unique([frame.time for frame in frames])
    informative = sorted((frame for frame in frames if frame.informative), key=lambda frame: frame.time)
    phash256, has_phash256 = distance.hashes(frame.phash256 for frame in informative)
    pdq, has_pdq = distance.hashes(frame.pdq for frame in informative)
    sscd, has_sscd = distance.vectors((frame.sscd for frame in informative), SSCD.dimensions)
    return Timeline(
        times=np.array([frame.time for frame in informative], dtype=np.float64),
        durations=np.array([frame.duration for frame in informative], dtype=np.float64),
        mirrored=np.array([frame.mirrored for frame in informative], dtype=np.bool_),
        areas=np.array([_edges(frame) for frame in informative], dtype=np.float64).reshape(-1, 4),
        phash256=phash256,
        has_phash256=has_phash256,
        pdq=pdq,
        has_pdq=has_pdq,
        sscd=sscd,
        has_sscd=has_sscd,
        interval=float(np.median(np.diff(sample_times))) if len(sample_times) > 1 else None,
    )


def whole(count: int) -> NDArray[np.float64]:
    """Return (count, 4) areas of frames that show the whole picture. Uses no memory, whatever `count` is."""
    return np.broadcast_to(np.array([0.0, 0.0, 1.0, 1.0]), (count, 4))


def _edges(frame: Frame) -> tuple[float, float, float, float]:
    left, top, width, height = frame.box
    return (left, top, left + width, top + height)


def of_faces(faces: Sequence[Face]) -> FaceTimeline:
    """Return the timeline of `faces`, in the order given."""
    embeddings, _ = distance.vectors((face.embedding for face in faces), FACE_SFACE.dimensions)
    return FaceTimeline(
        times=np.array([face.time for face in faces], dtype=np.float64),
        tracks=np.array([face.track for face in faces], dtype=np.int64),
        pixels=np.array([face.pixels for face in faces], dtype=np.float64),
        quality=np.array([face.quality for face in faces], dtype=np.float64),
        centres=np.array([_centre(face) for face in faces], dtype=np.float64).reshape(-1, 2),
        embeddings=embeddings,
        expressions=expressions.of_bytes([face.expression for face in faces]),
    )


def nowhere(count: int) -> NDArray[np.float64]:
    """Return (count, 2) centres of faces whose position is unknown."""
    return np.full((count, 2), np.nan)


def _centre(face: Face) -> tuple[float, float]:
    left, top, width, height = face.box
    return (left + width / 2, top + height / 2)


def of_fingerprint(fingerprint: Fingerprint) -> tuple[Timeline, FaceTimeline]:
    """Return both timelines of a fingerprint."""
    return of_frames(fingerprint.frames), of_faces(fingerprint.faces)

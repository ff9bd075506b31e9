"""Face recognition of enrolled persons: one robust vector for each track, and a threshold on its cosine.
Pure.

The faces of a footage match are compared in `registry.matching.alignment.model.faces`. There both sides show
the same picture; here they are different photographs of a person, which are far less alike.
"""

from __future__ import annotations

import base64
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from registry.catalogue.fingerprints.model.distance import Vectors
from registry.catalogue.fingerprints.model.timeline import FaceTimeline
from registry.core.numbers import Bools, Floats, Ints

PERSON_BAR: Final = 0.44
"""Cosine threshold, of vectors centred on `MIDDLE`, for a sharp face of full size. None of 178,384 pairs of
photographs of two persons reached .43; .958 of 717 pairs of one person reach the threshold (see
docs/decisions/0077-likeness-of-enrolled-persons.md)."""
LOW_PIXELS: Final = 24.0
"""Smallest shorter side of a face, in pixels of its source, that is used for recognition."""
LOW_QUALITY: Final = 0.02
"""Lowest quality (see `workers.faces.geometry.quality`) used for recognition. Below it is a blur or a
profile."""
FULL_PIXELS: Final = 48.0
FULL_QUALITY: Final = 0.15
"""Size and quality from which a face counts fully. Below them the threshold rises ..."""
HARDER: Final = 0.02
"""... by up to this. Faces of 30 pixels at CRF 35 resemble strangers no more than others do (.38 at most)."""
OUTLIER: Final = 0.3
"""Cosine to the central embedding below which an embedding is not part of its track: another person, or half
a face."""
MIN_WEIGHT: Final = 0.01
APART: Final = 0.7
"""Share of `MIDDLE` that is subtracted from vectors. SFace's vectors have a common direction that does not
distinguish people. With this, .98 instead of .94 of pairs of one person exceed all but one in 50,000 pairs of
two."""
_MIDDLE: Final = (
    "JKzMpmUoBSbbKIsnkCO4JEepepNFpN0oo6HKnzMcV6PRq3GhCK2EG+ofXCFEIW2l9pyuqD2ic52onOmhl6OPKnQeZKLtJVYc2qaB"
    "KC4k050dKBqlRKLsIIskm5VipisoP6S1IfemwiIxH44lIqHcpy8oWqb1pcYULxqhKZqtxR+yJVakzSDKpBkkB6TCKQ2kjB1GpRMn"
    "rah9oiQYgqvgH16mnRz6pNsl7KhXnt0otKgPpcukvBRkKAMsxiYzp7CmJSGbKTaljCBuHyikDaNuqw+fL6k/jBciFCslpqwoSqfk"
    "pjaMUCkyJlikNqPyI8egT6SgqBgqpZ7mKhOoKaT0JQ=="
)
MIDDLE: Final[Vectors] = np.frombuffer(base64.b64decode(_MIDDLE), "<f2").astype(np.float32)
"""(128,) Mean of the vectors of 599 photographs of 240 persons: the part common to all faces."""


@dataclass(frozen=True, slots=True)
class Track:
    """One person through time. `embedding`: (128,), unit length; `seconds`: first and last; `weight`: sum of
    its faces' qualities; `pixels`, `quality`: means of its better half; `faces`: number of faces; `usable`:
    whether it may be used for recognition."""

    number: int
    embedding: Vectors
    seconds: tuple[float, float]
    weight: float
    pixels: float
    quality: float
    faces: int
    usable: bool


def template(embeddings: Vectors, quality: Floats) -> Vectors:
    """Return the (128,) unit mean of (n, 128) embeddings weighted by (n,) quality, without outliers.

    The central embedding is the one most like all others, so a few strangers cannot shift it. Raises
    `ValueError` without embeddings.
    """
    if not len(embeddings):
        raise ValueError("no embedding to average")
    rows = np.asarray(embeddings, dtype=np.float32)
    weights = np.maximum(np.asarray(quality, dtype=np.float64), MIN_WEIGHT)
    members = belonging(rows, weights)
    return _unit(np.average(rows[members], axis=0, weights=weights[members]))


def belonging(embeddings: Vectors, quality: Floats) -> Bools:
    """Return (n,) booleans: which embeddings show the person with the most total quality."""
    rows = np.asarray(embeddings, dtype=np.float32)
    alike = rows @ rows.T
    middle = int(np.argmax(alike @ np.maximum(quality, MIN_WEIGHT)))
    return np.asarray(alike[middle] >= OUTLIER)


def tracks(faces: FaceTimeline) -> list[Track]:
    """Return the tracks of a face timeline, by descending weight."""
    all_tracks = [_track(faces, int(number)) for number in np.unique(faces.tracks)]
    return sorted(all_tracks, key=lambda track: (-track.weight, track.number))


def similarity(photos: Vectors, face: Vectors) -> float:
    """Return the cosine (-1 to 1) of a (128,) face with the mean of (n, 128) vectors of one person, all
    centred on `MIDDLE`; -1 if n is 0. The mean of several photographs is closer to the person than the
    closest photograph, and farther from strangers."""
    if not len(photos):
        return -1.0
    person = _unit(_apart(np.asarray(photos, np.float32)).mean(axis=0))
    return float(person @ _apart(np.asarray(face, np.float32)[np.newaxis])[0])


def usable(pixels: float, quality: float) -> bool:
    """Whether a face may be used for recognition. `pixels`: shorter side; `quality`: 0-1."""
    return pixels >= LOW_PIXELS and quality >= LOW_QUALITY


def bar(pixels: float, quality: float) -> float:
    """Return the cosine threshold for a face of this size and quality."""
    full = min(_share(pixels, LOW_PIXELS, FULL_PIXELS), _share(quality, LOW_QUALITY, FULL_QUALITY))
    return PERSON_BAR + HARDER * (1 - full)


def same(cosine: float, pixels: float, quality: float) -> bool:
    """Whether a face is the enrolled person's, by its cosine. Never for an unusable face."""
    return usable(pixels, quality) and cosine >= bar(pixels, quality)


def _track(faces: FaceTimeline, number: int) -> Track:
    members: Ints = np.flatnonzero(faces.tracks == number)
    rows, quality = faces.embeddings[members], faces.quality[members]
    members = members[belonging(rows, quality)]
    best = members[np.argsort(-faces.quality[members], kind="stable")][: (len(members) + 1) // 2]
    pixels, mean_quality = float(faces.pixels[best].mean()), float(faces.quality[best].mean())
    return Track(
        number=number,
        embedding=template(rows, quality),
        seconds=(float(faces.times[members].min()), float(faces.times[members].max())),
        weight=float(faces.quality[members].sum()),
        pixels=pixels,
        quality=mean_quality,
        faces=len(members),
        usable=usable(pixels, mean_quality),
    )


def _apart(vectors: Vectors) -> Vectors:
    moved = vectors - APART * MIDDLE
    lengths = np.maximum(np.linalg.norm(moved, axis=1, keepdims=True), 1e-12)
    return np.asarray(moved / lengths, dtype=np.float32)


def _share(value: float, low: float, high: float) -> float:
    return min(1.0, max(0.0, (value - low) / (high - low)))


def _unit(vector: NDArray[np.floating]) -> Vectors:
    return np.asarray(vector / max(float(np.linalg.norm(vector)), 1e-12), dtype=np.float32)

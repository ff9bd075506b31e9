"""Is this the same person? From faces to one robust vector a track, and from a cosine to a yes or no. Pure.

For enrolled persons alone. What a footage match's faces say is in
`registry.matching.decision.model.faces`: there the same
picture is expected on both sides; here another photograph of the same person is, which is far less alike.
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
"""Cosine, of vectors seen from `MIDDLE`, from which a sharp face of full size is the enrolled person's. Of
178,384 pairs of two persons' photographs none had .43, of 717 pairs of one person .958 have it (see
docs/decisions/0077-likeness-of-enrolled-persons.md)."""
LOW_PIXELS: Final = 24.0
"""Shorter side of a face, in pixels of its source, under which nobody is recognised by it."""
LOW_QUALITY: Final = 0.02
"""Quality (see `workers.faces.geometry.quality`) under which nobody is recognised: a blur, a profile."""
FULL_PIXELS: Final = 48.0
FULL_QUALITY: Final = 0.15
"""Size and quality from which a face counts in full; under them the bar rises ..."""
HARDER: Final = 0.02
"""... by up to this. Faces of 30 pixels at CRF 35 resemble strangers no more than others (.38 at most)."""
OUTLIER: Final = 0.3
"""Cosine to the others' middle under which an embedding does not belong to its track: another person, or
half a face."""
MIN_WEIGHT: Final = 0.01
APART: Final = 0.7
"""How far vectors are moved to be seen from the middle of all faces: SFace's vectors share a direction
that tells nobody from another. Of pairs of one person .98 instead of .94 were then above all but one in
50,000 pairs of two."""
_MIDDLE: Final = (
    "JKzMpmUoBSbbKIsnkCO4JEepepNFpN0oo6HKnzMcV6PRq3GhCK2EG+ofXCFEIW2l9pyuqD2ic52onOmhl6OPKnQeZKLtJVYc2qaB"
    "KC4k050dKBqlRKLsIIskm5VipisoP6S1IfemwiIxH44lIqHcpy8oWqb1pcYULxqhKZqtxR+yJVakzSDKpBkkB6TCKQ2kjB1GpRMn"
    "rah9oiQYgqvgH16mnRz6pNsl7KhXnt0otKgPpcukvBRkKAMsxiYzp7CmJSGbKTaljCBuHyikDaNuqw+fL6k/jBciFCslpqwoSqfk"
    "pjaMUCkyJlikNqPyI8egT6SgqBgqpZ7mKhOoKaT0JQ=="
)
MIDDLE: Final[Vectors] = np.frombuffer(base64.b64decode(_MIDDLE), "<f2").astype(np.float32)
"""(128,) the mean of the vectors of 599 photographs of 240 persons: what all faces have in common."""


@dataclass(frozen=True, slots=True)
class Track:
    """One person through time. `embedding` (128,) of unit length; `seconds` first and last; `weight`: the sum
    of its faces' qualities; `pixels`, `quality`: of its better half; `faces`: how many; `usable`: whether
    anybody may be recognised by it."""

    number: int
    embedding: Vectors
    seconds: tuple[float, float]
    weight: float
    pixels: float
    quality: float
    faces: int
    usable: bool


def template(embeddings: Vectors, quality: Floats) -> Vectors:
    """(128,) unit mean of (n, 128) embeddings weighted by (n,) quality, without those that do not belong.

    The middle is the embedding most like all others, so that a few strangers cannot draw it to themselves.
    Raises `ValueError` where there is none.
    """
    if not len(embeddings):
        raise ValueError("no embedding to average")
    rows = np.asarray(embeddings, dtype=np.float32)
    weights = np.maximum(np.asarray(quality, dtype=np.float64), MIN_WEIGHT)
    kept = belonging(rows, weights)
    return _unit(np.average(rows[kept], axis=0, weights=weights[kept]))


def belonging(embeddings: Vectors, quality: Floats) -> Bools:
    """(n,) which of the embeddings are the one person's that most of the quality speaks for."""
    rows = np.asarray(embeddings, dtype=np.float32)
    alike = rows @ rows.T
    middle = int(np.argmax(alike @ np.maximum(quality, MIN_WEIGHT)))
    return np.asarray(alike[middle] >= OUTLIER)


def tracks(faces: FaceTimeline) -> list[Track]:
    """The tracks of a face timeline, the weightiest first."""
    found = [_track(faces, int(number)) for number in np.unique(faces.tracks)]
    return sorted(found, key=lambda track: (-track.weight, track.number))


def likest(photos: Vectors, face: Vectors) -> float:
    """The cosine, -1 to 1, of a (128,) face with the middle of (n, 128) vectors of one person, all seen from
    `MIDDLE`; -1 without any. The middle of several photographs is nearer to the person than the nearest of
    them, and farther from strangers."""
    if not len(photos):
        return -1.0
    person = _unit(_apart(np.asarray(photos, np.float32)).mean(axis=0))
    return float(person @ _apart(np.asarray(face, np.float32)[np.newaxis])[0])


def usable(pixels: float, quality: float) -> bool:
    """Whether anybody may be recognised by a face: `pixels` of its shorter side, `quality` 0 to 1."""
    return pixels >= LOW_PIXELS and quality >= LOW_QUALITY


def bar(pixels: float, quality: float) -> float:
    """The cosine from which a face of this size and quality is the same person's."""
    full = min(_share(pixels, LOW_PIXELS, FULL_PIXELS), _share(quality, LOW_QUALITY, FULL_QUALITY))
    return PERSON_BAR + HARDER * (1 - full)


def same(cosine: float, pixels: float, quality: float) -> bool:
    """Whether `cosine` says that a face is the enrolled person's. Never for a face that is not usable."""
    return usable(pixels, quality) and cosine >= bar(pixels, quality)


def _track(faces: FaceTimeline, number: int) -> Track:
    mine: Ints = np.flatnonzero(faces.tracks == number)
    rows, quality = faces.embeddings[mine], faces.quality[mine]
    mine = mine[belonging(rows, quality)]
    best = mine[np.argsort(-faces.quality[mine], kind="stable")][: (len(mine) + 1) // 2]
    pixels, good = float(faces.pixels[best].mean()), float(faces.quality[best].mean())
    return Track(
        number=number,
        embedding=template(rows, quality),
        seconds=(float(faces.times[mine].min()), float(faces.times[mine].max())),
        weight=float(faces.quality[mine].sum()),
        pixels=pixels,
        quality=good,
        faces=len(mine),
        usable=usable(pixels, good),
    )


def _apart(vectors: Vectors) -> Vectors:
    moved = vectors - APART * MIDDLE
    lengths = np.maximum(np.linalg.norm(moved, axis=1, keepdims=True), 1e-12)
    return np.asarray(moved / lengths, dtype=np.float32)


def _share(value: float, low: float, high: float) -> float:
    return min(1.0, max(0.0, (value - low) / (high - low)))


def _unit(vector: NDArray[np.floating]) -> Vectors:
    return np.asarray(vector / max(float(np.linalg.norm(vector)), 1e-12), dtype=np.float32)

"""Read the faces of a sample: detect, align, describe, rate, number."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import cv2
import numpy as np
from numpy.typing import NDArray

from registry.catalogue.fingerprints.model.fingerprint import Face
from registry.persons.search.model import search
from workers.faces import expression, geometry
from workers.faces.base import Detection, Detector, Embedder, Embedding, unit
from workers.faces.detector import Yunet
from workers.faces.embedder import Sface
from workers.faces.tracks import Box, Tracker
from workers.faces.turning import Turning
from workers.media import picture
from workers.media.picture import Moment, Pixels

SMALLEST: Final = 24.0
"""Source pixels below which a face is not described, since it cannot be compared."""
MOST: Final = search.MOST_AT_ONCE
"""Most faces described in one sample, the largest first: a crowd decides nothing."""
CUTS: Final = ((0.94, 0.0), (1.0, -3.0), (1.0, 3.0))
"""Scale and downward shift in pixels of the crops from which a still's face is described. At a false match
rate of one in a thousand, 2 of 717 pairs of photographs of one person are missed, 4 with the plain crop (LFW,
`make bench-faces`)."""


@dataclass(frozen=True, slots=True)
class DescribedFace:
    """A described face without a number yet. Fields as in `Face`; `vector` as computed: 128 x float32."""

    box: Box
    pixels: float
    score: float
    quality: float
    vector: Embedding
    expression: bytes


class Numbering:
    """Numbers the faces of one file, moment by moment in order of time."""

    def __init__(self) -> None:
        self._tracker = Tracker()

    def number(self, time: float, seen: Sequence[DescribedFace]) -> list[Face]:
        """Return the faces on screen at `time` with their track numbers."""
        tracks = self._tracker.number(time, [(face.box, face.vector) for face in seen])
        return [
            Face(
                time=time,
                box=face.box,
                pixels=face.pixels,
                score=face.score,
                quality=face.quality,
                track=track,
                embedding=face.vector.astype("<f2").tobytes(),
                expression=face.expression,
            )
            for face, track in zip(seen, tracks, strict=True)
        ]


class FaceReader:
    """Reads the faces of one file, sample by sample in order of time."""

    def __init__(self, detector: Detector | None = None, embedder: Embedder | None = None) -> None:
        self._detector = Turning(detector or Yunet())
        self._embedder = embedder or Sface()
        self._numbering = Numbering()

    def available(self, *, describes: bool = True) -> str | None:
        """Return None, or what to install. `describes`: False to only detect faces."""
        return self._detector.available() or (self._embedder.available() if describes else None)

    def begin_later_chapter(self) -> None:
        """Forget the rotation of the footage."""
        self._detector.begin_later_chapter()

    def read(self, time: float, moment: Moment, *, still: bool = False) -> list[Face]:
        """Return the faces on screen at `time`, numbered."""
        return self._numbering.number(time, self.see(moment, still=still))

    def see(self, moment: Moment, *, still: bool = False) -> list[DescribedFace]:
        """Return the faces of a moment.

        `still`: describe each face by several crops, since there is no other moment to average.
        """
        pixels, detected = self._found(moment)
        described = [(face, side, *self._describe(pixels, face, still=still)) for face, side in detected]
        return [
            DescribedFace(
                box=_shares(face.box, pixels),
                pixels=side,
                score=min(1.0, face.score),
                quality=geometry.quality(side, sharpness, face.score, geometry.frontality(face.points)),
                vector=vector,
                expression=stands,
            )
            for face, side, sharpness, stands, vector in described
        ]

    def notices(self, moment: Moment) -> bool:
        """Tell whether a moment shows a face that could be described. No face vector is computed."""
        return bool(self._found(moment)[1])

    def _found(self, moment: Moment) -> tuple[Pixels, list[tuple[Detection, float]]]:
        """Return the picture that was searched, and its faces with their sides in source pixels."""
        pixels = moment.render(picture.face_size(moment.size))
        enlargement = max(moment.size) / max(pixels.shape[:2])
        sides = [(face, min(face.box[2:]) * enlargement) for face in self._detector.detect(pixels)]
        return pixels, [(face, side) for face, side in sides if side >= SMALLEST][:MOST]

    def _describe(self, pixels: Pixels, face: Detection, *, still: bool) -> tuple[float, bytes, Embedding]:
        """Return the chip's sharpness (variance of its Laplacian), its expression and its embedding."""
        chip = aligned(pixels, face)
        sharpness = float(cv2.Laplacian(cv2.cvtColor(chip, cv2.COLOR_RGB2GRAY), cv2.CV_32F).var())
        embedding = steady(self._embedder, pixels, face) if still else self._embedder.embed(chip)
        return sharpness, expression.describe(chip), embedding


def steady(embedder: Embedder, pixels: Pixels, face: Detection) -> Embedding:
    """Return the embedding of a face that is seen once: the mean over crops as a slightly inaccurate detector
    gives them."""
    cuts = [embedder.embed(aligned(pixels, face, scale=scale, down=down)) for scale, down in CUTS]
    return unit(np.sum(cuts, axis=0))


def aligned(pixels: Pixels, face: Detection, *, scale: float = 1.0, down: float = 0.0) -> Pixels:
    """Return the aligned face, 112 x 112.

    A large face is first shrunk by area, since the warp reads only four pixels. `scale` about the centre and
    `down`, in pixels, apply to the chip.
    """
    template = (geometry.TEMPLATE - geometry.CHIP / 2) * scale + geometry.CHIP / 2 + (0.0, down)
    matrix = geometry.similarity(face.points, template)
    shrink = int(1 / max(geometry.scale(matrix), 1e-3))
    if shrink >= 2:
        pixels, origin = _around(pixels, face.box)
        size = (max(1, pixels.shape[1] // shrink), max(1, pixels.shape[0] // shrink))
        factors = np.array([size[0] / pixels.shape[1], size[1] / pixels.shape[0]])
        pixels = cv2.resize(pixels, size, interpolation=cv2.INTER_AREA).astype(np.uint8, copy=False)
        # Coordinates name pixel centres, hence the half pixel.
        matrix = geometry.similarity((face.points - origin + 0.5) * factors - 0.5, template)
    side = (geometry.CHIP, geometry.CHIP)
    return cv2.warpAffine(pixels, matrix, side, flags=cv2.INTER_LINEAR).astype(np.uint8, copy=False)


def _around(pixels: Pixels, box: Box) -> tuple[Pixels, NDArray[np.float64]]:
    """Return the face with a margin of its own size, and the crop's origin."""
    left, top = max(0, int(box[0] - box[2])), max(0, int(box[1] - box[3]))
    right, bottom = int(box[0] + 2 * box[2]), int(box[1] + 2 * box[3])
    return pixels[top:bottom, left:right], np.array([left, top], dtype=np.float64)


def _shares(box: Box, pixels: Pixels) -> Box:
    height, width = pixels.shape[:2]
    return (box[0] / width, box[1] / height, box[2] / width, box[3] / height)

"""Read a photo for enrolment. A worker decodes it like all untrusted media: bounded, by an allowlist of
formats."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Final

import cv2
import numpy as np

from registry.core.errors import UnsupportedMedia
from registry.persons.photos import model as photo
from registry.persons.photos.model import Reading, SeenFace
from workers.faces import geometry, reader
from workers.faces.base import Detection, Detector, Embedder
from workers.faces.detector import Yunet
from workers.faces.embedder import Sface
from workers.faces.turning import Turning
from workers.hashers.phash import Phash256
from workers.media import picture, stills
from workers.media.limits import Limits
from workers.media.picture import Pixels, Size

FORMATS: Final = frozenset({"JPEG", "MPO", "PNG", "WEBP"})
"""MPO is a JPEG with more pictures behind the first (depth, brightness), as phones write it."""
MOST_FACES: Final = 5
"""Most faces reported: the largest, and enough to show that others are there."""
MIDDLE: Final = slice(24, 88)
"""Rows and columns of the aligned chip's 112 pixels: from the brows to the lips."""
MARGIN: Final = 3
"""Divisor of the longer side that gives the margin added around a picture in which no face is found."""


def read_photo(
    path: Path, limits: Limits, *, detector: Detector | None = None, embedder: Embedder | None = None
) -> Reading:
    """Return what the photo at `path` shows.

    Raises `BadMedia`: `too_large`, `unsupported_media` (no JPEG, PNG or WebP, or an animation),
    `truncated_media`, `decode_failed`. Raises `NotInstalled` if a model is missing.
    """
    with stills.opened(path, limits) as pictures:
        if pictures is None or pictures.format not in FORMATS or pictures.moves:
            raise UnsupportedMedia("It is no still JPEG, PNG or WebP picture.")
        moment = pictures.still()
    small = moment.render(picture.hash_size(moment.size))
    plain, mirrored = Phash256().compute_pair(small)
    pixels = moment.render(picture.face_size(moment.size))
    enlargement = max(moment.size) / max(pixels.shape[:2])
    faces = Turning(detector or Yunet())
    detected, margin = faces.detect(pixels), 0
    if not detected:  # a face that fills its picture is found once there is a margin around it
        margin = max(pixels.shape[:2]) // MARGIN
        pixels = _framed(pixels, margin)
        detected = faces.detect(pixels)
    chips = [(face, reader.aligned(pixels, face)) for face in detected[:MOST_FACES]]
    size = Size(pixels.shape[1] - 2 * margin, pixels.shape[0] - 2 * margin)
    described = tuple(_face(face, chip, size, margin, enlargement) for face, chip in chips)
    reading = Reading(plain.value, mirrored.value, described)
    if photo.by_itself(reading) is not None:
        return reading
    # Only the intended person is described: bystanders have not consented.
    embedding = reader.steady(embedder or Sface(), pixels, chips[0][0]).astype("<f2").tobytes()
    return replace(reading, faces=(replace(described[0], embedding=embedding), *described[1:]))


def _framed(pixels: Pixels, margin: int) -> Pixels:
    framed = cv2.copyMakeBorder(pixels, margin, margin, margin, margin, cv2.BORDER_REPLICATE)
    return np.asarray(framed, dtype=np.uint8)


def _face(face: Detection, chip: Pixels, size: Size, margin: int, enlargement: float) -> SeenFace:
    # The middle excludes hair and areas beyond the picture's edge.
    grey = cv2.cvtColor(chip, cv2.COLOR_RGB2GRAY)[MIDDLE, MIDDLE]
    light = float(grey.mean())
    x, y, across, down = face.box
    return SeenFace(
        box=((x - margin) / size.width, (y - margin) / size.height, across / size.width, down / size.height),
        pixels=min(across, down) * enlargement,
        score=min(1.0, face.score),
        front=geometry.frontality(face.points),
        sharpness=float(cv2.Laplacian(grey, cv2.CV_32F).var()) * (100.0 / max(light, 1.0)) ** 2,
        light=light,
        flat=_flat(grey),
        embedding=b"",
    )


def _flat(grey: np.ndarray) -> float:
    """Return the share of pixels that equal their neighbours to the right and below."""
    levels = grey.astype(np.int16)
    across, down = np.diff(levels, axis=1)[:-1], np.diff(levels, axis=0)[:, :-1]
    return float(((across == 0) & (down == 0)).mean())

"""Finding faces: YuNet by OpenCV."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from typing import Any, Final

import cv2
import numpy as np

from workers.faces import models
from workers.faces.base import Detection
from workers.media.picture import Pixels

LONGEST: Final = 640
"""Longer side of the picture searched; faces from about 10 pixels of it on are found."""
SCORE: Final = 0.8
OVERLAP: Final = 0.3
CANDIDATES: Final = 500


class Yunet:
    """YuNet with OpenCV Zoo's thresholds (score .8, overlap .3)."""

    def available(self) -> str | None:
        """None, or what to install."""
        return models.missing(models.YUNET)

    def detect(self, pixels: Pixels) -> Sequence[Detection]:
        """The faces of an RGB picture of any size, in its pixels, the largest first."""
        height, width = pixels.shape[:2]
        factor = min(1.0, LONGEST / max(width, height))
        size = (max(1, round(width * factor)), max(1, round(height * factor)))
        searched = cv2.cvtColor(pixels, cv2.COLOR_RGB2BGR)
        if factor < 1.0:
            searched = cv2.resize(searched, size, interpolation=cv2.INTER_AREA)
        detector = _detector()
        detector.setInputSize(size)
        _, rows = detector.detect(searched)
        found = [] if rows is None else [_detection(row, factor) for row in rows if np.isfinite(row).all()]
        return sorted(found, key=lambda face: -face.box[2] * face.box[3])


def _detection(row: Any, factor: float) -> Detection:
    numbers = np.asarray(row, dtype=np.float64)
    x, y, width, height = (float(number) for number in numbers[:4] / factor)
    return Detection((x, y, width, height), (numbers[4:14] / factor).reshape(5, 2), float(numbers[14]))


@lru_cache(maxsize=1)
def _detector() -> Any:
    file = models.ready(models.YUNET)
    return cv2.FaceDetectorYN.create(file, "", (LONGEST, LONGEST), SCORE, OVERLAP, CANDIDATES)

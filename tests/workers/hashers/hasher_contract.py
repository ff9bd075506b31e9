"""What every frame hasher keeps: inherit it, name the hasher, say what near and far mean for its values."""

from __future__ import annotations

import base64
import io
import subprocess
import sys
from collections.abc import Callable

import numpy as np
import pytest
from PIL import Image

from registry.catalogue.fingerprints.model import algorithms
from tests.support.media import clips as media
from tests.workers.hashers import vectors
from workers.hashers import catalogue
from workers.hashers.base import Hasher
from workers.media.picture import Pixels

ALONE = """
import base64, sys
from tests.workers.hashers import vectors
from workers.hashers import catalogue
hasher = {known.algorithm.name: known for known in catalogue.HASHERS}[sys.argv[1]]
_, found = vectors.read(sys.argv[1])
print(base64.b64encode(hasher.compute(found[-1].pixels).value).decode())
"""


def jpeg(pixels: Pixels, quality: int) -> Pixels:
    """The picture after a JPEG encoder."""
    held = io.BytesIO()
    Image.fromarray(pixels).save(held, "JPEG", quality=quality)
    return np.asarray(Image.open(held))


def half(pixels: Pixels) -> Pixels:
    """The picture at half its size."""
    return np.asarray(Image.fromarray(pixels).reduce(2))


class HasherContract:
    """`hasher`, and what distance of two values is near (a copy) and far (another picture)."""

    hasher: Hasher
    near: float
    far: float

    def distance(self, item: bytes, other: bytes) -> float:
        """0 for equal values: bits of a hash, 1 - cosine of vectors."""
        raise NotImplementedError

    def of(self, pixels: Pixels) -> bytes:
        return self.hasher.compute(np.ascontiguousarray(pixels)).value

    def test_it_is_in_the_catalogue_under_a_versioned_name(self) -> None:
        algorithm = self.hasher.algorithm
        assert algorithms.BY_NAME[algorithm.name] is algorithm
        assert algorithm.name.rpartition(".")[2].isdecimal()
        assert any(hasher.algorithm is algorithm for hasher in catalogue.HASHERS)

    def test_it_can_run_here(self) -> None:
        assert self.hasher.available() is None
        assert self.hasher.algorithm in [item.algorithm for item in catalogue.usable()]

    def test_values_have_the_width_that_is_promised(self) -> None:
        for vector in vectors.read(self.hasher.algorithm.name)[1]:
            for hashed in self.hasher.compute_pair(vector.pixels):
                assert len(hashed.value) == self.hasher.algorithm.value_bytes
                assert 0 <= hashed.quality <= 100

    def test_results_are_unchanged(self) -> None:
        tolerances, frozen = vectors.read(self.hasher.algorithm.name)
        allowed = tolerances.get("at_most_bits", 1 - tolerances.get("at_least_cosine", 1))
        assert len(frozen) >= 8
        for vector in frozen:
            plain, mirrored = self.hasher.compute_pair(vector.pixels)
            assert self.distance(plain.value, vector.value) <= allowed, vector.name
            if vector.mirrored is not None:
                assert self.distance(mirrored.value, vector.mirrored) <= allowed, vector.name
            if vector.quality is not None:
                assert abs(plain.quality - vector.quality) <= tolerances["at_most_quality"], vector.name

    def test_results_are_equal_twice_and_in_another_process(self) -> None:
        pixels = vectors.read(self.hasher.algorithm.name)[1][-1].pixels
        here = [vectors.encode(self.hasher.algorithm.name, self.of(pixels)) for _ in range(3)]
        assert len(set(here)) == 1
        command = [sys.executable, "-c", ALONE, self.hasher.algorithm.name]
        there = subprocess.run(command, check=True, capture_output=True).stdout.strip()
        assert base64.b64decode(there) == self.of(pixels)

    def test_the_pair_is_the_picture_and_its_mirror(self) -> None:
        for vector in vectors.read(self.hasher.algorithm.name)[1]:
            plain, mirrored = self.hasher.compute_pair(vector.pixels)
            assert plain == self.hasher.compute(vector.pixels)
            flipped = self.hasher.compute(np.ascontiguousarray(vector.pixels[:, ::-1]))
            assert self.distance(mirrored.value, flipped.value) <= 0.01 * self.near
            assert mirrored.quality == flipped.quality

    def test_the_pixels_are_left_as_they_were(self) -> None:
        pixels = media.photograph("coffee").copy()
        pixels.flags.writeable = False
        self.hasher.compute_pair(pixels)
        assert np.array_equal(pixels, media.photograph("coffee"))

    @pytest.mark.parametrize("name", ["astronaut", "coffee", "chelsea"])
    @pytest.mark.parametrize(
        "edit",
        [
            lambda pixels: jpeg(pixels, 40),
            half,
            lambda pixels: np.clip(pixels.astype(np.int16) + 12, 0, 255).astype(np.uint8),
        ],
        ids=["jpeg 40", "half size", "brighter"],
    )
    def test_a_copy_is_near(self, name: str, edit: Callable[[Pixels], Pixels]) -> None:
        pixels = media.photograph(name)
        assert self.distance(self.of(pixels), self.of(edit(pixels))) <= self.near

    def test_another_picture_is_far(self) -> None:
        values = [self.of(media.photograph(name)) for name in ("astronaut", "coffee", "chelsea")]
        values.append(self.of(media.drawn(512, 288, 5)))
        for index, one in enumerate(values):
            for other in values[index + 1 :]:
                assert self.distance(one, other) >= self.far

    @pytest.mark.parametrize("size", [(1, 1), (1, 300), (300, 1), (8, 8), (63, 65), (1024, 20)])
    def test_any_size_of_picture(self, size: tuple[int, int]) -> None:
        assert len(self.of(media.drawn(*size, 1))) == self.hasher.algorithm.value_bytes

    @pytest.mark.parametrize("grey", [0, 128, 255])
    def test_a_flat_picture_is_no_error(self, grey: int) -> None:
        flat = np.full((180, 320, 3), grey, dtype=np.uint8)
        assert len(self.of(flat)) == self.hasher.algorithm.value_bytes

"""phash256.1: the 256-bit DCT hash of the imagehash package."""

from __future__ import annotations

from importlib.util import find_spec

import numpy as np
from PIL import Image, ImageOps

from registry.catalogue.fingerprints.model.algorithms import PHASH256
from workers.hashers.base import Hashed
from workers.media.picture import Pixels

HASH_SIZE = 16
HIGHFREQ_FACTOR = 4


class Phash256:
    """`imagehash.phash(hash_size=16, highfreq_factor=4)`; bits row by row, first bit highest."""

    algorithm = PHASH256
    mirrored = True

    def available(self) -> str | None:
        """Return None, or what to install."""
        return None if find_spec("imagehash") else "phash256.1 needs the package imagehash."

    def compute(self, pixels: Pixels) -> Hashed:
        """Return the hash of one frame."""
        return _hash(reduced(pixels))

    def compute_pair(self, pixels: Pixels) -> tuple[Hashed, Hashed]:
        """Return the hashes of a frame and its mirror image; they share the costly reduction."""
        small = reduced(pixels)
        return _hash(small), _hash(ImageOps.mirror(small))


def reduced(pixels: Pixels) -> Image.Image:
    """Reduce the frame as imagehash's own first step does, which then has no effect on the result."""
    side = HASH_SIZE * HIGHFREQ_FACTOR
    return Image.fromarray(pixels).convert("L").resize((side, side), Image.Resampling.LANCZOS)


def _hash(small: Image.Image) -> Hashed:
    import imagehash  # noqa: PLC0415  # brings SciPy, half a second: loaded when first used

    bits = imagehash.phash(small, hash_size=HASH_SIZE, highfreq_factor=HIGHFREQ_FACTOR).hash
    return Hashed(np.packbits(bits).tobytes())

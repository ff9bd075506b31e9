"""pdq.1: Facebook's PDQ (2019), by the pdqhash package, with its quality figure."""

from __future__ import annotations

from importlib.util import find_spec

import numpy as np

from registry.domain.algorithms import PDQ
from workers.hashers.base import Hashed
from workers.media.picture import Pixels


class Pdq:
    """PDQ of the scaled frame. `quality` 0-100: how much gradient it has; under 50 it says too little."""

    algorithm = PDQ
    mirrored = True

    def available(self) -> str | None:
        """None, or what to install."""
        return None if find_spec("pdqhash") else "pdq.1 needs the package pdqhash (a C++ compiler builds it)."

    def compute(self, pixels: Pixels) -> Hashed:
        """The hash of one frame."""
        import pdqhash  # noqa: PLC0415  # a machine without it still hashes with the rest

        bits, quality = pdqhash.compute(pixels)
        return Hashed(np.packbits(bits).tobytes(), int(quality))

    def compute_pair(self, pixels: Pixels) -> tuple[Hashed, Hashed]:
        """The hashes of a frame and of its mirror image.

        `pdqhash.compute_dihedral` would give both at once, but PDQ's decimation is not symmetric: its
        mirrored hash lies up to 14 bits from the hash of the mirrored pixels (measured on a portrait).
        """
        return self.compute(pixels), self.compute(pixels[:, ::-1])

"""The catalogue of fingerprint algorithms, each with a name and a version. No setting changes a hash.

Values are comparable only if they come from the same name and version. A new version needs a new name here
and a new column or value in the store.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

Scope = Literal["frame", "face", "video", "audio", "file"]


@dataclass(frozen=True, slots=True)
class Algorithm:
    """One algorithm: its `name` in documents, its `scope`, and the width of its value.

    `bits` is the width of a binary value, `dimensions` that of a vector of float16. The other one is 0.
    """

    name: str
    scope: Scope
    bits: int
    dimensions: int
    biometric: bool
    source: str

    @property
    def family(self) -> str:
        """Return the name without the version: `sscd` for sscd.1."""
        return self.name.rpartition(".")[0]

    @property
    def value_bytes(self) -> int:
        """Return the bytes of one value: bits / 8 for a hash, 2 x dimensions (little-endian float16) for a
        vector."""
        return self.bits // 8 or self.dimensions * 2


PHASH256 = Algorithm("phash256.1", "frame", 256, 0, False, "imagehash.phash(hash_size=16, highfreq_factor=4)")
PDQ = Algorithm("pdq.1", "frame", 256, 0, False, "PDQ, Facebook 2019 (ThreatExchange, pdq/cpp)")
SSCD = Algorithm("sscd.1", "frame", 0, 512, False, "SSCD (Pizzi et al., CVPR 2022), distilled student")
FACE_SFACE = Algorithm(
    "face.sface.1", "face", 0, 128, True, "YuNet + SFace (Zhong et al., 2021), mirror-averaged"
)
VIDEOHASH = Algorithm("videohash.1", "video", 64, 0, False, "videohash 3 (whole video)")
CHROMAPRINT = Algorithm("chromaprint.1", "audio", 32, 0, False, "Chromaprint 1.5, algorithm 1 (TEST2)")
PEAKS = Algorithm(
    "peaks.1", "audio", 32, 0, False, "spectral peaks, in triplets (after Wang 2003, Panako 2014)"
)
MOSAIC = Algorithm("mosaic.1", "frame", 2320, 0, False, "24 x 24 grey cells of 16 levels")
"""Not a hash: it is compared only along an alignment that hashes and vectors have found."""
ISCC = Algorithm("iscc.1", "file", 256, 0, False, "ISO 24138, version 0, by iscc-lib")
"""Not in `CATALOGUE`: documents hold no ISCC, since it needs the file."""

CATALOGUE: tuple[Algorithm, ...] = (PHASH256, PDQ, SSCD, MOSAIC, FACE_SFACE, VIDEOHASH, CHROMAPRINT, PEAKS)
OF_SOUND: tuple[str, ...] = (CHROMAPRINT.name, PEAKS.name)
COMING: tuple[Algorithm, ...] = ()
"""Coming versions. Kept media may be fingerprinted with them, and documents may hold them, but registration
and lookups do not compute them yet. Only the copy-detection model; other families have one version."""
BY_NAME = {algorithm.name: algorithm for algorithm in (*CATALOGUE, *COMING)}


def version_of(names: Iterable[str], algorithm: Algorithm) -> str | None:
    """Return the name that is a version of the algorithm's family. The algorithm's own name comes first."""
    versions = [name for name in names if name in BY_NAME and BY_NAME[name].family == algorithm.family]
    return algorithm.name if algorithm.name in versions else next(iter(versions), None)

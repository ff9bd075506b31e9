"""The catalogue of fingerprint algorithms: a name and a version each. No setting changes a hash.

What an algorithm says about an asset is comparable only with what the same name and version says
about another. A new version is a new name here and a new column or value in the store.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

Scope = Literal["frame", "face", "video", "audio"]


@dataclass(frozen=True, slots=True)
class Algorithm:
    """One algorithm: `name` as written in documents, what it looks at, and its value's width.

    `bits` is the width of a binary hash, `dimensions` that of a vector of half floats; one is 0.
    """

    name: str
    scope: Scope
    bits: int
    dimensions: int
    biometric: bool
    source: str

    @property
    def family(self) -> str:
        """Its name without the version: `sscd` of sscd.1."""
        return self.name.rpartition(".")[0]

    @property
    def value_bytes(self) -> int:
        """Bytes of one value: bits / 8 for a hash, 2 x dimensions (little-endian float16) for a vector."""
        return self.bits // 8 or self.dimensions * 2


PHASH256 = Algorithm("phash256.1", "frame", 256, 0, False, "imagehash.phash(hash_size=16, highfreq_factor=4)")
PDQ = Algorithm("pdq.1", "frame", 256, 0, False, "PDQ, Facebook 2019 (ThreatExchange, pdq/cpp)")
SSCD = Algorithm("sscd.1", "frame", 0, 512, False, "SSCD (Pizzi et al., CVPR 2022), distilled student")
FACE_SFACE = Algorithm(
    "face.sface.1", "face", 0, 128, True, "YuNet + SFace (Zhong et al., 2021), mirror-averaged"
)
VIDEOHASH = Algorithm("videohash.1", "video", 64, 0, False, "videohash 3 (whole video)")
CHROMAPRINT = Algorithm("chromaprint.1", "audio", 32, 0, False, "Chromaprint 1.5, algorithm 1 (TEST2)")

CATALOGUE: tuple[Algorithm, ...] = (PHASH256, PDQ, SSCD, FACE_SFACE, VIDEOHASH, CHROMAPRINT)
COMING: tuple[Algorithm, ...] = ()
"""Versions that kept media may be read for already, and that documents may say, though what is registered and
asked here is not yet computed by them. Of the copy-detection model alone: other families have one version."""
BY_NAME = {algorithm.name: algorithm for algorithm in (*CATALOGUE, *COMING)}


def version_of(names: Iterable[str], algorithm: Algorithm) -> str | None:
    """Which of these names is a version of an algorithm's family, itself before any other."""
    said = [name for name in names if name in BY_NAME and BY_NAME[name].family == algorithm.family]
    return algorithm.name if algorithm.name in said else next(iter(said), None)

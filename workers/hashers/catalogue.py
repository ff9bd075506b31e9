"""The frame hashers there are: an explicit list. A new one is a file here and a line below."""

from __future__ import annotations

from typing import Final

from workers.hashers.base import Hasher
from workers.hashers.pdq import Pdq
from workers.hashers.phash import Phash256
from workers.hashers.sscd import Sscd

HASHERS: Final[tuple[Hasher, ...]] = (Phash256(), Pdq(), Sscd())

COMING: Final[tuple[Hasher, ...]] = ()
"""Those of `registry.catalogue.fingerprints.model.algorithms.COMING`: kept media is read by them in the
background."""


def version(name: str) -> Hasher | None:
    """The hasher of an algorithm, of today's or a coming version."""
    return next((item for item in (*HASHERS, *COMING) if item.algorithm.name == name), None)


def usable() -> tuple[Hasher, ...]:
    """Those that can run on this machine."""
    return tuple(hasher for hasher in HASHERS if hasher.available() is None)

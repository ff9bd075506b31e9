"""Explicit list of the frame hashers. To add a hasher, add a file here and a line below."""

from __future__ import annotations

from typing import Final

from workers.hashers.base import Hasher
from workers.hashers.pdq import Pdq
from workers.hashers.phash import Phash256
from workers.hashers.sscd import Sscd

HASHERS: Final[tuple[Hasher, ...]] = (Phash256(), Pdq(), Sscd())

COMING: Final[tuple[Hasher, ...]] = ()
"""Hashers of `registry.catalogue.fingerprints.model.algorithms.COMING`. Stored media is hashed with them in
the background."""


def version(name: str) -> Hasher | None:
    """Return the hasher of an algorithm, of a current or a coming version."""
    return next((hasher for hasher in (*HASHERS, *COMING) if hasher.algorithm.name == name), None)


def usable() -> tuple[Hasher, ...]:
    """Return the hashers that can run on this machine."""
    return tuple(hasher for hasher in HASHERS if hasher.available() is None)

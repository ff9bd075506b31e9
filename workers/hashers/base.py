"""The protocol of a frame hasher, and the check that a model's file is the pinned one.

A hasher is one file and one class. It has an algorithm of `registry.catalogue.fingerprints.model.algorithms`,
tells whether it can run here, and computes values. Its only input is RGB pixels scaled once
(`workers.media.picture.hash_size`). PDQ alone also gets stills at their own size.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from registry.catalogue.fingerprints.model.algorithms import Algorithm
from workers.errors import WrongModel
from workers.media.picture import Pixels


@dataclass(frozen=True, slots=True)
class Hashed:
    """A value of `algorithm.value_bytes` bytes; `quality` 0-100, 100 if the algorithm measures none."""

    value: bytes
    quality: int = 100


class Hasher(Protocol):
    """Interface of every frame hasher. Construction is cheap; models load at the first `compute`."""

    algorithm: Algorithm
    mirrored: bool
    """Whether the mirrored frame is hashed too. (Not needed if the value hardly changes under mirroring.)"""

    def available(self) -> str | None:
        """Return None, or a sentence that says why it cannot run here and what to install."""

    def compute(self, pixels: Pixels) -> Hashed:
        """Return the value of one frame. Raises `NotInstalled` if `available` gives a reason."""

    def compute_pair(self, pixels: Pixels) -> tuple[Hashed, Hashed]:
        """Return the values of a frame and of its mirror image; only if `mirrored`."""


def proved(path: Path, sha256: str) -> Path:
    """Return `path` if its file is the pinned one: another model would give incomparable values.

    Raises `NotInstalled` with code `wrong_model`.
    """
    digest = hashlib.sha256(path.read_bytes()).hexdigest()
    if digest != sha256:
        raise WrongModel(
            f"The model {path.name} is not the one this version works with (sha256 {digest[:16]}…)."
        )
    return path

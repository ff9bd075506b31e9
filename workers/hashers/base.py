"""The protocol of a frame hasher, and how a model's file is proved to be the one meant.

A hasher is one file and one class: an algorithm of `registry.catalogue.fingerprints.model.algorithms`,
whether it can run here,
and one method. It sees RGB pixels scaled once (`workers.media.picture.hash_size`) and nothing else.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from registry.catalogue.fingerprints.model.algorithms import Algorithm
from registry.core.errors import NotInstalled
from workers.media.picture import Pixels


@dataclass(frozen=True, slots=True)
class Hashed:
    """A value of `algorithm.value_bytes` bytes; `quality` 0-100, 100 where the algorithm measures none."""

    value: bytes
    quality: int = 100


class Hasher(Protocol):
    """What every frame hasher provides. Construction is cheap; models load at the first `compute`."""

    algorithm: Algorithm
    mirrored: bool
    """Is the mirrored frame hashed as well? (No where the value hardly changes under mirroring.)"""

    def available(self) -> str | None:
        """None, or why it cannot run here, in a sentence that says what to install."""

    def compute(self, pixels: Pixels) -> Hashed:
        """The value of one frame. Raises `NotInstalled` where `available` gives a reason."""

    def compute_pair(self, pixels: Pixels) -> tuple[Hashed, Hashed]:
        """The values of a frame and of its mirror image; only where `mirrored`."""


def proved(path: Path, sha256: str) -> Path:
    """`path`, if its file is the one meant: another model would give incomparable values.

    Raises `NotInstalled` with code `wrong_model`.
    """
    found = hashlib.sha256(path.read_bytes()).hexdigest()
    if found != sha256:
        raise NotInstalled(
            f"The model {path.name} is not the one this version works with (sha256 {found[:16]}…).",
            code="wrong_model",
            next_step="Reinstall the locked packages: uv sync --all-extras.",
        )
    return path

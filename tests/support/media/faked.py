"""Footage with one face or another, alike to all hashes, and different where the face is."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Final

import numpy as np

from registry.catalogue.fingerprints.model.algorithms import MOSAIC
from registry.catalogue.fingerprints.model.fingerprint import FULL, Fingerprint, Mosaic
from tests.support.media import clips, drawn
from workers.hashers import mosaic
from workers.media.picture import Pixels

Edit = Callable[[Pixels], Pixels]
SECONDS: Final = 6.0
FACE: Final = (slice(50, 110), slice(100, 150))
"""The part of the picture that differs."""


def plain(pixels: Pixels) -> Pixels:
    return pixels


def picture(time: float, face: str) -> Pixels:
    """A photograph that pans, with the face of `face` in it."""
    shift = round(4 * time)
    pixels = clips.photograph("coffee")[40:220, 60 + shift : 380 + shift].astype(np.int16)
    if face != "genuine":
        numbers = drawn.generator(face)
        coarse = numbers.integers(-70, 70, (6, 5)).astype(np.int16)
        pixels[FACE] += np.kron(coarse, np.ones((10, 10), np.int16))[:, :, None]
    return np.clip(pixels, 0, 255).astype(np.uint8)


def clip(
    face: str, edit: Edit = plain, *, file: str = "", start: float = 0.0, seconds: float = SECONDS
) -> Fingerprint:
    """A clip of the footage as hashes see it, all alike, with the mosaics of its pictures."""
    seen = drawn.clip("footage", seconds=seconds, noise=0.03, file=f"{face} {file}", start=start)
    values = [
        Mosaic(frame.time, FULL, mosaic.compute(edit(picture(start + frame.time, face))))
        for frame in seen.frames
    ]
    return replace(seen, mosaics=tuple(values), algorithms=(*seen.algorithms, MOSAIC.name))

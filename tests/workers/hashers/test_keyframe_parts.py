"""The one keyframe of a short clip shows what was put in a part of its frame."""

from __future__ import annotations

import numpy as np

from registry.catalogue.fingerprints.model.fingerprint import BOXES, CONTENT, FULL
from tests.support.media import clips as media
from workers.hashers.pdq import Pdq
from workers.hashers.reader import FrameReader
from workers.media.frames import Sample
from workers.media.picture import Pixels

NEAR = 31
"""Bits of 256 in which two PDQ hashes of one picture differ at most, as the authors of PDQ advise."""


def test_a_picture_in_a_single_keyframe_is_hashed_apart() -> None:
    shown = media.photograph("coffee")[:216, :288]
    hashes = parts(_inside(media.photograph("astronaut")[:512, :512], shown))
    assert min(_distance(value, Pdq().compute(shown).value) for value in hashes) <= NEAR


def test_a_single_keyframe_without_parts_has_one_view() -> None:
    assert parts(np.full((288, 512, 3), 90, np.uint8)) == []


def parts(pixels: Pixels) -> list[bytes]:
    """PDQ of each part of a clip's only keyframe."""
    frames = list(FrameReader().read_apart([Sample(0.0, 0.5, pixels, None, 0.0)]))
    assert FULL in {frame.view for frame in frames}
    return [frame.pdq for frame in frames if frame.view in {*BOXES, CONTENT} and frame.pdq]


def _inside(ground: Pixels, shown: Pixels) -> Pixels:
    picture = ground.copy()
    height, width = shown.shape[:2]
    picture[150 : 150 + height, 120 : 120 + width] = shown
    return picture


def _distance(one: bytes, other: bytes) -> int:
    return (int.from_bytes(one) ^ int.from_bytes(other)).bit_count()

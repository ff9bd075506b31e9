"""Nearly equal frames in a row are stored as one row."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from registry.catalogue.fingerprints.model import runs
from registry.catalogue.fingerprints.model.fingerprint import FULL, TRIM, Frame
from tests.support.media import drawn

NUMBERS = drawn.generator("runs")
HASH = NUMBERS.bytes(32)
VECTOR = drawn.unit(NUMBERS, 512)


def frame(at: float, *, bits: int = 0, cosine: float = 1.0, view: str = FULL, quality: int = 100) -> Frame:
    """Half a second from `at` on, so many bits and such a cosine from the others."""
    other = drawn.unit(drawn.generator("other"), 512)
    other -= (other @ VECTOR) * VECTOR
    other /= np.linalg.norm(other)
    flipped = (int.from_bytes(HASH) ^ ((1 << bits) - 1)).to_bytes(32)
    vector = drawn.packed(cosine * VECTOR + np.sqrt(1 - cosine**2) * other)
    return Frame(at, 0.5, view, quality, flipped, HASH, vector)


def kept(*frames: Frame) -> list[tuple[float, float]]:
    return [(item.time, item.duration) for item in runs.joined(frames)]


def test_nearly_equal_frames_are_one_for_two_seconds() -> None:
    assert kept(*(frame(index / 2) for index in range(6))) == [(0.0, 2.0), (2.0, 1.0)]


@pytest.mark.parametrize("other", [{"bits": 30}, {"cosine": 0.94}], ids=str)
def test_different_frames_have_rows_of_their_own(other: dict[str, float]) -> None:
    frames = frame(0), frame(0.5, **other), frame(1.0)  # type: ignore[arg-type]
    assert kept(*frames) == [(0.0, 0.5), (0.5, 0.5), (1.0, 0.5)]


def test_a_gap_ends_a_run() -> None:
    assert kept(frame(0), frame(1.0)) == [(0.0, 0.5), (1.0, 0.5)]


def test_views_have_runs_of_their_own() -> None:
    frames = [frame(index / 2, view=view) for index in range(3) for view in (FULL, TRIM)]
    assert [(item.time, item.view, item.duration) for item in runs.joined(frames)] == [
        (0.0, FULL, 1.5),
        (0.0, TRIM, 1.5),
    ]


def test_frames_with_little_information_are_not_merged() -> None:
    assert len(kept(frame(0, quality=10), frame(0.5, quality=10))) == 2
    assert len(kept(replace(frame(0), sscd=None), replace(frame(0.5), sscd=None))) == 2


def test_long_still_footage_is_not_merged() -> None:
    assert kept(replace(frame(0), duration=60.0), frame(60.0)) == [(0.0, 60.0), (60.0, 0.5)]

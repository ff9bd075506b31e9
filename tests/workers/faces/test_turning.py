"""Faces in turned footage."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pytest

from tests.support.media import clips as media
from workers.faces.base import Detection
from workers.faces.detector import Yunet
from workers.faces.reader import FaceReader
from workers.faces.turning import TRIES, Turning
from workers.media.picture import Moment, Pixels, Size


def _turned(quarters: int) -> Pixels:
    """The astronaut turned clockwise, as by somebody who films with the phone on its side."""
    return np.ascontiguousarray(np.rot90(media.photograph("astronaut"), -quarters))


@pytest.mark.parametrize("quarters", [1, 2, 3])
def test_a_turned_face_is_found_where_it_is(quarters: int) -> None:
    upright = Yunet().detect(_turned(0))[0]
    found = Turning(Yunet()).detect(_turned(quarters))[0]
    side = 511  # the photograph is square
    points = {
        1: np.stack([side - upright.points[:, 1], upright.points[:, 0]], axis=1),
        2: side - upright.points,
        3: np.stack([upright.points[:, 1], side - upright.points[:, 0]], axis=1),
    }[quarters]
    assert np.abs(found.points - points).max() < 2
    left, top, width, height = found.box
    assert (left <= points[:, 0]).all()
    assert (points[:, 0] <= left + width).all()
    assert (top <= points[:, 1]).all()
    assert (points[:, 1] <= top + height).all()


@pytest.mark.parametrize("quarters", [1, 2, 3])
def test_a_turned_face_is_the_same_face(quarters: int) -> None:
    def read(pixels: Pixels) -> np.ndarray:
        height, width = pixels.shape[:2]
        moment = Moment(0.0, 0.0, Size(width, height), lambda _: pixels)
        face = FaceReader().read(0.0, moment)[0]
        return np.frombuffer(face.embedding, "<f2").astype(np.float32)

    assert float(read(_turned(0)) @ read(_turned(quarters))) > 0.95


class _Counting:
    """A detector that finds nothing and counts."""

    def __init__(self) -> None:
        self.asked = 0

    def available(self) -> str | None:
        return None

    def detect(self, _pixels: Pixels) -> Sequence[Detection]:
        self.asked += 1
        return []


def test_footage_without_faces_is_turned_a_few_times_only() -> None:
    counting = _Counting()
    turning = Turning(counting)
    for _ in range(20):
        assert not turning.detect(_turned(0))
    assert counting.asked == 20 + 3 * TRIES


def test_an_upright_face_settles_it() -> None:
    turning = Turning(Yunet())
    assert turning.detect(_turned(0))
    assert not turning.detect(np.zeros((64, 64, 3), np.uint8))
    assert turning.detect(_turned(0))

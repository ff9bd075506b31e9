"""The frame without its border."""

from __future__ import annotations

import numpy as np
import pytest

from tests.support.media import clips as media
from workers.media import boxes
from workers.media.boxes import Border
from workers.media.picture import Pixels


def _photograph() -> Pixels:
    return media.photograph("coffee")[:288, :512].copy()


def _bars(top: int, bottom: int, left: int, right: int, tone: tuple[int, int, int] = (0, 0, 0)) -> Pixels:
    picture = _photograph()
    height, width = picture.shape[:2]
    picture[:top] = tone
    picture[height - bottom :] = tone
    picture[:, :left] = tone
    picture[:, width - right :] = tone
    return picture


@pytest.mark.parametrize("tone", [(0, 0, 0), (255, 255, 255), (16, 128, 40)])
def test_bars_of_any_tone_are_found(tone: tuple[int, int, int]) -> None:
    found = boxes.border([_bars(36, 36, 64, 64, tone)])
    assert found == pytest.approx((64 / 512, 36 / 288, 64 / 512, 36 / 288), abs=0.01)


def test_bars_survive_the_noise_of_re_encoding() -> None:
    noise = np.random.default_rng(1).normal(0, 1.5, (288, 512, 3))
    picture = np.clip(_bars(36, 36, 0, 0) + noise, 0, 255).astype(np.uint8)
    assert boxes.border([picture]) == pytest.approx((0, 36 / 288, 0, 36 / 288), abs=0.01)


def test_a_photograph_has_no_border() -> None:
    assert boxes.border([_photograph()]) == boxes.NONE


def test_a_thin_border_is_left_in() -> None:
    assert boxes.border([_bars(4, 4, 0, 0)]) == boxes.NONE


@pytest.mark.parametrize("tone", [0, 128, 255])
def test_a_flat_frame_is_not_bordered(tone: int) -> None:
    assert boxes.border([np.full((288, 512, 3), tone, np.uint8)]) == boxes.NONE


def test_a_dark_moment_does_not_widen_the_bars() -> None:
    dark = _bars(100, 36, 0, 0)
    black = np.zeros((288, 512, 3), np.uint8)
    found = boxes.border([_bars(36, 36, 0, 0), dark, black])
    assert found == pytest.approx((0, 36 / 288, 0, 36 / 288), abs=0.01)


def test_bars_of_a_moment_are_not_bars() -> None:
    assert boxes.border([_bars(60, 60, 0, 0), _photograph()]) == boxes.NONE


def test_bars_are_removed() -> None:
    left = boxes.trimmed(_bars(36, 36, 64, 64), Border(64 / 512, 36 / 288, 64 / 512, 36 / 288))
    assert np.array_equal(left, _photograph()[37:251, 65:447])


def test_nothing_is_cut_where_there_is_no_border() -> None:
    assert np.array_equal(boxes.trimmed(_photograph(), boxes.NONE), _photograph())

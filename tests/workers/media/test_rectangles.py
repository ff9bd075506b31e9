"""Pictures within the picture."""

from __future__ import annotations

import cv2
import numpy as np
import pytest

from tests.support.media import clips as media
from workers.media import rectangles
from workers.media.picture import Pixels
from workers.media.rectangles import Rectangle


def _moving(name: str, width: int, height: int) -> list[Pixels]:
    return list(media.panning(name, width, height, 6))


def _placed(around: list[Pixels], inner: list[Pixels], left: int, top: int) -> list[Pixels]:
    made = []
    for back, front in zip(around, inner, strict=True):
        picture = back.copy()
        picture[top : top + front.shape[0], left : left + front.shape[1]] = front
        made.append(picture)
    return made


def _blurred(pictures: list[Pixels], width: int, height: int) -> list[Pixels]:
    blurred = (cv2.GaussianBlur(cv2.resize(picture, (width, height)), (0, 0), 20) for picture in pictures)
    return [picture.astype(np.uint8, copy=False) for picture in blurred]


def _best(found: list[Rectangle], wanted: Rectangle) -> Rectangle:
    return max(found, key=lambda item: rectangles.overlap(item, wanted))


def test_a_clip_between_blurred_bars_is_found_and_its_surroundings_are_quiet() -> None:
    inner = _moving("coffee", 288, 162)
    pictures = _placed(_blurred(inner, 288, 512), inner, 0, 175)
    wanted = Rectangle(0, 175 / 512, 1, 337 / 512)
    found = _best(rectangles.rectangles(pictures), wanted)
    assert rectangles.overlap(found, wanted) > 0.93
    assert found.quiet


def test_a_picture_in_a_moving_picture_is_found_and_its_surroundings_are_not_quiet() -> None:
    pictures = _placed(_moving("chelsea", 512, 288), _moving("coffee", 240, 136), 200, 100)
    wanted = Rectangle(200 / 512, 100 / 288, 440 / 512, 236 / 288)
    found = _best(rectangles.rectangles(pictures), wanted)
    assert rectangles.overlap(found, wanted) > 0.9
    assert not found.quiet


def test_two_clips_beside_each_other_are_found() -> None:
    left, right = _moving("coffee", 300, 288), _moving("astronaut", 300, 288)
    pictures = [np.hstack(pair) for pair in zip(left, right, strict=True)]
    found = rectangles.rectangles(pictures)
    for wanted in (Rectangle(0, 0, 0.5, 1), Rectangle(0.5, 0, 1, 1)):
        assert rectangles.overlap(_best(found, wanted), wanted) > 0.95


def test_the_clips_of_a_grid_come_before_its_halves() -> None:
    cells = [_moving(name, 300, 180) for name in ("coffee", "astronaut", "chelsea", "coffee")]
    pictures = [np.vstack([np.hstack(four[:2]), np.hstack(four[2:])]) for four in zip(*cells, strict=True)]
    found = rectangles.rectangles(pictures)
    for left, top in ((0, 0), (0.5, 0), (0, 0.5), (0.5, 0.5)):
        wanted = Rectangle(left, top, left + 0.5, top + 0.5)
        assert rectangles.overlap(_best(found, wanted), wanted) > 0.95


def test_each_clip_of_a_grid_is_found_between_its_bars() -> None:
    """Clips of another shape lie between bars, so no line goes through the whole grid."""
    widths = (168, 300, 168, 168)
    spots = [((300 - width) // 2 + 300 * (at % 2), 180 * (at // 2)) for at, width in enumerate(widths)]
    pictures = [np.zeros((360, 600, 3), np.uint8) for _ in range(6)]
    names = ("coffee", "astronaut", "chelsea", "rocket")
    for name, width, (left, top) in zip(names, widths, spots, strict=True):
        pictures = _placed(pictures, _moving(name, width, 180), left, top)
    found = rectangles.rectangles(pictures)
    for width, (left, top) in zip(widths, spots, strict=True):
        wanted = Rectangle(left / 600, top / 360, (left + width) / 600, (top + 180) / 360)
        assert rectangles.overlap(_best(found, wanted), wanted) > 0.9


@pytest.mark.parametrize("height", [46, 100, 162])
def test_a_clip_among_the_lines_of_an_app_is_the_first_found(height: int) -> None:
    """However wide the clip is: what reaches on to the app's lines is none."""
    screen = np.full((512, 288, 3), 18, np.uint8)
    for top in range(360, 500, 30):
        screen[top : top + 8, 10:270] = 70
    pictures = _placed([screen] * 6, _moving("coffee", 288, height), 0, 140)
    found = rectangles.rectangles(pictures)
    assert rectangles.overlap(found[0], Rectangle(0, 140 / 512, 1, (140 + height) / 512)) > 0.93
    assert found[0].quiet


@pytest.mark.parametrize("name", ["astronaut", "chelsea"])
def test_photographs_have_few_rectangles(name: str) -> None:
    assert len(rectangles.rectangles(_moving(name, 512, 288))) <= 1


@pytest.mark.parametrize("shape", [(1, 1), (2, 900), (288, 3), (40, 40)])
def test_odd_and_flat_pictures_have_none(shape: tuple[int, int]) -> None:
    assert rectangles.rectangles([np.full((*shape, 3), 90, np.uint8)] * 2) == []


def test_noise_has_none() -> None:
    noise = np.random.default_rng(0).integers(0, 255, (3, 160, 240, 3), dtype=np.uint8)
    assert rectangles.rectangles(list(noise)) == []


def test_a_cut_leaves_out_the_edge_itself_but_not_the_pictures_own() -> None:
    picture = np.zeros((100, 200, 3), np.uint8)
    assert rectangles.cut(picture, Rectangle(0.5, 0, 1, 0.5)).shape == (49, 99, 3)
    assert rectangles.cut(picture, Rectangle(0, 0, 1, 1)).shape == (100, 200, 3)

"""Film a photograph: a hand-held camera pans, zooms and shakes over it, the same way each time."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from deploy.demo.faces import Picture

WIDTH, HEIGHT, FPS = 540, 720, 25  # an upright phone video
SHAKE = 0.006  # of the window's width; the hand's slow sway
TURN = 0.4  # degrees


@dataclass(frozen=True)
class View:
    """Where the camera looks: centre and width, as fractions of the photograph's width."""

    x: float
    y: float
    width: float


@dataclass(frozen=True)
class Shot:
    """A move of the camera over one photograph."""

    photograph: str
    seconds: float
    start: View
    end: View


def film(shots: tuple[Shot, ...], photographs: dict[str, Picture]) -> Iterator[Picture]:
    """The shots' frames, (HEIGHT, WIDTH, 3) BGR. The same shots move the camera alike, whatever is shown."""
    for number, shot in enumerate(shots):
        picture = photographs[shot.photograph]
        frames = round(shot.seconds * FPS)
        for index in range(frames):
            matrix = _look(shot, index / max(frames - 1, 1), index / FPS, number, picture.shape[1])
            yield np.asarray(
                cv2.warpAffine(
                    picture,
                    matrix,
                    (WIDTH, HEIGHT),
                    flags=cv2.INTER_AREA | cv2.WARP_INVERSE_MAP,
                    borderMode=cv2.BORDER_REFLECT_101,
                ),
                dtype=np.uint8,
            )


def _look(shot: Shot, way: float, seconds: float, phase: int, photograph_width: int) -> NDArray[np.float64]:
    """The 2x3 matrix from a frame's pixels to the photograph's, `way` (0 to 1) along the shot."""
    eased = way * way * (3 - 2 * way)
    x, y, width = (
        (a + (b - a) * eased) * photograph_width
        for a, b in zip(
            (shot.start.x, shot.start.y, shot.start.width),
            (shot.end.x, shot.end.y, shot.end.width),
            strict=True,
        )
    )
    x += width * SHAKE * (np.sin(5.1 * seconds + phase) + 0.4 * np.sin(13.7 * seconds + 2 * phase))
    y += width * SHAKE * (np.cos(4.3 * seconds + 3 * phase) + 0.4 * np.sin(11.9 * seconds + phase))
    angle = np.radians(TURN * np.sin(3.1 * seconds + phase))
    scale = width / WIDTH
    cos, sin = scale * np.cos(angle), scale * np.sin(angle)
    return np.array(
        [
            [cos, -sin, x - cos * WIDTH / 2 + sin * HEIGHT / 2],
            [sin, cos, y - sin * WIDTH / 2 - cos * HEIGHT / 2],
        ]
    )

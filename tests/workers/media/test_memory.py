"""Large and long media cost the memory of a few frames, however many they have."""

from __future__ import annotations

import itertools
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from registry.core.errors import BadMedia
from tests.support.media import clips as media
from workers.pipeline.fingerprint import fingerprint_file

ALLOWED_MB = 900
READ = r"""
import pathlib, resource, sys
from workers.pipeline import walled
from workers.walls import session
found = walled.fingerprint_file(pathlib.Path(sys.argv[1]))
session.stop()
peak = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss // 1024
print(found.media.width, found.media.height, found.distinct_instants, peak)
"""


def read(path: Path) -> list[int]:
    """Width, height, instants kept, and the most megabytes that the process behind walls held."""
    root = Path(__file__).parents[3]
    ran = subprocess.run(
        [sys.executable, "-c", READ, str(path)], capture_output=True, text=True, check=True, cwd=root
    )
    return [int(number) for number in ran.stdout.split()]


def test_an_animation_of_36_million_pixels_a_frame(tmp_path: Path) -> None:
    path = tmp_path / "large.png"
    media.png_of_bars(path, 6000, 6)
    *shape, peak = read(path)
    assert shape == [6000, 6000, 6]
    assert peak < ALLOWED_MB


def slides(count: int, frames: int) -> Iterator[media.Pixels]:
    """Pictures of which no two in a row are alike, each for some frames."""
    for slide in range(count):
        yield from itertools.repeat(media.drawn(64, 36, slide), frames)


def test_three_hours(tmp_path: Path) -> None:
    path = tmp_path / "hours.mp4"
    media.encode(path, slides(60, 180), rate=1, options={"preset": "ultrafast"})
    *shape, instants, peak = read(path)
    assert shape == [64, 36]
    assert 60 <= instants <= 180, "a slide has a row, and another where it was encoded anew"
    assert peak < ALLOWED_MB


def test_frames_of_4k(tmp_path: Path) -> None:
    path, picture = tmp_path / "4k.mp4", media.drawn(3840, 2160)
    frames = (np.roll(picture, 64 * index, axis=1) for index in range(24))
    media.encode(path, frames, rate=12, options={"preset": "ultrafast", "refs": "5", "bf": "2"})
    width, height, instants, peak = read(path)
    assert (width, height) == (3840, 2160)
    assert instants >= 6
    assert peak < ALLOWED_MB


def test_frames_of_8k_that_refer_to_as_many_as_are_taken(tmp_path: Path) -> None:
    path, picture = tmp_path / "8k.mp4", media.drawn(480, 270).repeat(16, axis=0).repeat(16, axis=1)
    frames = (np.roll(picture, 64 * index, axis=1) for index in range(9))
    options = {"preset": "ultrafast", "x264-params": "ref=4:bframes=0:level=6.2"}
    media.encode(path, frames, rate=9, options=options)
    width, height, instants, peak = read(path)
    assert (width, height) == (7680, 4320)
    assert instants >= 5
    assert peak < ALLOWED_MB


def test_frames_of_an_animation_are_limited_as_those_of_a_video(tmp_path: Path) -> None:
    path = tmp_path / "larger.png"
    media.png_of_bars(path, 6400, 2)
    with pytest.raises(BadMedia, match="6400 x 6400") as caught:
        fingerprint_file(path, faces=False)
    assert caught.value.code == "too_large"

"""Large and long media cost the memory of a few frames, however many they have."""

from __future__ import annotations

import itertools
import subprocess
import sys
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
for name in sys.argv[1:]:
    found = walled.fingerprint_file(pathlib.Path(name))
    print(found.media.width, found.media.height, found.distinct_instants)
session.stop()
print(resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss // 1024)
"""


def large_animation(path: Path) -> None:
    """36 million pixels a frame."""
    media.png_of_bars(path, 6000, 6)


def three_hours(path: Path) -> None:
    """Pictures of which no two in a row are alike, each for nine minutes."""
    slides = (picture for slide in range(20) for picture in itertools.repeat(media.drawn(64, 36, slide), 540))
    media.encode(path, slides, rate=1, options={"preset": "ultrafast", "g": "600"})


def frames_of_4k(path: Path) -> None:
    picture = media.drawn(3840, 2160)
    frames = (np.roll(picture, 64 * index, axis=1) for index in range(24))
    media.encode(path, frames, rate=12, options={"preset": "ultrafast", "refs": "5", "bf": "2"})


def frames_of_8k(path: Path) -> None:
    """They refer to as many others as are taken."""
    picture = media.drawn(480, 270).repeat(16, axis=0).repeat(16, axis=1)
    frames = (np.roll(picture, 64 * index, axis=1) for index in range(6))
    options = {"preset": "ultrafast", "x264-params": "ref=4:bframes=0:level=6.2"}
    media.encode(path, frames, rate=6, options=options)


@pytest.mark.slow(73)
def test_large_and_long_media(tmp_path: Path) -> None:
    """One process behind walls forks those that read them; no such process may hold more than is allowed."""
    draw = {"large.png": large_animation, "hours.mp4": three_hours, "4k.mp4": frames_of_4k}
    draw["8k.mp4"] = frames_of_8k
    for name, drawing in draw.items():
        drawing(tmp_path / name)
    ran = subprocess.run(
        [sys.executable, "-c", READ, *(str(tmp_path / name) for name in draw)],
        capture_output=True,
        text=True,
        check=True,
        cwd=Path(__file__).parents[3],
    )
    *shapes, (peak,) = ([int(number) for number in line.split()] for line in ran.stdout.splitlines())
    animation, hours, large, larger = shapes
    assert animation == [6000, 6000, 6]
    assert hours[:2] == [64, 36]
    assert 20 <= hours[2] <= 60, "a slide has a row, and another where it was encoded anew"
    assert large[:2] == [3840, 2160]
    assert large[2] >= 6
    assert larger[:2] == [7680, 4320]
    assert larger[2] >= 5
    assert peak < ALLOWED_MB


def test_frames_of_an_animation_are_limited_as_those_of_a_video(tmp_path: Path) -> None:
    path = tmp_path / "larger.png"
    media.png_of_bars(path, 6400, 2)
    with pytest.raises(BadMedia, match="6400 x 6400") as caught:
        fingerprint_file(path, faces=False)
    assert caught.value.code == "too_large"

"""Large animations cost the memory of a few frames, however many they have."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from registry.errors import BadMedia
from tests import media
from workers.pipeline import fingerprint_file

ALLOWED_MB = 800
READ = r"""
import pathlib, re, sys
from workers.pipeline import fingerprint_file
found = fingerprint_file(pathlib.Path(sys.argv[1]))
# Not `ru_maxrss`: that counts what the process was before it became this program.
peak = int(re.search(r"VmHWM:\s*(\d+)", pathlib.Path("/proc/self/status").read_text())[1]) // 1024
print(found.media.width, found.media.height, found.distinct_instants, peak)
"""


def test_an_animation_of_36_million_pixels_a_frame(tmp_path: Path) -> None:
    path = tmp_path / "large.png"
    media.png_of_bars(path, 6000, 6)
    root = Path(__file__).parents[2]
    ran = subprocess.run(
        [sys.executable, "-c", READ, str(path)], capture_output=True, text=True, check=True, cwd=root
    )
    width, height, instants, peak = map(int, ran.stdout.split())
    assert (width, height, instants) == (6000, 6000, 6)
    assert peak < ALLOWED_MB


def test_frames_of_an_animation_are_limited_as_those_of_a_video(tmp_path: Path) -> None:
    path = tmp_path / "larger.png"
    media.png_of_bars(path, 6400, 2)
    with pytest.raises(BadMedia, match="6400 x 6400") as caught:
        fingerprint_file(path, faces=False)
    assert caught.value.code == "too_large"

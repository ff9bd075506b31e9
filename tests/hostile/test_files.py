"""Files of a few kilobytes that declare gigabytes or minutes of work are refused before they cost either."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Final

import cv2
import pytest

from tests.hostile.extremes import EXTREMES
from tests.support.media import clips as media

pytestmark = pytest.mark.slow(60)

MOST_MB: Final = 900
MOST_CPU_SECONDS: Final = 60
OF_CAMERAS: Final = ((4928, 3264), (5000, 4000), (8000, 6000))
"""Sizes of ordinary photos."""
READ: Final = r"""
import json, pathlib, re, sys, time
from registry.core.errors import BadMedia
from workers.pipeline.fingerprint import fingerprint_file
found = {}
for path in map(pathlib.Path, sys.argv[1:]):
    began = time.process_time()
    try:
        fingerprint_file(path, faces=False)
        code = ""
    except BadMedia as error:
        code = error.code
    peak = int(re.search(r"VmHWM:\s*(\d+)", pathlib.Path("/proc/self/status").read_text())[1]) // 1024
    found[path.name] = code, time.process_time() - began, peak
print(json.dumps(found))
"""

WALLED: Final = r"""
import json, pathlib, re, resource, sys
from registry.core.errors import BadMedia
from workers.pipeline import walled
from workers.walls import session
found = {}
for path in map(pathlib.Path, sys.argv[1:]):
    try:
        found[path.name] = len(walled.fingerprint_file(path).frames)
    except BadMedia as error:
        found[path.name] = error.code
session.stop()
used = resource.getrusage(resource.RUSAGE_CHILDREN)
own = int(re.search(r"VmHWM:\s*(\d+)", pathlib.Path("/proc/self/status").read_text())[1]) >> 10
print(json.dumps([found, used.ru_utime + used.ru_stime, used.ru_maxrss >> 10, own]))
"""

# Where no memory is left for an index, FFmpeg refuses the file or goes on without that index.
FILES: Final = {
    "sixty-million-samples.mp4": {"too_large"},
    "sixty-four-tracks.mp4": {"too_large", "truncated_media"},
    "a-thousand-edits.mp4": {"too_large", "truncated_media"},
    "packets-before-the-edit.mp4": {"too_large"},
    "two-thousand-scans.jpg": {"too_large"},
    "specks-on-a-canvas.gif": {"too_large"},
    "frames-of-one-colour.webp": {"too_large"},
    "wavelets.jp2": {"too_large"},
}


@pytest.fixture(scope="module")
def read(tmp_path_factory: pytest.TempPathFactory) -> dict[str, tuple[str, float, int]]:
    """Code, seconds of CPU and peak in megabytes after each file, all read by one process."""
    folder = tmp_path_factory.mktemp("hostile")
    for name in FILES:
        (folder / name).write_bytes(EXTREMES[name]())
    program = [sys.executable, "-c", READ, *(str(folder / name) for name in FILES)]
    ran = subprocess.run(program, capture_output=True, text=True, check=True, cwd=Path(__file__).parents[2])
    found: dict[str, tuple[str, float, int]] = json.loads(ran.stdout)
    return found


@pytest.mark.parametrize("name", FILES)
def test_it_is_refused_at_little_cost(name: str, read: dict[str, tuple[str, float, int]]) -> None:
    code, cpu_seconds, peak = read[name]
    assert code in FILES[name]
    assert peak < MOST_MB
    assert cpu_seconds < MOST_CPU_SECONDS


def test_none_takes_more_than_the_bound(tmp_path: Path) -> None:
    for name in FILES:
        (tmp_path / name).write_bytes(EXTREMES[name]())
    media.clip(tmp_path / "sound.mp4", seconds=2, size=(1920, 1080))
    pictures = {f"{width}.jpg": (width, height) for width, height in OF_CAMERAS}
    for name, size in pictures.items():
        cv2.imwrite(str(tmp_path / name), media.view(media.photograph("coffee"), *size, 0.3))
    paths = [str(tmp_path / name) for name in (*FILES, "sound.mp4", *pictures)]
    ran = subprocess.run(
        [sys.executable, "-c", WALLED, *paths],
        capture_output=True,
        text=True,
        check=False,
        cwd=Path(__file__).parents[2],
    )
    assert ran.returncode == 0, ran.stderr
    found, cpu_seconds, peak, own = json.loads(ran.stdout)
    assert found.pop("sound.mp4") > 0
    assert [name for name in pictures if not isinstance(found.pop(name), int)] == []
    assert {name for name, code in found.items() if code not in FILES[name]} == set()
    assert peak < MOST_MB
    assert own < 200, "the process that waits opens no file with a decoder"
    assert cpu_seconds < MOST_CPU_SECONDS

"""A process that reads media is fenced: too much memory is an answer, not a crash."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from tests.support.media import clips as media

CODE = """
import resource, sys
from pathlib import Path
from registry.core.errors import BadMedia
from workers.media.sandbox import limit_process
from workers.media.limits import Limits
from workers.pipeline.fingerprint import fingerprint_file

fingerprint_file(Path(sys.argv[1]))
limit_process(int(sys.argv[2]))
print(resource.getrlimit(resource.RLIMIT_CORE), resource.getrlimit(resource.RLIMIT_AS)[0])
try:
    fingerprint_file(Path(sys.argv[3]), limits=Limits(max_pixels=10**10), faces=False)
    print("read")
except BadMedia as error:
    print(error.code)
print(len(fingerprint_file(Path(sys.argv[1])).frames))
"""


def fenced(memory_mb: int, small: Path, large: Path) -> list[str]:
    command = [sys.executable, "-c", CODE, str(small), str(memory_mb), str(large)]
    return subprocess.run(command, capture_output=True, text=True, check=True).stdout.splitlines()


def test_more_memory_than_allowed_is_too_large_and_the_process_lives_on(tmp_path: Path) -> None:
    small = media.clip(tmp_path / "small.mp4", seconds=2, size=(160, 90))
    bomb = tmp_path / "bomb.png"
    bomb.write_bytes(media.png_claiming(40_000, 40_000))
    limits, code, frames = fenced(3000, small, bomb)
    assert limits == f"(0, 0) {3000 * 1024**2}"
    assert code == "too_large"
    assert int(frames) > 0


def test_ordinary_media_fit_in_the_usual_fence(tmp_path: Path) -> None:
    clip = media.clip(tmp_path / "clip.mp4", seconds=2, size=(1920, 1080))
    _, code, frames = fenced(4096, clip, clip)
    assert code == "read"
    assert int(frames) > 0

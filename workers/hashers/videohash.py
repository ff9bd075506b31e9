"""videohash.1: one 64-bit value for a whole video, by the videohash package, kept at arm's length.

A hint that two whole videos are copies, never a decision. The package builds shell commands from the
file's extension, may fetch URLs, leaves files open and relies on a constant that Pillow removed. So it runs
in a process of its own (`videohash_child`), in a private folder, on a file under a name of ours, with an
environment that holds no secret, for a limited time.
"""

from __future__ import annotations

import logging
import os
import re
import signal
import subprocess
import sys
import tempfile
from importlib.util import find_spec
from pathlib import Path
from typing import Final

from workers.hashers import videohash_child

logger = logging.getLogger(__name__)

VALUE_BYTES: Final = 8
SECONDS: Final = 900
"""Time it may take: the package needs about 7 s of CPU for a minute of 720p."""
_PLAIN = re.compile(r"[A-Za-z0-9_./-]+\Z")
"""Paths that a shell takes literally."""


def available() -> str | None:
    """None, or what to install."""
    missing = [name for name in ("videohash", "imageio_ffmpeg") if find_spec(name) is None]
    return f"videohash.1 needs the package {missing[0]}." if missing else None


def whole_video(path: Path, *, seconds: float = SECONDS) -> bytes | None:
    """The 8 bytes of the video at `path`; None where the package is missing, cannot read the file or takes
    longer than `seconds`, since a hint is not worth a fingerprint."""
    if available() is not None:
        return None
    with tempfile.TemporaryDirectory(prefix="fakeprint-videohash-") as folder:
        if not _PLAIN.match(folder):
            logger.warning("videohash is left out: the temporary folder's name is unsafe in a shell")
            return None
        private = Path(folder)
        named = private / "video.mkv"
        named.symlink_to(path.resolve())
        answer = _run(named, private, seconds)
    if re.fullmatch(r"0x[0-9a-f]{1,16}", answer):
        return int(answer, 16).to_bytes(VALUE_BYTES, "big")
    return None


def _run(named: Path, private: Path, seconds: float) -> str:
    """What the child prints; empty where it fails."""
    command = [sys.executable, "-I", videohash_child.__file__, str(named), str(private)]
    environment = {"PATH": _path(private), "HOME": str(private), "TMPDIR": str(private), "LANG": "C.UTF-8"}
    with subprocess.Popen(
        command,
        env=environment,
        cwd=private,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    ) as child:
        try:
            answer, complaint = child.communicate(timeout=seconds)
        except BaseException as error:
            # Its shells and its ffmpeg are of its group; nothing of it may outlive this call.
            os.killpg(child.pid, signal.SIGKILL)
            if not isinstance(error, subprocess.TimeoutExpired):
                raise
            logger.warning("videohash took longer than %g s", seconds)
            return ""
    if child.returncode != 0:
        logger.warning("videohash could not read the file: %s", complaint.strip()[-300:])
        return ""
    return answer.strip()


def _path(private: Path) -> str:
    """A PATH on which `ffmpeg` is the one that imageio-ffmpeg brings."""
    import imageio_ffmpeg  # noqa: PLC0415  # optional

    programs = private / "bin"
    programs.mkdir()
    (programs / "ffmpeg").symlink_to(imageio_ffmpeg.get_ffmpeg_exe())
    return f"{programs}{os.pathsep}{os.defpath}"

"""videohash.1: one 64-bit value for a whole video, by the videohash package, guarded.

A hint that two whole videos are copies, never a decision. The package builds shell commands from the
file's extension and may fetch URLs: it gets a copy under a name of ours in a private folder, and nothing
else. It uses a constant that Pillow removed, and finds ffmpeg on the PATH.
"""

from __future__ import annotations

import logging
import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.util import find_spec
from pathlib import Path
from typing import Any, Final

from PIL import Image

logger = logging.getLogger(__name__)

VALUE_BYTES: Final = 8


def available() -> str | None:
    """None, or what to install."""
    missing = [name for name in ("videohash", "imageio_ffmpeg") if find_spec(name) is None]
    return f"videohash.1 needs the package {missing[0]}." if missing else None


def whole_video(path: Path) -> bytes | None:
    """The 8 bytes of the video at `path`; None where the package is missing or cannot read the file, since
    a hint is not worth a fingerprint."""
    if available() is not None:
        return None
    with tempfile.TemporaryDirectory(prefix="fakeprint-videohash-") as folder:
        private = Path(folder)
        with _ffmpeg_on_path(private):
            return _hash(path, private)


def _hash(path: Path, private: Path) -> bytes | None:
    copy = private / "video.mkv"
    copy.symlink_to(path.resolve())
    storage = private / "storage"
    storage.mkdir()
    try:
        made = _class()(path=str(copy), storage_path=f"{storage}/")
    except Exception as error:  # noqa: BLE001  # the package raises bare exceptions of every kind
        logger.warning("videohash could not read the file: %s", str(error)[:300])
        return None
    value = int(made.hash_hex, 16).to_bytes(VALUE_BYTES, "big")
    made.delete_storage_path()
    return value


def _class() -> Any:
    """The package's class, imported with the constant it misses put back for that moment."""
    missing = not hasattr(Image, "ANTIALIAS")
    if missing:
        vars(Image)["ANTIALIAS"] = Image.Resampling.LANCZOS
    try:
        from videohash import VideoHash  # noqa: PLC0415  # only under the shim
    finally:
        if missing:
            del vars(Image)["ANTIALIAS"]
    return VideoHash


@contextmanager
def _ffmpeg_on_path(private: Path) -> Iterator[None]:
    """Put imageio-ffmpeg's binary on the PATH as `ffmpeg` where the machine has none."""
    before = os.environ.get("PATH", "")
    if shutil.which("ffmpeg") is None:
        import imageio_ffmpeg  # noqa: PLC0415  # optional

        programs = private / "bin"
        programs.mkdir()
        (programs / "ffmpeg").symlink_to(imageio_ffmpeg.get_ffmpeg_exe())
        os.environ["PATH"] = f"{programs}{os.pathsep}{before}"
    try:
        yield
    finally:
        os.environ["PATH"] = before

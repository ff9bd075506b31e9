"""The process in which the videohash package runs: a file and a folder in, a hexadecimal number out.

It is run by its path, so it imports nothing of this project. It leads a session of its own, with the shells
and the ffmpeg that the package starts.
"""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
import threading
import time
from functools import partialmethod
from pathlib import Path
from typing import Final

PACKED: Final = 1
"""Level of compression of the package's own PNG files, which are read again at once: of ten minutes of video
they cost 2.7 s of CPU, and 6.3 at the usual level. Their pixels are the same."""
EVERY: Final = 0.5
"""Seconds between two looks at the parent process."""
KILL_AND_REMOVE: Final = 'kill -s KILL -- "-$1"; exec rm -rf -- "$2"'


def main(path: str, folder: str) -> None:
    """Print the hash of the video at `path`; every file made on the way lies in `folder`."""
    from PIL import Image  # noqa: PLC0415  # the watch comes first

    # Pillow 10 removed the name that the package uses for this filter.
    vars(Image)["ANTIALIAS"] = Image.Resampling.LANCZOS
    setattr(Image.Image, "save", partialmethod(Image.Image.save, compress_level=PACKED))  # noqa: B010
    from videohash import VideoHash  # noqa: PLC0415  # it looks the name up

    # The package makes a copy of the video for itself. A link does: no second copy is left by a kill.
    vars(shutil)["copyfile"] = os.symlink
    storage = Path(folder) / "storage"
    storage.mkdir()
    made = VideoHash(path=path, storage_path=f"{storage}/")
    made.delete_storage_path()
    if not whole(Path(folder)):
        sys.exit("An ffmpeg was ended from without, so that pictures are missing.")
    print(made.hash_hex)  # noqa: T201  # the answer to the parent process


def whole(folder: Path) -> bool:
    """Whether each ffmpeg that was begun has ended of its own accord: as many lines in both files."""
    begun, ended = (
        path.stat().st_size if path.exists() else 0 for path in (folder / "begun", folder / "ended")
    )
    return begun == ended


def watch(parent: int, folder: str, seconds: float) -> None:
    """From now on: when the process `parent` is gone, or after `seconds`, end all of this session and remove
    `folder`."""
    until = time.monotonic() + seconds

    def look() -> None:
        while os.getppid() == parent and time.monotonic() < until:
            time.sleep(EVERY)
        _end(folder)

    threading.Thread(target=look, name="watch", daemon=True).start()


def _end(folder: str) -> None:
    """A shell outside the session kills first and removes then: nothing is left that writes meanwhile."""
    try:
        subprocess.run(
            ["/bin/sh", "-c", KILL_AND_REMOVE, "sh", str(os.getpgrp()), folder],
            env={"PATH": os.defpath},
            cwd="/",
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
            check=False,
        )
    finally:
        shutil.rmtree(folder, ignore_errors=True)
        os.killpg(0, signal.SIGKILL)


if __name__ == "__main__":
    os.set_inheritable(int(sys.argv[5]), False)  # the folder's lock: this process holds it, no other
    watch(int(sys.argv[3]), sys.argv[2], float(sys.argv[4]))
    try:
        main(sys.argv[1], sys.argv[2])
    finally:
        if os.getppid() != int(sys.argv[3]):  # gone since the last look
            _end(sys.argv[2])

"""The process that examines a whole video in a folder of its own, and prints the result.

By `videohash` it runs the package of that name and prints a hexadecimal number. By `signature` it runs the
MPEG-7 signature filter of ffmpeg and prints an ISCC Video-Code.

Its walls (`workers.walls.kernel`) let it, and the shells and the ffmpeg that it starts, read the video, write
the folder, and use no network. It leads its own session, which includes them.
"""

from __future__ import annotations

import os
import re
import shutil
import signal
import stat
import subprocess
import sys
import threading
import time
from functools import partialmethod
from pathlib import Path
from typing import Final

from workers.walls import kernel

MEGABYTES: Final = 700
"""Memory of each process beyond that of this one. ffmpeg fails on a larger video, which gets no value."""
FILE_BYTES: Final = 2 << 30
"""Largest file in the folder."""
PACKED: Final = 1
"""Compression level of the package's own PNG files, which are read again at once. Ten minutes of video cost
2.7 s of CPU, and 6.3 s at the usual level. The pixels are the same."""
EVERY: Final = 0.5
"""Seconds between two checks of the parent process."""
TOGETHER: Final = 2
"""How often the limit of one process all of them may take together. One more may be running then."""
FRAMES_PER_SECOND: Final = 5
"""Frames of which a Video-Code is made, as ISCC's reference implementation does."""
CODE_BITS: Final = 256
KILL_AND_REMOVE: Final = 'kill -s KILL -- "-$1"; exec rm -rf -- "$2"'


def main(path: str, folder: str) -> None:
    """Print the hash of the video at `path`. Every intermediate file is in `folder`."""
    from PIL import Image  # noqa: PLC0415  # imported after the watch has begun

    # Pillow 10 removed the name that the package uses for this filter.
    vars(Image)["ANTIALIAS"] = Image.Resampling.LANCZOS
    setattr(Image.Image, "save", partialmethod(Image.Image.save, compress_level=PACKED))  # noqa: B010
    from videohash import VideoHash  # noqa: PLC0415  # it uses the name set above

    enclose(path, folder)
    # The package copies the video for itself. A symlink is enough, and a kill leaves no second copy.
    vars(shutil)["copyfile"] = os.symlink
    storage = Path(folder) / "storage"
    storage.mkdir()
    video = VideoHash(path=path, storage_path=f"{storage}/")
    video.delete_storage_path()
    if not whole(Path(folder)):
        sys.exit("An ffmpeg was ended from without, so that pictures are missing.")
    print(video.hash_hex)  # noqa: T201  # the answer to the parent process


def signature(path: str, folder: str, formats: str) -> None:
    """Print the Video-Code (`ISCC:…`) of the video at `path`, which has one of `formats` (ffmpeg's names)."""
    import iscc_lib  # noqa: PLC0415  # imported after the watch has begun

    enclose(path, folder)
    name = "signature.xml"
    command = [
        "ffmpeg",
        "-nostdin",
        "-v",
        "error",
        "-protocol_whitelist",
        "file",
        "-format_whitelist",
        formats,
    ]
    command += ["-i", path, "-an", "-sn", "-dn"]
    command += ["-vf", f"fps=fps={FRAMES_PER_SECOND},signature=format=xml:filename={name}", "-f", "null", "-"]
    subprocess.run(command, cwd=folder, check=False)
    if not whole(Path(folder)):
        sys.exit("ffmpeg was ended from without, so that pictures are missing.")
    with (Path(folder) / name).open("rb") as file:
        found = {match[1] for line in file if (match := re.search(rb"<FrameSignature>([^<]*)<", line))}
    if not found:
        sys.exit("The video has no picture.")
    frames = [[int(digit) for digit in line.split()] for line in sorted(found)]
    print(iscc_lib.gen_video_code_v0(frames, CODE_BITS)["iscc"])  # noqa: T201  # the answer to the parent


def enclose(path: str, folder: str) -> None:
    """Raise the walls. The link at `path` then leads to this process's descriptor of the video.

    The thread that removes the folder began before, outside.
    """
    ffmpeg = sys.argv[7]
    video = os.open(path, os.O_RDONLY)
    Path(path).unlink()
    Path(path).symlink_to(f"/proc/{os.getpid()}/fd/{video}")
    kernel.enclose(
        kernel.Needs(
            MEGABYTES,
            int(sys.argv[6]),
            file_bytes=FILE_BYTES,
            reads=(*kernel.systems(), *kernel.libraries(), f"/proc/self/fd/{video}", ffmpeg),
            writes=(folder, *sys.argv[8].split(os.pathsep)),
            programs=True,
            user=not shared(folder, ffmpeg),
        )
    )


def shared(folder: str, ffmpeg: str) -> bool:
    """Give root's folder to the group of another user. Return whether that user can work with it."""
    if os.geteuid() != 0 or not Path(ffmpeg).stat().st_mode & stat.S_IXOTH:
        return False
    try:
        os.chown(folder, -1, kernel.NOBODY)
    except PermissionError:  # in a container
        return False
    Path(folder).chmod(0o770)  # no account is in that group
    return True


def whole(folder: Path) -> bool:
    """Tell whether each started ffmpeg ended on its own: both files then have the same number of lines."""
    begun, ended = (
        path.stat().st_size if path.exists() else 0 for path in (folder / "begun", folder / "ended")
    )
    return begun == ended


def watch(parent: int, folder: str, seconds: float, cpu: int) -> None:
    """When the process `parent` is gone, or after `seconds`, end the whole session and remove `folder`.

    `cpu`: limit of one process, in seconds. Beyond `TOGETHER` times that, the session ends and leaves a mark
    in the folder. The check runs in a thread from now on.
    """
    until = time.monotonic() + seconds

    def look() -> None:
        while os.getppid() == parent and time.monotonic() < until:
            if sum(os.times()[:4]) > TOGETHER * cpu:
                (Path(folder) / "late").touch()
                os.killpg(0, signal.SIGKILL)
            time.sleep(EVERY)
        _end(folder)

    threading.Thread(target=look, name="watch", daemon=True).start()


def _end(folder: str) -> None:
    """Kill the session, then remove the folder, from a shell outside the session: no process is left that
    writes to it."""
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
    os.set_inheritable(int(sys.argv[5]), False)  # the lock of the folder: only this process holds it
    watch(int(sys.argv[3]), sys.argv[2], float(sys.argv[4]), int(sys.argv[6]))
    try:
        if sys.argv[9] == "videohash":
            main(sys.argv[1], sys.argv[2])
        else:
            signature(sys.argv[1], sys.argv[2], sys.argv[10])
    finally:
        if os.getppid() != int(sys.argv[3]):  # gone since the last check
            _end(sys.argv[2])

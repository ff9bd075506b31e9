"""videohash.1: one 64-bit value for a whole video, by the videohash package, run in isolation.

It is a hint that two whole videos are copies, never a decision. The package builds shell commands from the
file's extension, may fetch URLs, leaves files open, and relies on a constant that Pillow removed. So it runs
in its own process (`videohash_child`), behind walls (`workers.walls`), in a private folder. The file gets a
safe name, the environment holds no secret, and the time is limited.

The child ends, and removes the folder, when the process that started it is gone. If both were killed, the
next call finds the folder's lock free and removes the folder.
"""

from __future__ import annotations

import fcntl
import logging
import os
import re
import shlex
import shutil
import signal
import stat
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from importlib.util import find_spec
from pathlib import Path
from typing import Final

from workers.hashers import videohash_child

logger = logging.getLogger(__name__)

VALUE_BYTES: Final = 8
SECONDS: Final = 900
"""Time limit in seconds."""
CPU_A_MEGABYTE: Final = 9
"""Seconds of CPU that each process of the child may take for each megabyte of the file, and all of them twice
that (`videohash_child.TOGETHER`). The package needs about 7 s for a minute of 720p, which has some 10 MB."""
ATTEMPTS: Final = 2
"""A child that fails may have been killed, for example for lack of memory. One that fails again cannot read
the file."""
GRACE: Final = 5.0
"""Seconds after the time limit at which the child ends by itself if nobody has ended it."""
PREFIX: Final = "fakeprint-videohash-"
LOCK: Final = "lock"
PROGRAMS: Final = "bin"
LATE: Final = "late"
_WRITES = ("/dev/null",)
"""What the child may write besides its folder."""
_PLAIN = re.compile(r"[A-Za-z0-9_./-]+\Z")
"""Paths that a shell takes literally."""
_FFMPEG: Final = """\
#!/bin/sh
set -- {program} -filter_threads 1 -threads 1 "$@"
[ ! -e {private}/late ] || exit 152
echo >> {private}/begun
looks= status=0
case "$*" in *cropdetect*) looks=yes ;; esac
if [ ! "$looks" ] || [ ! -e {private}/nothing ]; then
    "$@" 2> {private}/log; status=$?
    cat {private}/log >&2
fi
case "$status" in
152) : > {private}/late ;;
0) [ ! "$looks" ] || grep -q crop= {private}/log || : > {private}/nothing ;;
129|1[345]?|226|228|229|232|233|244) exit "$status" ;;
123|255)
    ! grep -q 'received signal 24' {private}/log || : > {private}/late
    ! grep -Eq 'received signal|Received > 3 system signals' {private}/log || exit "$status" ;;
esac
echo >> {private}/ended
exit "$status"
"""
"""Wrapper script that the package uses as ffmpeg.

It uses one thread, which gives the same pictures: workers scale by processes. The package runs ffmpeg for
black bars at twelve times, up to four hours, however short the video is. If nothing is shown at one of them,
nothing is at a later one. Skipping these saves ten starts of ffmpeg, half of the cost of a short video.

Each start, and each end that no signal caused, adds a line to a file. The package uses whatever pictures it
finds, also those of an ffmpeg that was killed halfway (`videohash_child.whole`). A shell reports a signal as
128 plus its number, up to 31. ffmpeg itself exits with the last byte of its error. Most errors are the
video's (183: invalid data, 234: bad argument). Errors of the machine are a lack of space, files or memory
(EROFS, ENOSPC, EFBIG, EMFILE, ENFILE, ENOMEM). If ffmpeg handled a signal, it exits with 255, or with 123 at
the fourth, and says so. Signal 24 is the limit of CPU: no ffmpeg is started after it.
"""


def available() -> str | None:
    """Return None, or what to install."""
    missing = [name for name in ("videohash", "imageio_ffmpeg") if find_spec(name) is None]
    return f"videohash.1 needs the package {missing[0]}." if missing else None


def whole_video(path: Path, *, seconds: float = SECONDS) -> bytes | None:
    """Return the 8 bytes of the video at `path`.

    None if the package is missing, cannot read the file or takes longer than `seconds`: a hint is not worth
    failing a fingerprint.
    """
    if available() is not None:
        return None
    answer = isolated(path, ("videohash",), seconds=seconds)
    if answer is not None and re.fullmatch(r"0x[0-9a-f]{1,16}", answer):
        return int(answer, 16).to_bytes(VALUE_BYTES, "big")
    return None


def isolated(path: Path, work: Sequence[str], *, seconds: float = SECONDS) -> str | None:
    """Return what the child prints about the video at `path`; None or empty if it fails twice or takes longer
    than `seconds`. `work`: the child's last arguments."""
    sweep()
    answer = None
    for _attempt in range(ATTEMPTS):
        with _private() as (private, lock):
            if not _PLAIN.match(str(private)):
                logger.warning("%s is left out: the temporary folder's name is unsafe in a shell", work[0])
                return None
            named = private / "video.mkv"
            named.symlink_to(_openable_by_child(path))
            answer = _run(named, private, lock, seconds, work)
        if answer is not None:
            break
    return answer


def _openable_by_child(path: Path) -> Path:
    """Return a path that the child can open too. A file without a name is reached through this process's
    descriptors."""
    descriptor = re.fullmatch(r"/proc/self/fd/([0-9]+)", str(path))
    return Path(f"/proc/{os.getpid()}/fd/{descriptor[1]}") if descriptor else path.resolve()


def sweep() -> None:
    """Remove this user's folders that no living process holds: they were left behind by a kill."""
    for folder in Path(tempfile.gettempdir()).glob(f"{PREFIX}*"):
        with suppress(OSError):
            status = folder.lstat()
            if not stat.S_ISDIR(status.st_mode) or status.st_uid != os.geteuid():
                continue
            lock = _locked(folder)
            if lock is not None:
                try:
                    shutil.rmtree(folder, ignore_errors=True)
                finally:
                    os.close(lock)


@contextmanager
def _private() -> Iterator[tuple[Path, int]]:
    """Yield a new folder, and the open file whose lock holds it while this process or the child lives."""
    lock = None
    while lock is None:  # otherwise a sweep took the folder before it was locked, and removes it
        folder = Path(tempfile.mkdtemp(prefix=PREFIX))
        with suppress(FileNotFoundError):
            lock = _locked(folder)
    try:
        yield folder, lock
    finally:
        shutil.rmtree(folder, ignore_errors=True)
        os.close(lock)


def _locked(folder: Path) -> int | None:
    """Return the folder's lock, held; None if another process holds it or has just removed the folder."""
    path = folder / LOCK
    lock = os.open(path, os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW | os.O_CLOEXEC, 0o600)
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        if os.path.samestat(os.fstat(lock), path.lstat()):
            return lock
    except (BlockingIOError, FileNotFoundError):
        pass
    except BaseException:
        os.close(lock)
        raise
    os.close(lock)
    return None


def _run(named: Path, private: Path, lock: int, seconds: float, work: Sequence[str]) -> str | None:
    """Return the child's output; empty if it takes too long, None if it fails."""
    ffmpeg = _install(private)
    cpu = max(1, -(-named.stat().st_size // 1_000_000)) * CPU_A_MEGABYTE
    arguments = [str(named), str(private), str(os.getpid()), str(seconds + GRACE), str(lock), str(cpu)]
    arguments += [ffmpeg, os.pathsep.join(_WRITES), *work]
    command = [sys.executable, "-I", videohash_child.__file__, *arguments]
    path = f"{private / PROGRAMS}{os.pathsep}{os.defpath}"
    environment = {"PATH": path, "HOME": str(private), "TMPDIR": str(private), "LANG": "C.UTF-8"}
    with subprocess.Popen(
        command,
        env=environment,
        cwd=private,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        pass_fds=(lock,),
        start_new_session=True,
    ) as child:
        try:
            answer, complaint = child.communicate(timeout=seconds)
        except BaseException as error:
            # The child's shells and ffmpeg are in its group. None of them may outlive this call.
            os.killpg(child.pid, signal.SIGKILL)
            if not isinstance(error, subprocess.TimeoutExpired):
                raise
            logger.warning("%s took longer than %g s", work[0], seconds)
            return ""
    if (private / LATE).exists() or child.returncode == -signal.SIGXCPU:
        logger.warning("%s took more than %d s of CPU", work[0], cpu)
        return ""
    if child.returncode != 0:
        logger.warning("%s could not read the file: %s", work[0], complaint.strip()[-300:])
        return None
    return answer.strip()


def _install(private: Path) -> str:
    """Put `ffmpeg` into the folder of programs: the one of imageio-ffmpeg, on one thread. Return its path."""
    import imageio_ffmpeg  # noqa: PLC0415  # optional

    programs = private / PROGRAMS
    programs.mkdir()
    program = programs / "ffmpeg"
    ffmpeg = str(imageio_ffmpeg.get_ffmpeg_exe())
    program.write_text(_FFMPEG.format(program=shlex.quote(ffmpeg), private=private), encoding="utf-8")
    program.chmod(0o755)  # the child may be another user
    return ffmpeg

"""The videohash package at arm's length: it builds shell commands, so nothing of ours may reach one."""

from __future__ import annotations

import os
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
import time
import warnings
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

import imageio_ffmpeg
import numpy as np
import psutil
import pytest
from PIL import Image
from videohash import VideoHash

from tests.support.media import clips as media
from workers.hashers import videohash

pytestmark = pytest.mark.slow(64)


@pytest.fixture(scope="module")
def clip(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return media.clip(tmp_path_factory.mktemp("videohash") / "clip.mp4", seconds=4, size=(320, 180))


@pytest.fixture(scope="module")
def value(clip: Path) -> bytes:
    """The hash of the clip."""
    found = videohash.whole_video(clip)
    assert found is not None
    return found


@pytest.fixture(autouse=True)
def _alone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Nobody else's folders lie among those of the test."""
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))


def _left_behind() -> set[Path]:
    return set(Path(tempfile.gettempdir()).glob("fakeprint-videohash-*"))


def test_it_hashes_a_video_and_leaves_nothing_behind(clip: Path, value: bytes) -> None:
    before = _left_behind()
    assert len(value) == videohash.VALUE_BYTES
    assert videohash.whole_video(clip) == value
    assert _left_behind() <= before


def test_results_equal_those_of_the_package(
    clip: Path, value: bytes, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Quicker, and the same value."""
    monkeypatch.setattr(Image, "ANTIALIAS", Image.Resampling.LANCZOS, raising=False)
    (tmp_path / "ffmpeg").symlink_to(imageio_ffmpeg.get_ffmpeg_exe())
    monkeypatch.setenv("PATH", os.fspath(tmp_path), prepend=os.pathsep)
    storage = tmp_path / "storage"
    storage.mkdir()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        said = VideoHash(path=str(clip), storage_path=f"{storage}/").hash_hex
    assert value == int(said, 16).to_bytes(videohash.VALUE_BYTES, "big")


def test_not_looking_beyond_the_end_changes_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """For black bars, which are looked for up to the fourth hour."""
    barred = (np.pad(item, ((40, 40), (0, 0), (0, 0))) for item in media.panning("astronaut", 320, 180, 60))
    path = media.encode(tmp_path / "barred.mp4", barred, rate=10)
    found = videohash.whole_video(path)
    assert found is not None
    asked = tmp_path / "asked"
    asked.touch()
    asked.chmod(0o666)  # ffmpeg is not root
    plain = '#!/bin/sh\necho "$*" >> {private}/../asked\nexec {program} "$@"\n'
    monkeypatch.setattr(videohash, "_FFMPEG", plain)
    assert videohash.whole_video(path) == found
    text = asked.read_text()
    assert text.count("cropdetect") == 12
    assert " -vf crop=320:1" in text


def test_a_child_that_was_killed_is_tried_again(clip: Path, value: bytes) -> None:
    """Else a video that is read while memory is short would lack its hash for good."""
    found: list[bytes | None] = []
    asking = threading.Thread(target=lambda: found.append(videohash.whole_video(clip)))
    asking.start()
    killed = False
    while asking.is_alive() and not killed:
        for item in psutil.Process().children():
            with suppress(psutil.NoSuchProcess):
                if any("videohash_child" in word for word in item.cmdline()):
                    item.kill()
                    killed = True
    asking.join()
    assert killed
    assert found == [value]


@pytest.mark.parametrize("asked", ["cropdetect", "jpeg"])
def test_an_ffmpeg_that_was_killed_gives_no_other_value(
    clip: Path, value: bytes, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, asked: str
) -> None:
    """The package takes the pictures that it finds, however many: the whole is tried again."""
    real, once, dies = imageio_ffmpeg.get_ffmpeg_exe(), tmp_path / "once", tmp_path / "dies"
    few = f'{real} "$@" -frames:v 1' if asked == "cropdetect" else f'{real} -t 1 "$@"'
    first = f"[ -e {once} ] || {{ : > {once}; {few}; kill -s KILL $$; }}"
    dies.write_text(f'#!/bin/sh\ncase "$*" in *{asked}*) {first} ;; esac\nexec {real} "$@"\n')
    dies.chmod(0o700)
    monkeypatch.setattr(imageio_ffmpeg, "get_ffmpeg_exe", lambda: str(dies))
    assert videohash.whole_video(clip) == value
    assert once.exists()


@pytest.fixture(autouse=True)
def _scripts_may_write(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What stands for ffmpeg in these tests notes in the test's folder what was done."""
    monkeypatch.setattr(videohash, "_WRITES", ("/dev/null", str(tmp_path)))


def _instead(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, lines: str) -> None:
    """An ffmpeg that is a script; `$real` is the real one."""
    script = tmp_path / "instead"
    script.write_text(f'#!/bin/sh\nreal={imageio_ffmpeg.get_ffmpeg_exe()}\n{lines}\nexec "$real" "$@"\n')
    script.chmod(0o700)
    monkeypatch.setattr(imageio_ffmpeg, "get_ffmpeg_exe", lambda: str(script))


@pytest.mark.parametrize(
    ("wrong", "status"),
    [('-i "$0"', 183), ("-f lavfi -i color=s=16x16:d=1 -vf crop=99:99 -f null -", 234)],
)
def test_an_ffmpeg_that_fails_by_itself_was_not_killed(
    clip: Path, value: bytes, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, wrong: str, status: int
) -> None:
    """Its own codes of failure lie above 128 too. The pictures that it made are what the package goes by."""
    said = tmp_path / "status"
    after = f'"$real" "$@"; "$real" {wrong}; echo $? >> {said}; exit "$(tail -n 1 {said})"'
    _instead(tmp_path, monkeypatch, f'case "$*" in *jpeg*) {after} ;; esac')
    assert videohash.whole_video(clip) == value
    assert said.read_text().split() == [str(status)]


@pytest.fixture(scope="module")
def half_a_minute(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, bytes | None]:
    """A video with few frames, and its hash."""
    path = tmp_path_factory.mktemp("half") / "half.mp4"
    media.encode(path, media.panning("astronaut", 320, 180, 60), rate=2)
    return path, videohash.whole_video(path)


@pytest.mark.parametrize("name", ["TERM", "KILL"])
def test_an_interrupted_ffmpeg_is_retried(
    half_a_minute: tuple[Path, bytes | None], tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    """It ends as if it had failed, having made fewer pictures."""
    path, found = half_a_minute
    assert found is not None
    once, status = tmp_path / "once", tmp_path / "status"
    slow = f'"$real" -re "$@" & child=$!; sleep 2; kill -s {name} $child; wait $child; status=$?'
    text = f'[ -e {once} ] || {{ : > {once}; {slow}; echo "$status" > {status}; exit "$status"; }}'
    _instead(tmp_path, monkeypatch, f'case "$*" in *jpeg*) {text} ;; esac')
    assert videohash.whole_video(path) == found
    assert status.read_text().split() == ["137" if name == "KILL" else "255"]


def test_a_video_that_costs_too_much_cpu_has_no_value_and_is_not_tried_again(
    clip: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(videohash, "CPU_A_MEGABYTE", 2)
    begun = tmp_path / "begun"
    _instead(tmp_path, monkeypatch, f'case "$*" in *jpeg*) echo >> {begun}; while :; do :; done ;; esac')
    assert videohash.whole_video(clip) is None
    assert begun.read_text() == "\n"


def test_processes_that_cost_too_much_cpu_together_give_no_value_either(
    clip: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each stays below its limit, and is whole."""
    monkeypatch.setattr(videohash, "CPU_A_MEGABYTE", 2)
    begun = tmp_path / "begun"
    second = "(ulimit -t 1; while :; do :; done)"
    _instead(tmp_path, monkeypatch, f"echo >> {begun}; {second}; {second}")
    assert videohash.whole_video(clip) is None
    assert 2 <= len(begun.read_text()) < 5, "of five"


def test_an_ffmpeg_without_room_gives_no_other_value(
    clip: Path, value: bytes, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """That is not the video's fault."""
    once = tmp_path / "once"
    full = f'[ -e {once} ] || {{ : > {once}; "$real" -t 1 "$@"; exit 228; }}'
    _instead(tmp_path, monkeypatch, f'case "$*" in *jpeg*) {full} ;; esac')
    assert videohash.whole_video(clip) == value
    assert once.exists()


def test_a_name_is_never_a_command(
    clip: Path, value: bytes, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    hostile = tmp_path / 'b "$(touch owned)`touch owned`;touch owned.mp4$(touch owned)'
    shutil.copyfile(clip, hostile)
    assert videohash.whole_video(hostile) == value
    assert list(tmp_path.rglob("owned")) == []


def test_other_files_have_no_video_hash(tmp_path: Path) -> None:
    path = tmp_path / "text.mp4"
    path.write_text("not a video")
    assert videohash.whole_video(path) is None


def test_it_is_stopped_in_time(clip: Path) -> None:
    before = _left_behind()
    assert videohash.whole_video(clip, seconds=0.05) is None
    assert _left_behind() <= before


def test_an_unsafe_temporary_folder_is_not_used(
    clip: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    unsafe = tmp_path / "a $(touch owned)"
    unsafe.mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(unsafe))
    assert videohash.whole_video(clip) is None


WORKER = "import sys; from pathlib import Path; from workers.hashers import videohash as v; "
CALL = "v.whole_video(Path(sys.argv[1]))"


def _until[T](look: Callable[[], T], *, seconds: float = 20) -> T:
    end = time.monotonic() + seconds
    while not (found := look()) and time.monotonic() < end:
        time.sleep(0.05)
    return found


def _members(session: int) -> list[int]:
    """The living processes of a session. One that is "Z" holds its files while a thread of it lives."""
    found = []
    for status in Path("/proc").glob("[0-9]*/stat"):
        try:
            state, _, _, its_session, *more = status.read_text().rpartition(")")[2].split()
        except (FileNotFoundError, ProcessLookupError):
            continue
        threads = int(more[13])
        if int(its_session) == session and (state != "Z" or threads > 1):
            found.append(int(status.parent.name))
    return found


def _owner(process: int) -> int:
    """The number of its user."""
    found = re.search(r"^Uid:\s+\d+\s+(\d+)", Path(f"/proc/{process}/status").read_text(), re.MULTILINE)
    assert found is not None
    return int(found[1])


@pytest.fixture(scope="module")
def long(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A minute."""
    path = tmp_path_factory.mktemp("long") / "long.mp4"
    return media.encode(path, media.panning("astronaut", 320, 180, 1500), options={"preset": "ultrafast"})


@pytest.fixture
def at_work(
    long: Path, tmp_path_factory: pytest.TempPathFactory
) -> tuple[subprocess.Popen[bytes], int, Path]:
    """A process in the midst of a video, the session of its child, and the folder of temporary files."""
    assert videohash.available() is None
    base = tmp_path_factory.mktemp("killed")
    temporary = base / "temporary"
    temporary.mkdir()
    worker = subprocess.Popen(
        [sys.executable, "-c", WORKER + CALL, str(long)],
        env={**os.environ, "TMPDIR": str(temporary), "PYTHONPATH": str(Path(__file__).parents[3])},
    )
    # It has written frames.
    assert _until(lambda: list(temporary.glob("*/storage/**/*.jp*g")))
    (child,) = (
        int(path.parent.name)
        for path in Path("/proc").glob("[0-9]*/cmdline")
        if _reads(path, b"videohash_child") and _reads(path, bytes(temporary))
    )
    return worker, child, temporary


def _reads(path: Path, word: bytes) -> bool:
    try:
        return word in path.read_bytes()
    except (FileNotFoundError, ProcessLookupError):
        return False


def test_the_child_ends_with_its_worker_and_cleans_up(
    at_work: tuple[subprocess.Popen[bytes], int, Path],
) -> None:
    worker, child, temporary = at_work
    worker.kill()
    worker.wait()
    assert _until(lambda: not _members(child), seconds=5)
    assert _until(lambda: not list(temporary.iterdir()), seconds=5)


def test_an_ffmpeg_that_only_its_owner_may_run_is_run(
    clip: Path, value: bytes, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As where root installed everything for itself alone."""
    program = tmp_path / "ffmpeg"
    program.write_text(f'#!/bin/sh\nexec {imageio_ffmpeg.get_ffmpeg_exe()} "$@"\n')
    program.chmod(0o700)
    monkeypatch.setattr(imageio_ffmpeg, "get_ffmpeg_exe", lambda: str(program))
    assert videohash.whole_video(clip) == value


def test_a_file_of_root_alone_is_read(clip: Path, value: bytes, tmp_path: Path) -> None:
    private = tmp_path / "private.mp4"
    shutil.copyfile(clip, private)
    private.chmod(0o600)
    assert videohash.whole_video(private) == value


def test_its_programs_are_not_root(at_work: tuple[subprocess.Popen[bytes], int, Path]) -> None:
    worker, child, _ = at_work
    owners = {_owner(member) for member in _members(child) if member != child}
    worker.kill()
    worker.wait()
    assert owners
    assert 0 not in owners


def test_leftovers_of_killed_processes_are_swept(
    at_work: tuple[subprocess.Popen[bytes], int, Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    worker, child, temporary = at_work
    monkeypatch.setattr(tempfile, "tempdir", str(temporary))
    videohash.sweep()
    assert len(list(temporary.iterdir())) == 1, "a folder in use was removed"
    os.killpg(child, signal.SIGSTOP)
    worker.kill()
    worker.wait()
    os.killpg(child, signal.SIGKILL)
    assert _until(lambda: not _members(child))
    assert len(list(temporary.iterdir())) == 1
    videohash.sweep()
    assert list(temporary.iterdir()) == []


def test_a_folder_of_another_kind_is_not_swept(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    (tmp_path / "elsewhere").mkdir()
    (tmp_path / f"{videohash.PREFIX}link").symlink_to(tmp_path / "elsewhere")
    (tmp_path / f"{videohash.PREFIX}left").mkdir()
    videohash.sweep()
    assert {path.name for path in tmp_path.iterdir()} == {"elsewhere", f"{videohash.PREFIX}link"}

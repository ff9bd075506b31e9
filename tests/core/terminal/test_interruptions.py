"""Time that passes, Ctrl-C, a reader that goes away, and progress bars on a terminal."""

from __future__ import annotations

import json
import os
import pty
import signal
import subprocess
from pathlib import Path

import psutil
import pytest

from tests.support.media import clips as media
from tests.support.service import servers as services
from tests.support.service.stack import PROGRAM, Stack, environment

pytestmark = pytest.mark.slow(32)


def repeated(folder: Path, name: str, times: int) -> Path:
    """Five seconds of 720p, so many times over."""
    part = media.clip(folder / "part.mp4", name, seconds=5, size=(1280, 720), rate=10)
    media.ffmpeg("-stream_loop", str(times - 1), "-i", part, "-c", "copy", folder / "whole.mp4")
    return folder / "whole.mp4"


@pytest.fixture(scope="module")
def long_clip(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Half a minute, which costs no worker less than a second."""
    return repeated(tmp_path_factory.mktemp("long"), "astronaut", 6)


@pytest.fixture(scope="module")
def unknown_clip(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A minute of footage that nobody registers, so that no keyframe settles anything."""
    return repeated(tmp_path_factory.mktemp("unknown"), "immunohistochemistry", 12)


def copy(clip: Path, target: Path, salt: str) -> Path:
    """The clip as another file: bytes after the end are no part of the video."""
    target.write_bytes(clip.read_bytes() + salt.encode())
    return target


def test_time_that_passes_ends_with_3_and_the_work_goes_on(
    running_service: Stack, long_clip: Path, tmp_path: Path
) -> None:
    clip = copy(long_clip, tmp_path / "clip.mp4", "register")
    done = running_service.fakeprint("register", clip, "--timeout", "0.5", "--json")
    assert done.status == 3, done.stdout
    entry_id = done.line["entry_id"]
    assert done.line["error"]["code"] == "timed_out"
    assert f"`fakeprint entries {entry_id}`" in done.line["error"]["message"]
    services.wait_until(
        lambda: running_service.fakeprint("entries", entry_id, "--json").line["status"] == "matchable", 90
    )


def test_a_lookup_that_takes_too_long(running_service: Stack, unknown_clip: Path, tmp_path: Path) -> None:
    here = running_service.fakeprint("lookup", unknown_clip, "/missing", "--timeout", "0.5")
    assert here.status == 3
    assert here.stderr.startswith(f"error [timed_out]: {unknown_clip}: ")
    assert "error [missing_path]: /missing: " in here.stderr
    clip = copy(unknown_clip, tmp_path / "clip.mp4", "lookup")
    there = running_service.fakeprint("lookup", clip, "--upload", "--timeout", "0.7", "--json")
    assert there.status == 3
    assert there.line["lookup_id"] in there.line["error"]["message"]


def test_ctrl_c_ends_at_once(running_service: Stack, unknown_clip: Path, tmp_path: Path) -> None:
    clip = copy(unknown_clip, tmp_path / "clip.mp4", "ctrl-c")
    # Tests that a shell has put into the background ignore Ctrl-C, as would all that they start.
    command = ["env", "--default-signal=INT", *PROGRAM, "lookup", str(clip)]
    env = environment(FAKEPRINT_DATA=str(running_service.data))
    with subprocess.Popen(command, env=env, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as process:
        before = _spent_by_children()  # Popen has reaped processes that earlier tests left
        # By then a process forked for the file reads it, in native code.
        services.wait_until(lambda: len(psutil.Process(process.pid).children(recursive=True)) > 1, 60)
        spent = sum(psutil.Process(process.pid).cpu_times()[:4])
        process.send_signal(signal.SIGINT)
        stdout, stderr = process.communicate(timeout=services.PATIENCE)
    assert process.returncode == 130, stderr
    assert _spent_by_children() - before - spent < 5, "seconds of work, however long others made it wait"
    assert stdout == b""
    assert stderr.decode().strip() == "error [interrupted]: Stopped before the end."


def test_bars_go_to_the_terminal_and_answers_to_the_file(
    running_service: Stack, long_clip: Path, tmp_path: Path
) -> None:
    clip = copy(long_clip, tmp_path / "[red]clip.mp4", "bars")
    ours, theirs = pty.openpty()
    command = [*PROGRAM, "lookup", str(clip), "/missing", "--json"]
    env = environment(FAKEPRINT_DATA=str(running_service.data), TERM="xterm", COLUMNS="120")
    with subprocess.Popen(command, env=env, stdout=subprocess.PIPE, stderr=theirs) as process:
        os.close(theirs)
        drawn = b""
        while True:
            try:
                piece = os.read(ours, 65536)
            except OSError:
                break
            if not piece:
                break
            drawn += piece
        assert process.stdout is not None
        lines = [json.loads(line) for line in process.stdout.read().splitlines()]
    os.close(ours)
    assert process.returncode == 1
    assert [line["path"] for line in lines] == [str(clip), "/missing"]
    assert b"fingerprinting" in drawn
    assert b"[red]clip.mp4" in drawn


def _spent_by_children() -> float:
    """Seconds of work of all that this process has started and seen end."""
    times = os.times()
    return times.children_user + times.children_system

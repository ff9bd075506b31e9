"""A process that reads a foreign file ends with that file, and whoever asked for it lives on."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Final

import psutil
import pytest

from registry.core.errors import BadMedia, DecoderCrashed, FakeprintError, MissingPath, TookTooLong
from workers.errors import DecoderLost
from workers.walls import session

ROOT: Final = Path(__file__).parents[3]
MODULE: Final = "hostile_calls"


@pytest.fixture
def path(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    start = f"import sys; sys.path.insert(0, {str(Path(__file__).parent)!r}); "
    start += "from workers.walls.server import main; main(sys.argv[1:])"

    def program(
        arguments: tuple[str, ...],
        descriptors: tuple[int, ...],
        environment: Mapping[str, str] = session.ENVIRONMENT,
    ) -> subprocess.Popen[bytes]:
        return subprocess.Popen(
            [sys.executable, "-I", "-c", start, *arguments],
            env=environment,
            pass_fds=descriptors,
            cwd="/",
        )

    monkeypatch.setattr(session, "_program", program)
    file = tmp_path / "file"
    file.write_text("content")
    file.chmod(0o600)
    yield file
    session.stop()
    assert not [child for child in psutil.Process().children() if child.status() == psutil.STATUS_ZOMBIE]


def called(path: Path, name: str, *, seconds: int = 20) -> list[bytes]:
    with session.opened(path, MODULE, seconds=seconds) as opened:
        return list(opened.call(name, b"order"))


def test_it_reads_its_file_and_has_nothing_else(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FAKEPRINT_DATABASE_URL", "postgresql://user:password@host/database")
    (found,) = called(path, "read")
    assert found.endswith(b" order content")
    monkeypatch.setattr(os, "getpriority", lambda *_: 7)
    environment, descriptors, niceness = called(path, "environment")
    assert b"FAKEPRINT" not in environment
    assert b"password" not in environment
    assert len(descriptors.split(b",")) == 5, "standard ones, its connection and its file"
    if session._FORKS:
        assert int(niceness) == max(7, os.nice(0)), "that of whoever asks"


@pytest.mark.parametrize(("name", "by"), [("fault", "SIGSEGV"), ("abort", "SIGABRT"), ("killed", "SIGKILL")])
def test_a_crash_is_an_error_of_the_file(path: Path, name: str, by: str) -> None:
    for _ in range(2):
        with pytest.raises(DecoderCrashed, match=by) as caught:
            called(path, name)
        assert caught.value.killed is (name == "killed")
    assert called(path, "read")


def test_nonsense_is_a_crash(path: Path) -> None:
    with pytest.raises(DecoderCrashed):
        called(path, "nonsense")


def test_memory_is_bounded(path: Path) -> None:
    with pytest.raises(BadMedia) as caught:
        called(path, "memory")
    assert caught.value.code == "too_large"


@pytest.mark.slow
def test_time_is_bounded(path: Path) -> None:
    """Also where what starts them was started while signals waited."""
    held_back = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGXCPU})
    try:
        session.share(MODULE)
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, held_back)
    began = time.monotonic()
    with pytest.raises(TookTooLong, match="1 s"):
        called(path, "spin", seconds=1)
    assert time.monotonic() - began < 20
    assert TookTooLong().status == 422


@pytest.mark.slow
def test_its_own_seconds_are_known_while_it_works(path: Path) -> None:
    """Those of the CPU: a process that others make slow has not had more."""

    class Enough(Exception):
        pass

    def progress(_share: float) -> None:
        if session.working_seconds() > 0.3:
            raise Enough

    assert session.working_seconds() == 0
    with pytest.raises(Enough), session.opened(path, MODULE, seconds=20) as opened:
        list(opened.call("spin", b"", progress))
    assert session.working_seconds() == 0


def test_whoever_waits_no_longer_ends_it(path: Path) -> None:
    class Enough(Exception):
        pass

    def progress(share: float) -> None:
        if share:
            raise Enough

    pids: list[int] = []
    with pytest.raises(Enough), session.opened(path, MODULE, seconds=20) as opened:
        pids.extend(int(pid) for pid in opened.call("spin", b"", progress))
    with session.opened(path, MODULE, seconds=20) as opened:
        pids.append(int(next(opened.call("spin", b""))))
    assert not any(map(psutil.pid_exists, pids))


def test_errors_of_the_work_arrive(path: Path) -> None:
    with session.opened(path, MODULE, seconds=20) as opened:
        with pytest.raises(BadMedia, match="It ends") as caught:
            list(opened.call("truncated", b""))
        assert (caught.value.code, caught.value.next_step) == ("truncated_media", "Send the rest.")
        assert list(opened.call("read", b"again"))
    for name in ("bug", "lie"):
        with pytest.raises(FakeprintError) as other:
            called(path, name)
        assert other.value.code == "internal"


def test_a_path_that_cannot_be_opened(tmp_path: Path, path: Path) -> None:
    with pytest.raises(MissingPath):
        called(tmp_path / "none", "read")
    assert path.exists()


def test_several_work_at_once(path: Path) -> None:
    found: list[bytes] = []
    threads = [threading.Thread(target=lambda: found.extend(called(path, "read"))) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(found) == 8


def test_what_starts_them_is_started_again(path: Path) -> None:
    called(path, "read")
    server = session._servers[MODULE]._process
    server.kill()
    server.wait()
    assert called(path, "read")


def test_whoever_forks_anew_shares_one_that_lives(path: Path) -> None:
    (before,) = session.share(MODULE)
    assert session.share(MODULE) == (before,)
    server = session._servers[MODULE]
    server._process.kill()
    server._process.wait()
    session.share(MODULE)
    assert session._servers[MODULE] is not server
    child = os.fork()
    if not child:
        os._exit(0 if session._servers[MODULE].shared and called(path, "read") else 1)
    assert os.waitpid(child, 0)[1] == 0


def test_where_no_process_can_be_started_the_others_work_on(path: Path) -> None:
    session.share(MODULE)
    pid = session._servers[MODULE]._process.pid
    with session.opened(path, MODULE, seconds=20) as opened:
        assert list(opened.call("read", b"order"))
        most = psutil.Process(pid).rlimit(psutil.RLIMIT_NOFILE)
        psutil.Process(pid).rlimit(psutil.RLIMIT_NOFILE, (8, most[1]))
        with pytest.raises(DecoderLost):
            called(path, "read")
        assert list(opened.call("read", b"order"))
        psutil.Process(pid).rlimit(psutil.RLIMIT_NOFILE, most)
    assert called(path, "read")
    assert session._servers[MODULE]._process.pid == pid


@pytest.mark.slow
def test_a_file_is_not_to_blame_for_a_process_that_never_began(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(session, "WHOLE", 1.0)
    called(path, "read")
    server = session._servers[MODULE]._process
    server.send_signal(signal.SIGSTOP)
    with pytest.raises(DecoderLost):
        called(path, "read", seconds=1)
    server.send_signal(signal.SIGCONT)
    assert called(path, "read")


@pytest.mark.slow
def test_they_end_with_whoever_started_them(path: Path) -> None:
    """Also where it was killed."""
    code = (
        "import os, signal, sys; from pathlib import Path; from workers.walls import session\n"
        "with session.opened(Path(sys.argv[1]), 'workers.pipeline.calls', seconds=60) as opened:\n"
        "    import psutil\n"
        "    while len(found := psutil.Process().children(recursive=True)) < 2: pass\n"
        "    print(*[child.pid for child in found], flush=True)\n"
        "    os.kill(os.getpid(), signal.SIGKILL)\n"
    )
    ran = subprocess.run(
        [sys.executable, "-c", code, str(path)], cwd=ROOT, capture_output=True, text=True, check=False
    )
    pids = [int(pid) for pid in ran.stdout.split()]
    assert len(pids) == 2, ran.stderr
    until = time.monotonic() + 10
    while time.monotonic() < until and any(map(_lives, pids)):
        time.sleep(0.05)
    assert not any(map(_lives, pids))


def _lives(pid: int) -> bool:
    try:
        return psutil.Process(pid).status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False


@pytest.mark.slow
def test_a_process_that_forks_starts_its_own(path: Path) -> None:
    called(path, "read")
    child = os.fork()
    if not child:
        os._exit(0 if called(path, "read") else 1)
    assert os.waitpid(child, 0)[1] == 0
    assert called(path, "read")

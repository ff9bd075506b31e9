"""`fakeprint up` and its folder: refused in words, locked, its database named, its logs kept short."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from registry.app.embedded import binaries, child, location, orphans
from registry.app.embedded import folder as folder_module
from registry.app.embedded import service as service_module
from registry.app.embedded.folder import open_folder
from registry.app.embedded.mirror import Mirror
from registry.app.embedded.postgres import Cluster
from registry.app.embedded.service import Service
from registry.app.embedded.supervisor import Supervisor
from registry.core.errors import BadInput, Conflict, Unavailable
from registry.core.settings import Settings
from tests.support.service import servers as services
from tests.support.service.up import begin


@pytest.fixture
def data() -> Iterator[Path]:
    with services.open_temporary_folder("up") as folder:
        yield folder / "data"


def test_a_folder_that_cannot_be_one_is_named(data: Path) -> None:
    data.write_text("a file")
    up = begin(data, "--port", "0")
    _, complained = up.process.communicate(timeout=services.PATIENCE)
    assert up.process.returncode in {1, 2}
    assert str(data) in complained


def test_a_path_too_long_for_postgresql_is_refused_in_short(data: Path) -> None:
    for times in (30, 5):
        path = data.joinpath(*["x" * 200] * times)
        with pytest.raises(BadInput) as caught:
            open_folder(path)
        assert caught.value.code == "data_folder_invalid"
        assert len(caught.value.message) < 120
    assert not data.exists()


@pytest.mark.slow
def test_the_longest_path_does_for_postgresql(data: Path) -> None:
    room = folder_module.MAX_PATH_BYTES - len(os.fsencode(data))
    folder = open_folder(data.joinpath(*["x" * 199] * (room // 200), "x" * (room % 200 - 1)))
    assert len(os.fsencode(folder.path)) == folder_module.MAX_PATH_BYTES
    cluster = Cluster(location.home(folder.path), folder.password, folder.log("postgres"))
    try:
        assert cluster.start()
    finally:
        cluster.stop()


@pytest.mark.slow
@pytest.mark.skipif(os.geteuid() != 0, reason="Only root's database lies outside the data folder.")
def test_a_database_elsewhere_is_named_at_every_start(data: Path) -> None:
    data.mkdir(mode=0o700)
    for _ in range(2):
        up = begin(data, "--port", "0")
        assert up.process.stderr is not None
        try:
            lines = iter(up.process.stderr.readline, "")
            place_line = next(line for line in lines if "lies" in line)
            cluster = (data / "postgres").readlink()
            assert place_line == f"The database lies in {cluster}, outside the data folder.\n"
        finally:
            up.process.terminate()
            up.process.communicate(timeout=services.PATIENCE)
    shutil.rmtree(cluster)


def test_a_forgotten_database_is_named_and_no_other(data: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    system = data.parent / "system"
    monkeypatch.setattr(binaries, "SYSTEM_FOLDER", system)
    for name in ("cluster-kept", "cluster-gone", "cluster-replaced", "cluster-nobody's", "cluster-empty"):
        (system / name / "data").mkdir(parents=True)
    (system / "cluster-empty" / "data").rmdir()
    folder = open_folder(data)
    place = folder.path / "postgres"
    place.symlink_to(system / "cluster-kept")
    for name in ("cluster-kept", "cluster-replaced"):
        (system / name / "origin").write_text(f"{place}\n")
    for name in ("cluster-gone", "cluster-empty"):
        (system / name / "origin").write_text(f"{data.parent}/a\x1b[2Jb/postgres\n")
    gone, replaced = orphans.warnings()
    assert gone.endswith(f"rm -rf {system / 'cluster-gone'}")
    assert f"{data.parent}/a?[2Jb, which is gone" in gone
    assert replaced.endswith(f"rm -rf {system / 'cluster-replaced'}")

    moved = data.rename(data.with_name("moved"))
    assert len(list(orphans.warnings())) == 3
    assert location.home(moved) == system / "cluster-kept"
    assert orphans.origin(system / "cluster-kept") == moved / "postgres"
    assert len(list(orphans.warnings())) == 2


def test_the_lock_names_the_process_that_holds_the_folder(data: Path) -> None:
    folder = open_folder(data)
    folder.run_file.write_text("{not json")
    with folder.locked():
        assert not folder.run_file.exists()
        with pytest.raises(Conflict) as caught, folder.locked():
            pass
        assert caught.value.code == "already_running"
        assert caught.value.extra == {"pid": os.getpid(), "url": None}
    with folder.locked():
        assert True


def run_instead(monkeypatch: pytest.MonkeyPatch, code: str) -> None:
    """Let services run this Python code, in programs of their own: the tests' process has threads."""

    def start(_name: str, command: partial[Any], **more: Any) -> subprocess.Popen[bytes]:
        (arguments,) = command.args
        return child.spawn([sys.executable, "-c", code, *arguments], environment=os.environ, **more)

    monkeypatch.setattr(child, "fork", start)


def test_a_child_that_keeps_ending_is_given_up(data: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    run_instead(monkeypatch, "print('error [x]: no luck'); 1/0")
    folder = open_folder(data)
    broken = Service("broken", ("serve",), folder.log("broken"))
    broken.start()
    complaints = []

    def attend_without_pause() -> None:
        while True:
            broken.again_at = 0.0
            complaints.append(broken.attend())
            time.sleep(0.01)

    with pytest.raises(Unavailable) as caught:
        attend_without_pause()
    assert caught.value.code == "child_failed"
    assert "no luck" in caught.value.message
    assert caught.value.next_step == f"See {folder.log('broken')}."
    errors = [complaint for complaint in complaints if complaint]
    assert len(errors) == service_module.GIVE_UP - 1
    assert "in 0.5 s" in errors[0]
    assert "in 4 s" in errors[-1]


SIGNS = """
import pathlib, sys, time
for _ in range(int(sys.argv[2])):
    pathlib.Path(sys.argv[1]).touch()
    time.sleep(0.05)
time.sleep(60)
"""


@pytest.mark.slow
def test_a_child_without_heartbeat_is_restarted(data: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    run_instead(monkeypatch, SIGNS)
    monkeypatch.setattr(service_module, "MUTE", 4.0)
    folder = open_folder(data)
    log = folder.log("x")
    signs = {times: data / times for times in ("10", "1000")}
    hangs, lives = (Service(times, (str(sign), times), log, sign=sign) for times, sign in signs.items())
    starting = Service("starting", ("/dev/null/x", "0"), log, sign=data / "nothing")
    each = (hangs, lives, starting)
    messages: list[str | None] = []
    try:
        for item in each:
            item.start()
        first = [item.pid for item in each]

        def again() -> bool:
            messages.extend(item.attend() for item in each)
            return hangs.pid not in (None, first[0])

        services.wait_until(again, 20)
        assert [item.pid for item in (lives, starting)] == first[1:]
        printed = [item for item in messages if item]
        assert printed[0] == f"10 sent no heartbeat for 4 s; killing it. See {log}."
        assert printed[1].startswith("10 ended (signal SIGKILL); starting it again in 0.5 s.")
        assert len(printed) == 2
    finally:
        for item in each:
            item.request_stop()
            item.end()


def test_a_suspended_supervisor_restarts_no_child(data: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    clock = [0.0]
    run_instead(monkeypatch, "import time; time.sleep(60)")
    monkeypatch.setattr(service_module, "time", SimpleNamespace(monotonic=lambda: clock[0]))
    folder = open_folder(data)
    (sign := data / "sign").touch()
    quiet = Service("quiet", (), folder.log("x"), sign=sign)
    quiet.start()
    assert not sign.exists(), "an earlier one's"
    try:
        for clock[0] in range(0, 1000, 5):
            assert quiet.attend() is None, "it may still start"
        sign.touch()
        for clock[0] in (1001.0, 1100.0, 3700.0, 3701.0):
            assert quiet.attend() is None
        clock[0] = 3700.0
        while quiet.attend() is None:
            clock[0] += 5.0
        assert clock[0] == 3880.0
    finally:
        quiet.request_stop()
        quiet.end()


def test_a_log_is_cut_before_it_fills_the_disk(data: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(folder_module, "MAX_LOG_BYTES", 10)
    folder = open_folder(data)
    supervisor = Supervisor(Settings(), folder, 0, 1, print, print)
    alive = Service("worker-media", (), folder.log("worker-media"), again_at=float("inf"))
    supervisor.services.append(alive)
    for name in ("postgres", "up", "worker-media"):
        folder.log(name).write_text("more than ten bytes")
    supervisor._attend(Mirror([], print))
    for name in ("postgres", "up", "worker-media"):
        assert folder.log(name).read_text() == ""
        assert folder.log(name).with_suffix(".log.1").read_text() == "more than ten bytes"

"""`fakeprint up`, run as a person runs it: ready, one server a folder, nothing left behind, nothing lost."""

from __future__ import annotations

import http.client
import json
import os
import re
import shutil
import signal
import stat
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psutil
import pytest

from registry.embedded import binaries, child, leftovers, location, orphans
from registry.embedded import folder as folder_module
from registry.embedded import service as service_module
from registry.embedded.folder import open_folder
from registry.embedded.mirror import Mirror
from registry.embedded.port import hold
from registry.embedded.postgres import Cluster
from registry.embedded.service import Service
from registry.embedded.supervisor import Supervisor
from registry.errors import BadInput, Conflict, Unavailable
from registry.settings import Settings
from tests import api as processes
from tests import services

FAKEPRINT = (sys.executable, "-c", "from registry.cli import main; main()")


@dataclass
class Up:
    """A running `up`: its process, its folder, and the address it announced."""

    process: subprocess.Popen[Any]
    data: Path
    url: str = ""

    @property
    def run(self) -> dict[str, Any]:
        found: dict[str, Any] = json.loads((self.data / "run.json").read_text())
        return found

    def family(self) -> list[psutil.Process]:
        """Every process that it started, at any depth."""
        return psutil.Process(self.process.pid).children(recursive=True)

    def get(self, path: str, key: str | None = None) -> int:
        host, port = self.url.removeprefix("http://").split(":")
        connection = http.client.HTTPConnection(host, int(port), timeout=20)
        try:
            connection.request("GET", path, headers={"Authorization": f"Bearer {key}"} if key else {})
            return connection.getresponse().status
        finally:
            connection.close()


def begin(data: Path, *options: str) -> Up:
    process = subprocess.Popen(
        [*FAKEPRINT, "up", "--data", str(data), *options],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
        env={name: value for name, value in os.environ.items() if not name.startswith("FAKEPRINT_")},
    )
    return Up(process, data)


@contextmanager
def running(data: Path, *options: str) -> Iterator[Up]:
    """`up` once it has said that it is ready; killed with all its children if the test has not ended it."""
    started = begin(data, "--port", "0", *options)
    assert started.process.stdout is not None
    assert started.process.stderr is not None
    try:
        line = started.process.stdout.readline()
        if not line:
            raise AssertionError(started.process.stderr.read())
        found = re.fullmatch(r"ready (http://127\.0\.0\.1:\d+)\n", line)
        assert found, line
        started.url = found.group(1)
        yield started
    finally:
        if started.process.poll() is None:
            started.process.kill()
        started.process.wait(10)
        started.process.stdout.close()
        started.process.stderr.close()


def gone(family: list[psutil.Process], seconds: float) -> list[psutil.Process]:
    """Those of the family that still run after that time."""
    deadline = time.monotonic() + seconds
    alive = family
    while alive and time.monotonic() < deadline:
        alive = [each for each in alive if each.is_running() and each.status() != psutil.STATUS_ZOMBIE]
        time.sleep(0.1)
    return alive


def hurry(up: Up) -> None:
    """End it by two signals; the second one waits for no task."""
    family = up.family()
    up.process.send_signal(signal.SIGTERM)
    time.sleep(0.3)
    up.process.send_signal(signal.SIGTERM)
    assert up.process.wait(15) == 0
    assert gone(family, 2) == []
    assert not (up.data / "run.json").exists()


@pytest.fixture
def data() -> Iterator[Path]:
    with services.open_temporary_folder("up") as folder:
        yield folder / "data"


def test_up_serves_and_ends_without_a_trace(data: Path) -> None:
    with running(data) as up:
        assert up.get("/health/ready") == 200
        key_file = data / "admin.key"
        key = key_file.read_text().strip()
        assert stat.S_IMODE(key_file.stat().st_mode) == 0o600
        assert key_file.stat().st_uid == os.geteuid()
        assert up.get("/v1/banks", key) == 200
        assert up.get("/v1/banks") == 401
        assert up.run["url"] == up.url
        pids = up.run["pids"]
        assert set(pids) == {
            *("up", "postgres", "api", "worker-interactive", "worker-media", "worker-control")
        }
        family = up.family()
        assert {each.pid for each in family} >= set(pids.values()) - {pids["up"]}
        assert all(each.terminal() is None for each in family)

        second = begin(data, "--port", "0")
        said, complained = second.process.communicate(timeout=30)
        assert (second.process.returncode, said) == (1, "")
        assert "already_running" in complained
        assert str(pids["up"]) in complained
        assert up.url in complained
        assert up.run["pids"] == pids

        up.process.send_signal(signal.SIGTERM)
        assert up.process.wait(30) == 0
        assert gone(family, 1) == []
        assert not (data / "run.json").exists()
        assert "database system is shut down" in (data / "logs" / "postgres.log").read_text()

    with running(data) as up:
        assert key_file.read_text().strip() == key
        assert up.get("/v1/banks", key) == 200
        family = up.family()
        os.killpg(up.process.pid, signal.SIGINT)
        assert up.process.wait(30) == 0
        assert gone(family, 1) == []


def test_a_killed_up_leaves_no_process_and_hinders_nothing(data: Path) -> None:
    with running(data) as up:
        key = (data / "admin.key").read_text().strip()
        family = up.family()
        assert len(family) >= 6
        up.process.kill()
        up.process.wait(5)
        assert gone(family, 10) == []
        assert (data / "run.json").exists()
    with running(data) as up:
        assert up.get("/v1/banks", key) == 200
        assert up.run["url"] == up.url
        hurry(up)


def test_what_dies_is_started_again(data: Path) -> None:
    with running(data) as up:
        before = up.run["pids"]
        for name in ("api", "worker-media", "postgres"):
            os.kill(before[name], signal.SIGKILL)
        services.wait_until(
            lambda: all(
                up.run["pids"].get(name) not in {None, before[name]} for name in ("api", "worker-media")
            ),
            30,
        )

        def ready() -> bool:
            try:
                return up.get("/health/ready") == 200
            except OSError:
                return False

        services.wait_until(ready, 30)
        assert up.run["pids"]["postgres"] != before["postgres"]
        key = (data / "admin.key").read_text().strip()
        assert up.get("/v1/banks", key) == 200
        hurry(up)
    assert "SIGKILL" in (up.data / "logs" / "up.log").read_text()


def test_a_lost_key_is_replaced(data: Path) -> None:
    with running(data) as up:
        lost = (data / "admin.key").read_text().strip()
        hurry(up)
    (data / "admin.key").unlink()
    with running(data) as up:
        key = (data / "admin.key").read_text().strip()
        assert key != lost
        assert up.get("/v1/banks", key) == 200
        hurry(up)


@pytest.mark.parametrize("seen", ["postgres.password", "postgres/data", "logs/worker-control.log"])
def test_up_can_be_stopped_while_it_starts(data: Path, seen: str) -> None:
    up = begin(data, "--port", "0")
    services.wait_until((data / seen).exists, 30)
    family = up.family()
    up.process.send_signal(signal.SIGTERM)
    said, complained = up.process.communicate(timeout=40)
    assert (up.process.returncode, said) == (0, ""), complained
    assert gone(family, 1) == []
    assert list(leftovers.running(data / "postgres" / "data")) == []


def test_a_taken_port_is_named_and_nothing_is_started(data: Path) -> None:
    port = services.free_port()
    with services.running(
        [sys.executable, "-m", "http.server", "-b", "127.0.0.1", str(port)], data.parent / "log"
    ):
        services.wait_until(lambda: services.listens(port), 10)
        up = begin(data, "--port", str(port))
        _, complained = up.process.communicate(timeout=30)
    assert up.process.returncode == 1
    assert "port_in_use" in complained
    assert str(port) in complained
    assert not (data / "postgres").exists()


def test_of_two_begun_together_on_one_port_one_serves(data: Path) -> None:
    port = services.free_port()
    with services.open_temporary_folder("other") as other:
        pair = [begin(each, "--port", str(port)) for each in (data, other / "data")]
        try:
            services.wait_until(lambda: any(each.process.poll() is not None for each in pair), 20)
            [served] = [each for each in pair if each.process.poll() is None]
            [refused] = [each for each in pair if each is not served]
            said, complained = refused.process.communicate(timeout=10)
            assert (refused.process.returncode, said) == (1, "")
            assert "port_in_use" in complained
            assert not (refused.data / "postgres").exists()
            assert served.process.stdout is not None
            assert served.process.stdout.readline() == f"ready http://127.0.0.1:{port}\n"
            served.url = f"http://127.0.0.1:{port}"
            assert served.get("/v1/banks", (served.data / "admin.key").read_text().strip()) == 200
            hurry(served)
        finally:
            for each in pair:
                each.process.kill()
                each.process.communicate(timeout=10)


def test_the_port_is_held_while_the_api_starts_again(data: Path) -> None:
    with running(data) as up:
        before = up.run["pids"]["api"]
        os.kill(before, signal.SIGKILL)
        assert up.get("/health/live") == 200  # nobody answers yet, and yet nobody is refused
        assert up.run["pids"]["api"] != before
        port = int(up.url.rsplit(":", 1)[1])
        with pytest.raises(Conflict) as caught:
            hold(port)
        assert caught.value.code == "port_in_use"
        hurry(up)
        assert not services.listens(port)


@pytest.mark.parametrize("workers", ["1", "2"])
def test_the_api_serves_on_a_descriptor(database_url: str, tmp_path: Path, workers: str) -> None:
    chosen = Settings(database_url=database_url, data=tmp_path)
    with hold(0) as held:
        port = held.getsockname()[1]
        with (tmp_path / "log").open("ab") as log:
            process = child.spawn(
                processes.command("serve", "--fd", str(held.fileno()), "--workers", workers),
                log=log,
                environment=processes.variables(chosen),
                descriptors=[held.fileno()],
            )
        try:
            assert Up(process, tmp_path, f"http://127.0.0.1:{port}").get("/health/live") == 200
            assert f"serving http://127.0.0.1:{port}\n" in (tmp_path / "log").read_text()
        finally:
            services.end(process)
        assert services.listens(port)


def test_a_descriptor_that_is_no_socket_is_refused(database_url: str, tmp_path: Path) -> None:
    done = subprocess.run(
        processes.command("serve", "--fd", "0"),
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
        env=processes.variables(Settings(database_url=database_url, data=tmp_path)),
    )
    assert done.returncode == 1
    assert "cannot_listen" in done.stderr


def test_a_folder_that_cannot_be_one_is_named(data: Path) -> None:
    data.write_text("a file")
    up = begin(data, "--port", "0")
    _, complained = up.process.communicate(timeout=30)
    assert up.process.returncode in {1, 2}
    assert str(data) in complained


def test_a_path_too_long_for_postgresql_is_refused_in_short(data: Path) -> None:
    deep = data.joinpath(*["x" * 200] * 30)
    for path in (deep, Path(*deep.parts[:9])):
        with pytest.raises(BadInput) as caught:
            open_folder(path)
        assert caught.value.code == "data_folder_invalid"
        assert len(caught.value.message) < 120
    assert not data.exists()


def test_the_longest_path_does_for_postgresql(data: Path) -> None:
    room = folder_module.MAX_PATH_BYTES - len(os.fsencode(data))
    folder = open_folder(data.joinpath(*["x" * 199] * (room // 200), "x" * (room % 200 - 1)))
    assert len(os.fsencode(folder.path)) == folder_module.MAX_PATH_BYTES
    cluster = Cluster(location.home(folder.path), folder.password, folder.log("postgres"))
    try:
        assert cluster.start()
    finally:
        cluster.stop()


@pytest.mark.skipif(os.geteuid() != 0, reason="Only root's database lies outside the data folder.")
def test_a_database_elsewhere_is_named_at_every_start(data: Path) -> None:
    data.mkdir(mode=0o700)
    for _ in range(2):
        up = begin(data, "--port", "0")
        assert up.process.stderr is not None
        try:
            lines = iter(up.process.stderr.readline, "")
            said = next(line for line in lines if "lies" in line)
            cluster = (data / "postgres").readlink()
            assert said == f"The database lies in {cluster}, outside the data folder.\n"
        finally:
            up.process.terminate()
            up.process.communicate(timeout=40)
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


def test_the_lock_says_who_holds_the_folder(data: Path) -> None:
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


def test_a_child_that_keeps_ending_is_given_up(data: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(
        service_module, "FAKEPRINT", (sys.executable, "-c", "print('error [x]: no luck'); 1/0")
    )
    folder = open_folder(data)
    broken = Service("broken", ("serve",), folder.log("broken"), dict(os.environ))
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
    said = [complaint for complaint in complaints if complaint]
    assert len(said) == service_module.GIVE_UP - 1
    assert "in 0.5 s" in said[0]
    assert "in 4 s" in said[-1]


def test_a_log_is_cut_before_it_fills_the_disk(data: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(folder_module, "MAX_LOG_BYTES", 10)
    folder = open_folder(data)
    supervisor = Supervisor(Settings(), folder, 0, 1, print, print)
    alive = Service("worker-media", (), folder.log("worker-media"), {}, again_at=float("inf"))
    supervisor.services.append(alive)
    for name in ("postgres", "up", "worker-media"):
        folder.log(name).write_text("more than ten bytes")
    supervisor._attend(Mirror([], print))
    for name in ("postgres", "up", "worker-media"):
        assert folder.log(name).read_text() == ""
        assert folder.log(name).with_suffix(".log.1").read_text() == "more than ten bytes"

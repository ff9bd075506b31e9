"""`fakeprint up`, run as a person runs it: ready, one server a folder, nothing left behind, nothing lost."""

from __future__ import annotations

import os
import signal
import stat
import subprocess
import sys
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import psutil
import pytest

from registry.app.embedded import child, leftovers, stopping
from registry.app.embedded.port import hold
from registry.core.errors import Conflict
from registry.core.settings import Settings
from tests.support.service import api as processes
from tests.support.service import servers as services
from tests.support.service.up import FAKEPRINT, Up, begin, gone, hurry, running

pytestmark = pytest.mark.slow(126)


@pytest.fixture
def data() -> Iterator[Path]:
    with services.open_temporary_folder("up") as folder:
        yield folder / "data"


class Kept:
    """A folder whose `up` one test leaves to the next: each start costs seconds of CPU."""

    def __init__(self, data: Path) -> None:
        self.data = data
        self._ends = ExitStack()
        self._up: Up | None = None

    @property
    def key(self) -> str:
        """The first admin's."""
        return (self.data / "admin.key").read_text().strip()

    def up(self) -> Up:
        """That which runs, else a new one."""
        if self._up is None or self._up.process.poll() is not None:
            self.close()
            self._up = self._ends.enter_context(running(self.data))
        return self._up

    def close(self) -> None:
        self._ends.close()


@pytest.fixture(scope="module")
def kept() -> Iterator[Kept]:
    with services.open_temporary_folder("up") as folder:
        made = Kept(folder / "data")
        yield made
        made.close()


def test_up_prints_addresses_and_the_first_sign_in(kept: Kept) -> None:
    """The command that it prints works as it stands, in any folder."""
    up = kept.up()
    assert up.process.stderr is not None
    messages: list[str] = []
    while not messages or "admin account add" not in messages[-1]:
        messages.append(up.process.stderr.readline())
    text = "".join(messages)
    assert f"{up.url}/docs" in text
    assert f"{up.url}/console" in text
    assert str(kept.data / "admin.key") in text
    assert (up.get("/docs"), up.get("/openapi.json")) == (200, 200)
    command = messages[-1].strip().replace("YOUR-NAME", "ana")
    done = subprocess.run(command, shell=True, cwd="/", capture_output=True, text=True, check=True)  # noqa: S602
    invitation = done.stdout.strip()
    assert invitation.startswith(f"{up.url}/console/")
    assert up.get(invitation.removeprefix(up.url)) == 200


def test_up_serves_and_ends_without_a_trace(kept: Kept) -> None:
    data, up = kept.data, kept.up()
    assert up.get("/health/ready") == 200
    key_file = data / "admin.key"
    key = kept.key
    assert stat.S_IMODE(key_file.stat().st_mode) == 0o600
    assert key_file.stat().st_uid == os.geteuid()
    assert up.get("/v1/banks", key) == 200
    assert up.get("/v1/banks") == 401
    assert up.run["url"] == up.url
    pids = up.run["pids"]
    assert set(pids) == {
        *("up", "postgres", "api"),
        *("worker-interactive", "worker-media", "worker-bulk", "worker-control", "worker-delivery"),
    }
    family = up.family()
    assert {each.pid for each in family} >= set(pids.values()) - {pids["up"]}
    assert all(each.terminal() is None for each in family)
    assert psutil.Process(up.process.pid).num_threads() == 1, "it forks"

    second = begin(data, "--port", "0")
    printed, complained = second.process.communicate(timeout=services.PATIENCE)
    assert (second.process.returncode, printed) == (1, "")
    assert "already_running" in complained
    assert str(pids["up"]) in complained
    assert up.url in complained
    assert up.run["pids"] == pids

    for queue in ("interactive", "media", "control", "delivery"):  # processes, threads and solo alike
        services.wait_until((data / "alive" / queue).exists, 40)
        alive = _check_worker(queue, data)
        assert (alive.returncode, alive.stderr) == (0, "")
        assert alive.stdout.startswith("alive: ")
    os.utime(data / "alive" / "delivery", (0, 0))
    services.wait_until(lambda: _check_worker("delivery", data).returncode == 0, 20)

    up.process.send_signal(signal.SIGTERM)
    assert up.process.wait(services.PATIENCE) == 0
    assert gone(family, 10) == []
    assert not (data / "run.json").exists()
    ended = _check_worker("media", data)
    assert ended.returncode == 1
    assert "error [worker_silent]" in ended.stderr
    assert "database system is shut down" in (data / "logs" / "postgres.log").read_text()


def _check_worker(queue: str, data: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [*FAKEPRINT, "worker", "--queues", queue, "--check"],
        env=os.environ | {"FAKEPRINT_DATA": str(data)},
        capture_output=True,
        text=True,
        timeout=services.PATIENCE,
        check=False,
    )


def test_a_killed_up_leaves_no_process_and_hinders_nothing(kept: Kept) -> None:
    before = kept.key if kept.data.exists() else None
    up, key = kept.up(), kept.key
    assert before in {None, key}
    assert up.get("/v1/banks", key) == 200
    family = up.family()
    assert len(family) >= 6
    up.process.kill()
    up.process.wait(services.PATIENCE)
    assert gone(family, 10) == []
    assert (kept.data / "run.json").exists()
    up = kept.up()
    assert up.get("/v1/banks", key) == 200
    assert up.run["url"] == up.url


def test_dead_processes_are_restarted(kept: Kept) -> None:
    up = kept.up()
    before = up.run["pids"]
    for name in ("api", "worker-media", "postgres"):
        os.kill(before[name], signal.SIGKILL)
    services.wait_until(
        lambda: all(up.run["pids"].get(name) not in {None, before[name]} for name in ("api", "worker-media")),
        30,
    )

    def ready() -> bool:
        try:
            return up.get("/health/ready") == 200
        except OSError:
            return False

    services.wait_until(ready, 30)
    assert up.run["pids"]["postgres"] != before["postgres"]
    assert up.get("/v1/banks", kept.key) == 200
    assert "SIGKILL" in (up.data / "logs" / "up.log").read_text()


def test_a_lost_key_is_replaced(kept: Kept) -> None:
    up, lost = kept.up(), kept.key
    hurry(up)
    (kept.data / "admin.key").unlink()
    up = kept.up()
    assert kept.key != lost
    assert up.get("/v1/banks", kept.key) == 200


def test_the_port_is_held_while_the_api_starts_again(kept: Kept) -> None:
    up = kept.up()
    before = up.run["pids"]["api"]
    os.kill(before, signal.SIGKILL)
    assert up.get("/health/live") == 200  # nobody answers yet, and yet nobody is refused
    assert up.run["pids"]["api"] != before
    port = int(up.url.rsplit(":", 1)[1])
    with pytest.raises(Conflict) as caught:
        hold(port)
    assert caught.value.code == "port_in_use"
    family = up.family()
    os.killpg(up.process.pid, signal.SIGINT)
    assert up.process.wait(services.PATIENCE) == 0
    assert gone(family, 10) == []
    assert not services.listens(port)


@pytest.mark.parametrize("seen", ["postgres.password", "postgres/data", "logs/worker-control.log"])
def test_up_can_be_stopped_while_it_starts(data: Path, seen: str) -> None:
    up = begin(data, "--port", "0")
    services.wait_until((data / seen).exists, 30)
    family = up.family()
    up.process.send_signal(signal.SIGTERM)
    printed, complained = up.process.communicate(timeout=services.PATIENCE)
    assert (up.process.returncode, printed) == (0, ""), complained
    assert gone(family, 10) == []
    assert list(leftovers.running(data / "postgres" / "data")) == []


_FORKS = """
import os, sys
from registry.app.embedded import child
from registry.core.terminal import exit_status
exit_status.prepare_streams()
for number in (50, 51):
    os.dup2(0, number)
told = lambda: print(sys.stdin.read(), sorted(map(int, os.listdir("/proc/self/fd"))))
with open(sys.argv[1], "ab") as log:
    child.fork("service", told, log=log, descriptors=[50]).join()
"""


@pytest.mark.parametrize("closed", ["", "<&- >&- 2>&-", ">&-"])
def test_a_service_writes_to_its_log_and_holds_only_what_it_is_given(tmp_path: Path, closed: str) -> None:
    """Also where the caller closed the streams. The list itself is descriptor 3."""
    line = f'exec "$@" {closed}'
    command = ["sh", "-c", line, "sh", sys.executable, "-c", _FORKS, str(tmp_path / "log")]
    subprocess.run(command, stdin=subprocess.DEVNULL, check=True)
    assert (tmp_path / "log").read_text() == " [0, 1, 2, 3, 50]\n"


def test_work_cut_off_by_a_stop_is_not_logged_as_an_error() -> None:
    """A query that a signal interrupts fails again where its transaction is rolled back."""
    with pytest.raises(Conflict) as caught:
        _migrate_stopped()
    assert stopping.behind(caught.value)
    assert not stopping.behind(OSError())


def _migrate_stopped() -> None:
    try:
        try:
            raise stopping.Stopped
        finally:
            raise OSError
    except OSError as error:
        raise Conflict("The database cannot be migrated.") from error


def test_a_taken_port_is_named_and_nothing_is_started(data: Path) -> None:
    port = services.free_port()
    with services.running(
        [sys.executable, "-m", "http.server", "-b", "127.0.0.1", str(port)], data.parent / "log"
    ):
        services.wait_until(lambda: services.listens(port), 10)
        up = begin(data, "--port", str(port))
        _, complained = up.process.communicate(timeout=services.PATIENCE)
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
            printed, complained = refused.process.communicate(timeout=services.PATIENCE)
            assert (refused.process.returncode, printed) == (1, "")
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
                each.process.communicate(timeout=services.PATIENCE)


def test_several_processes_serve_on_a_descriptor(database_url: str, tmp_path: Path) -> None:
    chosen = Settings(database_url=database_url, data=tmp_path)
    with hold(0) as held:
        port = held.getsockname()[1]
        with (tmp_path / "log").open("ab") as log:
            process = child.spawn(
                processes.command("serve", "--fd", str(held.fileno()), "--workers", "2"),
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

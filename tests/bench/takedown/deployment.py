"""`fakeprint up` of the scenario: started, its parts and the whole of it killed, started again on the same
folder; and its clock's figures moved, where nobody can wait two days."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from uuid import UUID

import httpx2
import psutil
import psycopg

from registry.app.embedded import child, location
from registry.app.embedded.folder import DataFolder
from registry.app.embedded.postgres import Cluster
from tests.support.service import servers as services
from tests.support.service import up
from tests.support.service.stack import PROGRAM, Stack, environment


@dataclass
class Deployment:
    """A data folder and the `up` that serves it at one address. `kills`: what was ended by SIGKILL."""

    folder: Path
    settings: Mapping[str, str]
    port: int
    process: subprocess.Popen[bytes] | None = None
    kills: list[str] = field(default_factory=list)

    @property
    def data(self) -> Path:
        return self.folder / "data"

    @property
    def stack(self) -> Stack:
        return Stack(f"http://127.0.0.1:{self.port}", self.data)

    def start(self) -> None:
        """Serve, once it says that it is ready. Raises `TimeoutError` with the end of its log, at once where
        it ends."""
        log = self.folder / "up.log"
        command = [*PROGRAM, "up", "--data", str(self.data), "--port", str(self.port), "--workers", "1"]
        before = len(log.read_text()) if log.exists() else 0
        with log.open("ab") as output:
            self.process = child.spawn(
                command,
                log=output,
                on_parent_death=signal.SIGTERM,
                environment=environment(**self.settings),
            )
        services.wait_until(lambda: "ready http" in log.read_text()[before:], 120, self.process, log)

    def kill_all(self) -> None:
        """End `up` and all that it started, as a power cut does; then start it again."""
        assert self.process is not None
        family = psutil.Process(self.process.pid).children(recursive=True)
        self.process.kill()
        self.process.wait(20)
        left = up.gone(family, 20)
        assert left == [], f"these outlived `up`: {left}"
        self.kills.append("service")
        self.start()

    def kill_worker(self, name: str = "worker-delivery") -> None:
        """End a worker in the middle of whatever it does; `up` starts it again."""
        pid = self._worker(name)
        os.kill(pid, signal.SIGKILL)
        self.kills.append(name)
        until(lambda: self._worker(name) != pid, 60)

    def _worker(self, name: str) -> int:
        run = json.loads((self.data / "run.json").read_text())
        return int(run["pids"][name])

    def stop(self) -> None:
        if self.process is not None:
            services.end(self.process, 30)

    def _sql(self, statement: str, given: Sequence[Any]) -> int:
        folder = DataFolder(self.data)
        cluster = Cluster(location.home(self.data), folder.password, folder.log("postgres"))
        said = (cluster.data / "postmaster.pid").read_text().splitlines()
        cluster.sockets = Path(said[4])  # where the server that `up` has started listens
        with psycopg.connect(cluster.url) as connection:
            return connection.execute(statement.encode(), given).rowcount

    def let_terms_end(self, notices: Sequence[str]) -> int:
        """Have the terms of these notices end now: what was answered a moment ago was in time. How many."""
        return self._sql(
            "UPDATE notice_alarm SET planned_at = now(), due_at = now()"
            " WHERE notice_id = ANY (%s) AND kind <> 'reminder' AND raised_at IS NULL",
            [[UUID(notice) for notice in notices]],
        )

    def let_waits_end(self) -> int:
        """Have what waits for another attempt be due now."""
        return self._sql(
            "UPDATE notice_delivery SET next_at = now() WHERE status = 'waiting' AND channel <> 'paper'"
            " AND next_at > now() AND %s",
            [True],
        )


@contextmanager
def deployment(folder: Path, settings: Mapping[str, str]) -> Iterator[Deployment]:
    """Started, and ended with the block."""
    made = Deployment(folder, settings, services.free_port())
    try:
        made.start()
        yield made
    finally:
        made.stop()


def until[T](found: Callable[[], T], seconds: float, said: Callable[[], object] = lambda: "") -> T:
    """What is found, once there is something. Raises `TimeoutError` with what `said` says."""
    ends = time.monotonic() + seconds
    while True:
        value = None
        with suppress(OSError, httpx2.TransportError, KeyError):
            value = found()
        if value:
            return value
        if time.monotonic() > ends:
            raise TimeoutError(f"not within {seconds:g} s: {said()}")
        time.sleep(0.1)

"""The embedded default under test: `fakeprint up`, which starts again by itself what ends, and which is
started again on the same folder when it is killed itself."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import threading
import time
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from registry.app.embedded import child, location
from registry.app.embedded.folder import DataFolder
from registry.app.embedded.postgres import Cluster
from tests.support.service import servers as services
from tests.support.service.stack import PROGRAM, environment
from tests.system.chaos import places
from tests.system.chaos.places import Disk, Forwarder, Network
from tests.system.chaos.system import START_SECONDS, TICK, TOLD, await_answers


@dataclass
class Embedded:
    """A data folder and the `up` that serves it. `troubles`: times that `up` ended by itself."""

    folder: Path
    port: int
    settings: Mapping[str, str]
    disk: Disk | None
    broker: str = "pgmq"
    network: Network | None = None
    database: Forwarder | None = None
    troubles: list[str] = field(default_factory=list)
    process: subprocess.Popen[bytes] | None = None
    killing: threading.Lock = field(default_factory=threading.Lock)
    ending: threading.Event = field(default_factory=threading.Event)

    @property
    def data(self) -> Path:
        return self.folder / "data"

    @property
    def blobs(self) -> Path:
        return self.data / "blobs"

    @property
    def temporary(self) -> Path:
        return self.folder / "tmp"

    @property
    def worker_logs(self) -> list[Path]:
        return sorted((self.data / "logs").glob("worker-*.log"))

    @property
    def urls(self) -> list[str]:
        return [f"http://127.0.0.1:{self.port}"]

    @property
    def database_url(self) -> str:
        """Known as long as the server runs."""
        folder = DataFolder(self.data)
        cluster = Cluster(location.home(self.data), folder.password, folder.log("postgres"))
        deadline = time.monotonic() + START_SECONDS
        while True:
            with suppress(OSError, IndexError):
                cluster.sockets = Path((cluster.data / "postmaster.pid").read_text().splitlines()[4])
                return cluster.url
            if time.monotonic() > deadline:
                raise TimeoutError("the embedded PostgreSQL does not come back")
            time.sleep(TICK)

    def pids(self) -> dict[str, int]:
        with suppress(OSError, ValueError):
            found: dict[str, Any] = json.loads((self.data / "run.json").read_text())["pids"]
            return {name.removeprefix("worker-"): int(pid) for name, pid in found.items()}
        return {}

    def crash_database(self) -> None:
        """`up` notices, and starts it again."""
        if (pid := self.pids().get("postgres")) is not None:
            with suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)

    def crash_broker(self) -> None:
        """The broker is the database."""
        self.crash_database()

    def crash(self) -> None:
        """SIGKILL to `up` itself: all that it started ends with it."""
        with self.killing:
            if self.process is not None:
                self.process.kill()
                self.process.wait(20)
            self._start()

    def await_ready(self) -> None:
        services.wait_until(lambda: bool(self.pids()), START_SECONDS)
        await_answers(self.urls)

    def _start(self) -> None:
        said = {f"FAKEPRINT_{name}": value for name, value in {**TOLD, **self.settings}.items()}
        with (self.folder / "up.log").open("ab") as log:
            self.process = child.spawn(
                [*PROGRAM, "up", "--data", str(self.data), "--port", str(self.port), "--workers", "1"],
                log=log,
                on_parent_death=signal.SIGTERM,
                environment=environment(**said, TMPDIR=str(self.temporary)),
            )

    def attend(self) -> None:
        """Start `up` again where it gave up."""
        while not self.ending.wait(TICK):
            with self.killing:
                if self.process is not None and self.process.poll() is not None:
                    self.troubles.append(f"`up` ended by itself with status {self.process.returncode}")
                    self._start()


@contextmanager
def embedded(folder: Path, ends: ExitStack, settings: Mapping[str, str]) -> Iterator[Embedded]:
    """Running, and ended with the block."""
    (folder / "data").mkdir(mode=0o711)
    (folder / "tmp").mkdir()
    blobs = folder / "data" / "blobs"
    disk = ends.enter_context(places.disk(blobs, megabytes=384)) if places.may_change_networks() else None
    made = Embedded(folder, services.free_port(), settings, disk)
    with made.killing:
        made._start()
    attending = threading.Thread(target=made.attend, name="supervisor", daemon=True)
    attending.start()
    try:
        yield made
    finally:
        made.ending.set()
        attending.join(30)
        if made.process is not None:
            services.end(made.process, 30)

"""A database, a broker and real worker processes that tests start and kill."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import av
import numpy as np
import psycopg

from registry import jobs
from registry.app.embedded import child
from registry.app.service.bootstrap import bootstrap
from registry.app.wiring import wire
from registry.catalogue.entries.service.registration import Registration, register_entry
from registry.catalogue.media.service.uploads import Upload
from registry.core.messaging.broker import prepare
from registry.core.service import Service, open_service
from registry.core.settings import Settings
from registry.identity.callers.model import Caller
from registry.identity.callers.service.keys import authenticate
from registry.jobs.service.queue import wake_workers
from tests.support.service import servers as services

NOWHERE = "amqp://guest:guest@127.0.0.1:9//"
"""A broker that refuses connections. Messages stay in the outbox."""
LEASE_SECONDS = 3.0
ENDED = "SELECT * FROM job WHERE task = 'fingerprint_asset' AND status IN ('done', 'failed')"
RELATED = "SELECT * FROM job WHERE task = 'relate_entry' AND status IN ('done', 'failed')"

READS_ON = """
import time
from contextlib import contextmanager
from registry.core.settings import settings
from workers.pipeline import walled
usual = walled.opened
@contextmanager
def read_on(*given, **named):
    with usual(*given, **named) as found:
        (settings().data / "reading").touch()
        time.sleep(3600)
        yield found
walled.opened = read_on
"""
"""Prelude of a worker that reads a file until it is killed. See `await_reading`."""

SWEEPS_OFTEN = """
from registry.core.messaging import broker
from registry.jobs.service import queue
broker._BEAT["sweep"]["schedule"] = 1.0
queue.SETTLES_SECONDS = 4.0
"""
"""Prelude of a worker that finds lost workers sooner, as `LEASE_SECONDS` are a tenth of the usual lease."""


def draw(path: Path, *, seconds: int) -> Path:
    """Create a clip of moving bars over noise, 640 x 360 at 25 frames a second."""
    numbers = np.random.default_rng(seconds)
    scenes = numbers.integers(0, 255, (seconds, 9, 16, 3), dtype=np.uint8)
    with av.open(path, "w") as container:
        stream = container.add_stream("libx264", rate=25, options={"preset": "ultrafast", "crf": "28"})
        stream.width, stream.height, stream.pix_fmt = 640, 360, "yuv420p"
        for index in range(seconds * 25):
            picture = np.kron(scenes[index // 25], np.ones((40, 40, 1), dtype=np.uint8))
            picture = np.roll(picture, index * 3, axis=1)
            container.mux(stream.encode(av.VideoFrame.from_ndarray(np.ascontiguousarray(picture))))
        container.mux(stream.encode())
    return path


def says(log: Path, word: str) -> bool:
    return word in log.read_text()


def kill(process: subprocess.Popen[bytes]) -> None:
    """Kill a worker as a power cut would. Its pool processes end by themselves."""
    process.kill()
    process.wait()


@dataclass
class Deployment:
    """A database, a broker and a folder. Workers are started and killed as a test needs."""

    settings: Settings
    folder: Path
    ends: ExitStack
    service: Service
    crash: Callable[..., None] = lambda *_: None
    logs: list[Path] = field(default_factory=list)
    asking: psycopg.Connection[dict[str, Any]] | None = None

    def worker(self, *arguments: str, prelude: str = "") -> subprocess.Popen[bytes]:
        """Start `fakeprint worker` with these arguments, after the Python code `prelude`."""
        log = self.folder / f"worker-{len(self.logs)}.log"
        self.logs.append(log)
        environment = {**os.environ, "PYTHONPATH": os.fspath(Path.cwd())}
        for name in self.settings.model_fields_set:
            environment[f"FAKEPRINT_{name.upper()}"] = str(getattr(self.settings, name))
        code = f"{prelude}\nfrom registry.app.commands import main\nmain()"
        program = [sys.executable, "-c", code, "worker", *arguments]
        with log.open("ab") as output:
            process = child.spawn(program, log=output, environment=environment)
        self.ends.callback(kill, process)
        return process

    @cached_property
    def caller(self) -> Caller:
        """Create the first caller, with every role."""
        return authenticate(self.service, bootstrap(self.service) or "")

    def register(self, *paths: Path) -> UUID:
        """Register each file as a separate fake. Return the last job's id."""
        for path in paths:
            register_entry(
                self.service, self.caller, Registration(fakes=[self.upload(path)], manipulation="edited")
            )
        row = self.row(
            "SELECT job_id FROM job WHERE task = 'fingerprint_asset' ORDER BY created_at DESC LIMIT 1"
        )
        return UUID(str(row["job_id"]))

    def upload(self, path: Path) -> Upload:
        """Return a file as received in an upload."""
        with path.open("rb") as stream:
            return Upload(self.service.blobs.put(stream, limit=1 << 30), path.name)

    def say(self, task: jobs.Task, count: int) -> list[UUID]:
        """Enqueue jobs without a subject and return their ids. Workers are notified after the commit."""
        with self.service.pool.transaction() as connection:
            found = [jobs.enqueue(connection, task, uuid4()) for _ in range(count)]
        wake_workers(self.service)
        return [job_id for job_id in found if job_id]

    def await_reading(self) -> None:
        """Wait until a worker with the prelude `READS_ON` has opened a file."""
        reading = self.folder / "reading"
        services.wait_until(reading.exists, 60)
        reading.unlink()

    def row(self, query: str, *values: object) -> dict[str, Any]:
        """Return the first row of a query.

        One connection serves as long as the server lives: opening one costs more than most queries, and tests
        poll rows.
        """
        try:
            return self._ask(query, values)
        except psycopg.OperationalError:  # the server was killed meanwhile
            if self.asking is not None:
                self.asking.close()
            return self._ask(query, values)

    def _ask(self, query: str, values: Sequence[object]) -> dict[str, Any]:
        if self.asking is None or self.asking.closed:
            self.asking = psycopg.connect(
                self.settings.database_url, row_factory=psycopg.rows.dict_row, autocommit=True
            )
            self.ends.callback(self.asking.close)
        return self.asking.execute(query.encode(), values or None).fetchone() or {}

    def await_row(self, query: str, seconds: float) -> dict[str, Any]:
        """Wait until the query returns a row, and return it."""
        try:
            services.wait_until(lambda: bool(self.row(query)), seconds)
        except TimeoutError as error:
            logs = "\n".join(log.read_text()[-1500:] for log in self.logs)
            job = self.row("SELECT * FROM job WHERE task = 'fingerprint_asset'")
            raise AssertionError(f"no row for {query}: the job is {job}; the workers say\n{logs}") from error
        return self.row(query)


@contextmanager
def deployment(
    database_url: str,
    broker_url: str,
    folder: Path,
    crash: Callable[..., None] = lambda *_: None,
    **more: Any,
) -> Iterator[Deployment]:
    """Yield a deployment on these servers. `crash` kills the broker, calls its argument and restarts it.
    `more`: settings."""
    settings = Settings(
        database_url=database_url,
        broker_url=broker_url,
        blobs_url=(folder / "blobs").as_uri(),
        data=folder,
        **{"lease_seconds": LEASE_SECONDS, **more},
    )
    prepare(settings)
    with ExitStack() as ends:
        wire()
        service = open_service(settings)
        ends.callback(service.close)
        yield Deployment(settings, folder, ends, service, crash)

"""The same work over each broker, with real servers and real worker processes."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any
from uuid import UUID

import av
import numpy as np
import psutil
import psycopg
import pytest

from registry.actions.authenticate import authenticate
from registry.actions.bootstrap import bootstrap
from registry.actions.register_entry import Upload, register_entry
from registry.actions.service import Service, open_service
from registry.broker import prepare
from registry.domain.related import MODEL
from registry.embedded import child
from registry.settings import Settings
from tests import services

NOWHERE = "amqp://guest:guest@127.0.0.1:9//"
"""A broker that refuses connections: what is published there stays in the outbox."""
LEASE_SECONDS = 3.0
ENDED = "SELECT * FROM job WHERE task = 'fingerprint_asset' AND status IN ('done', 'failed')"
RELATED = "SELECT * FROM job WHERE task = 'relate_entry' AND status IN ('done', 'failed')"


def draw(path: Path, *, seconds: int) -> Path:
    """A clip of moving bars over noise, 640 x 360 at 25 frames a second."""
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


@pytest.fixture(scope="module")
def short_clip(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return draw(tmp_path_factory.mktemp("media") / "short.mp4", seconds=2)


@pytest.fixture(scope="module")
def long_clip(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return draw(tmp_path_factory.mktemp("media") / "long.mp4", seconds=20)


def says(log: Path, word: str) -> bool:
    return word in log.read_text()


def kill(process: subprocess.Popen[bytes]) -> None:
    """What a power cut does to a worker; its pool processes see to themselves."""
    process.kill()
    process.wait()


@dataclass
class Deployment:
    """A database, a broker and a folder; workers are started and killed at will."""

    settings: Settings
    folder: Path
    ends: ExitStack
    service: Service
    logs: list[Path] = field(default_factory=list)

    def worker(self, *arguments: str) -> subprocess.Popen[bytes]:
        """Start `fakeprint worker` with these arguments."""
        log = self.folder / f"worker-{len(self.logs)}.log"
        self.logs.append(log)
        environment = {**os.environ, "PYTHONPATH": os.fspath(Path.cwd())}
        for name in ("database_url", "broker_url", "blobs_url", "data", "lease_seconds"):
            environment[f"FAKEPRINT_{name.upper()}"] = str(getattr(self.settings, name))
        program = [sys.executable, "-c", "from registry.cli import main; main()", "worker", *arguments]
        with log.open("ab") as output:
            process = child.spawn(program, log=output, environment=environment)
        self.ends.callback(kill, process)
        return process

    def register(self, path: Path) -> UUID:
        """Register a file as a fake; its job's id."""
        key = bootstrap(self.service) or ""
        with path.open("rb") as stream:
            blob = self.service.blobs.put(stream, limit=1 << 30)
        register_entry(
            self.service,
            authenticate(self.service, key),
            fakes=[Upload(blob, path.name)],
            manipulation="edited",
        )
        row = self.row("SELECT job_id FROM job WHERE task = 'fingerprint_asset'")
        return UUID(str(row["job_id"]))

    def row(self, query: str) -> dict[str, Any]:
        with psycopg.connect(self.settings.database_url, row_factory=psycopg.rows.dict_row) as connection:
            return connection.execute(query.encode()).fetchone() or {}

    def await_row(self, query: str, seconds: float) -> dict[str, Any]:
        """Wait until the query has a row; it."""
        try:
            services.wait_until(lambda: bool(self.row(query)), seconds)
        except TimeoutError as error:
            logs = "\n".join(log.read_text()[-1500:] for log in self.logs)
            job = self.row("SELECT * FROM job WHERE task = 'fingerprint_asset'")
            raise AssertionError(f"no row for {query}: the job is {job}; the workers say\n{logs}") from error
        return self.row(query)


@contextmanager
def deployment(database_url: str, broker_url: str, folder: Path) -> Iterator[Deployment]:
    settings = Settings(
        database_url=database_url,
        broker_url=broker_url,
        blobs_url=(folder / "blobs").as_uri(),
        data=folder,
        lease_seconds=LEASE_SECONDS,
    )
    prepare(settings)
    with ExitStack() as ends:
        service = open_service(settings)
        ends.callback(service.close)
        yield Deployment(settings, folder, ends, service)


on_each_broker = pytest.mark.parametrize("deployed", ["pgmq", "rabbitmq", "redis"], indirect=True)
in_production_too = pytest.mark.parametrize(
    "deployed", ["pgmq", "rabbitmq", "redis", "debian+rabbitmq", "debian+pgmq"], indirect=True
)
with_and_without_an_event_loop = pytest.mark.parametrize("deployed", ["pgmq", "rabbitmq"], indirect=True)
"""Celery runs its pool in two ways; kombu's pgmq has no event loop."""


@pytest.fixture
def deployed(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Deployment]:
    """A broker beside the embedded PostgreSQL, or beside Debian's, as in production."""
    database, _, broker = request.param.rpartition("+")
    server: services.PostgresServer = request.getfixturevalue(
        "debian_postgres" if database else "embedded_postgres"
    )
    broker_url = "" if broker == "pgmq" else str(request.getfixturevalue(broker))
    with server.clone() as database_url, deployment(database_url, broker_url, tmp_path) as found:
        yield found


@in_production_too
def test_a_worker_does_what_was_registered(deployed: Deployment, short_clip: Path) -> None:
    deployed.worker("--queues", "media")
    deployed.register(short_clip)
    job = deployed.await_row(ENDED, 40)
    assert (job["status"], job["attempts"], job["error_code"]) == ("done", 1, None)
    assert deployed.row("SELECT count(*) AS frames FROM frame_fingerprint")["frames"] > 0
    assert deployed.row("SELECT status FROM entry")["status"] == "matchable"
    related = deployed.await_row(RELATED, 40)
    assert (related["status"], related["attempts"]) == ("done", 1)
    assert deployed.row("SELECT related_by FROM entry_asset")["related_by"] == MODEL


@in_production_too
def test_another_worker_does_what_a_killed_one_began(deployed: Deployment, long_clip: Path) -> None:
    first = deployed.worker("--queues", "media")
    deployed.register(long_clip)
    deployed.await_row("SELECT 1 AS running FROM job WHERE status = 'running' AND progress > 0", 40)
    kill(first)
    assert deployed.row("SELECT status FROM job")["status"] == "running"
    deployed.worker("--queues", "control", "--beat")
    deployed.worker("--queues", "media")
    job = deployed.await_row(ENDED, 60)
    assert (job["status"], job["attempts"]) == ("done", 2)


@on_each_broker
def test_a_killed_pool_process_costs_one_attempt(deployed: Deployment, long_clip: Path) -> None:
    """What the kernel does to a process that takes too much memory."""
    worker = deployed.worker("--queues", "media")
    deployed.worker("--queues", "control", "--beat")
    deployed.register(long_clip)
    deployed.await_row("SELECT 1 AS running FROM job WHERE status = 'running' AND progress > 0", 40)
    for process in psutil.Process(worker.pid).children():
        process.kill()
    job = deployed.await_row(ENDED, 60)
    assert (job["status"], job["attempts"]) == ("done", 2)
    assert worker.poll() is None


@on_each_broker
def test_the_relay_sends_what_stayed_in_the_outbox(deployed: Deployment, short_clip: Path) -> None:
    unreachable = deployed.settings.model_copy(update={"broker_url": NOWHERE})
    with deployment(unreachable.database_url, NOWHERE, deployed.folder) as away:
        away.register(short_clip)
    assert deployed.row("SELECT count(*) AS messages FROM outbox")["messages"] == 1
    deployed.worker("--queues", "control", "--beat")
    deployed.worker("--queues", "media")
    deployed.await_row(RELATED, 40)
    assert deployed.row("SELECT count(*) AS messages FROM outbox")["messages"] == 0


@with_and_without_an_event_loop
def test_a_worker_leaves_nothing_behind(deployed: Deployment, long_clip: Path) -> None:
    """Neither when it is asked to end nor when it is killed do its processes outlive it."""
    for signum in (signal.SIGTERM, signal.SIGKILL):
        worker = deployed.worker("--queues", "control,media", "--beat")
        log = deployed.logs[-1]
        services.wait_until(partial(says, log, "ready"), 40)
        processes = psutil.Process(worker.pid).children(recursive=True)
        assert len(processes) >= 2
        worker.send_signal(signum)
        worker.wait(20)
        _, alive = psutil.wait_procs(processes, timeout=5)
        assert not alive

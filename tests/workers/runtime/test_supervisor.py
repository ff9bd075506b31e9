"""`fakeprint worker` with several queues: one process loads what the workers need, and they end together."""

from __future__ import annotations

import signal
from collections.abc import Iterator
from functools import partial
from pathlib import Path

import psutil
import pytest
from celery import signals

import workers.app
from tests.support.service import servers as services
from tests.support.service.deployment import Deployment, deployment
from tests.support.service.up import gone
from workers.runtime import shutdown


@pytest.fixture
def deployed(embedded_postgres: services.PostgresServer, tmp_path: Path) -> Iterator[Deployment]:
    with embedded_postgres.clone() as database_url, deployment(database_url, "", tmp_path) as found:
        yield found


def ready(log: Path) -> bool:
    return log.read_text().count(" ready.") == 2


@pytest.mark.slow(16)
@pytest.mark.parametrize(
    ("number", "killed", "status"),
    [
        (signal.SIGINT, "supervisor", 0),
        (signal.SIGKILL, "supervisor", -signal.SIGKILL),
        (signal.SIGKILL, "worker", 128 + signal.SIGKILL),
    ],
)
def test_workers_end_with_their_supervisor_and_it_with_them(
    deployed: Deployment, number: int, killed: str, status: int
) -> None:
    process = deployed.worker("--queues", "control,delivery", "--beat")
    services.wait_until(partial(ready, deployed.logs[0]), 60)
    supervisor = psutil.Process(process.pid)
    assert supervisor.num_threads() == 1, "it forks"
    below = supervisor.children()
    assert len(below) == 2
    family = supervisor.children(recursive=True)
    assert len(family) == 3, "beat too"
    (supervisor if killed == "supervisor" else below[0]).send_signal(number)
    assert process.wait(services.PATIENCE) == status
    assert gone(family, 10) == []


def test_a_worker_forked_from_a_loaded_process_ends_for_itself() -> None:
    shutdown.request()
    assert shutdown.requested()
    signals.celeryd_init.send(sender=workers.app.__name__)
    assert not shutdown.requested()

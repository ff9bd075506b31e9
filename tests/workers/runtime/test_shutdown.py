"""Workers that are told to end, as each roll-out tells them, with real servers and real worker processes."""

from __future__ import annotations

import signal
from collections.abc import Iterator
from functools import partial
from pathlib import Path

import psutil
import pytest

from tests.support.media import clips as media
from tests.support.service import servers as services
from tests.support.service.deployment import READS_ON, SWEEPS_OFTEN, Deployment, deployment, draw, says

pytestmark = pytest.mark.slow(46)


@pytest.fixture(params=["pgmq", "rabbitmq"])
def broker_url(request: pytest.FixtureRequest) -> str:
    """Celery runs its pool in two ways; kombu's pgmq has no event loop."""
    if request.param == "pgmq":
        return ""
    node: services.Broker = request.getfixturevalue("rabbitmq_server")
    return node.url


@pytest.fixture
def deployed(
    embedded_postgres: services.PostgresServer, broker_url: str, tmp_path: Path
) -> Iterator[Deployment]:
    """Each job has one try, and two minutes are a long video."""
    with (
        embedded_postgres.clone() as database_url,
        deployment(database_url, broker_url, tmp_path, max_attempts=1, split_seconds=60) as found,
    ):
        yield found


@pytest.fixture(scope="module")
def long_video(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Three minutes, a key each second."""
    path = tmp_path_factory.mktemp("media") / "long.mp4"
    return media.encode(path, media.panning("coffee", 192, 108, 900), rate=5, options={"g": "5"})


@pytest.fixture(scope="module")
def clip(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return draw(tmp_path_factory.mktemp("media") / "clip.mp4", seconds=2)


def begun(deployed: Deployment, prelude: str = "") -> psutil.Process:
    worker = deployed.worker("--queues", "media", prelude=prelude)
    services.wait_until(partial(says, deployed.logs[-1], "ready"), 60)
    return psutil.Process(worker.pid)


def test_a_worker_shutting_down_finishes_its_segment_only(deployed: Deployment, long_video: Path) -> None:
    worker = begun(deployed)
    deployed.register(long_video)
    deployed.await_row("SELECT 1 FROM division WHERE remaining < segments", 120)
    worker.send_signal(signal.SIGTERM)
    assert worker.wait(180) == 0
    found = deployed.row(
        "SELECT d.remaining, count(*) FILTER (WHERE j.status = 'running') AS running,"
        " count(*) FILTER (WHERE j.status = 'queued') AS queued"
        " FROM division d JOIN segment s USING (asset_id) JOIN job j ON j.subject_id = s.segment_id"
        " GROUP BY d.remaining"
    )
    assert found["remaining"] > 0
    assert (found["running"], found["queued"]) == (0, found["remaining"])


def test_a_kill_after_a_shutdown_request_costs_no_attempt(deployed: Deployment, clip: Path) -> None:
    worker = begun(deployed, READS_ON)
    deployed.register(clip)
    deployed.await_reading()
    worker.send_signal(signal.SIGTERM)
    deployed.await_row("SELECT 1 FROM job WHERE status = 'running' AND attempts = 0", 60)
    for process in (worker, *worker.children(recursive=True)):
        process.kill()
    deployed.worker("--queues", "control", "--beat", prelude=SWEEPS_OFTEN)
    begun(deployed)
    job = deployed.await_row("SELECT * FROM job WHERE status IN ('done', 'failed')", 90)
    assert (job["status"], job["attempts"]) == ("done", 1)

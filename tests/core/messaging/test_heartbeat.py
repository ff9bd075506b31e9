"""Workers that say that they live, and how every message ended, with real brokers and worker processes."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from billiard.einfo import ExceptionInfo
from celery import Celery

from registry import jobs
from registry.core.messaging import queues
from registry.core.messaging.broker import celery_config
from tests.support.service import servers as services
from tests.support.service.deployment import Deployment, deployment, says
from workers.runtime.thread_pool import TaskPool

pytestmark = pytest.mark.slow(61)

OFTEN = "from workers.runtime import heartbeat; heartbeat.SECONDS = 0.2\n"
HANGS = """
import time
from kombu import Connection
from registry.core.settings import settings
usual = Connection.drain_events
def hanging(*given, **named):
    while (settings().data / "hangs").exists():
        time.sleep(0.05)
    return usual(*given, **named)
Connection.drain_events = hanging
"""


@pytest.fixture(params=["pgmq", "rabbitmq"])
def deployed(
    embedded_postgres: services.PostgresServer, request: pytest.FixtureRequest, tmp_path: Path
) -> Iterator[Deployment]:
    """Celery waits for its broker in two ways; kombu's pgmq has no event loop."""
    broker_url, crash = "", embedded_postgres.crash
    if request.param == "rabbitmq":
        node: services.Broker = request.getfixturevalue("rabbitmq_server")
        broker_url, crash = node.url, node.crash
    with (
        embedded_postgres.clone() as database_url,
        deployment(database_url, broker_url, tmp_path, crash) as found,
    ):
        yield found


def signs(deployed: Deployment, queue: str) -> Callable[[], bool]:
    """Whether its worker has said since the last question that it lives."""
    sign, last = deployed.settings.data / "alive" / queue, [0]

    def has() -> bool:
        seen = sign.stat().st_mtime_ns if sign.exists() else 0
        before, last[0] = last[0], seen
        return 0 < before < seen

    return has


def lives_for(lives: Callable[[], bool], seconds: float) -> bool:
    """Whether it gives a sign within that time."""
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        if lives():
            return True
        time.sleep(0.05)
    return False


@pytest.mark.parametrize("deployed", ["pgmq"], indirect=True)
def test_a_worker_whose_own_thread_hangs_gives_no_sign(deployed: Deployment) -> None:
    worker = deployed.worker("--queues", "delivery", prelude=OFTEN + HANGS)
    services.wait_until(partial(says, deployed.logs[-1], "ready"), 60)
    lives = signs(deployed, "delivery")
    services.wait_until(lives, 20)
    (hangs := deployed.settings.data / "hangs").touch()
    services.wait_until(lambda: not lives_for(lives, 4), 20)
    hangs.unlink()
    services.wait_until(lives, 20)
    assert worker.poll() is None


HELD = """
import time
from registry.core.settings import settings
from workers.runtime import perform
from workers.tasks import relay
def held(usual):
    def call(*given, **named):
        (settings().data / "began").touch()
        while not (settings().data / "goes_on").exists():
            time.sleep(0.05)
        return usual(*given, **named)
    return call
perform.claim_job = held(perform.claim_job)
relay.relay_outbox = held(relay.relay_outbox)
"""


def test_a_worker_that_does_one_thing_at_a_time_lives_while_it_does_it(deployed: Deployment) -> None:
    deployed.worker("--queues", "control", "--beat", prelude=OFTEN + HELD)
    services.wait_until((deployed.settings.data / "began").exists, 60)
    lives = signs(deployed, "control")
    for _ in range(4):
        assert lives_for(lives, services.PATIENCE)
    (deployed.settings.data / "goes_on").touch()


@pytest.mark.parametrize("deployed", ["pgmq"], indirect=True)
def test_a_worker_whose_broker_was_away_for_a_moment_lives_while_it_is_at_its_task(
    deployed: Deployment,
) -> None:
    """It takes one more than it has processes, and waits for one of them."""
    worker = deployed.worker("--queues", "bulk", prelude=OFTEN + HELD)
    deployed.say("relate_entry", 3)
    services.wait_until((deployed.settings.data / "began").exists, 60)
    lives = signs(deployed, "bulk")
    deployed.crash()
    services.wait_until(lambda: deployed.logs[-1].read_text().count("Connected to") > 1, 60)
    time.sleep(3)
    for _ in range(4):
        assert lives_for(lives, services.PATIENCE)
    (deployed.settings.data / "goes_on").touch()
    deployed.await_row("SELECT 1 FROM job HAVING bool_and(status = 'done')", 60)
    assert worker.poll() is None


def test_a_worker_that_waits_for_its_broker_lives(deployed: Deployment) -> None:
    worker = deployed.worker("--queues", "bulk", prelude=OFTEN)
    log = deployed.logs[-1]
    services.wait_until(partial(says, log, "ready"), 60)
    lives = signs(deployed, "bulk")

    def look() -> None:
        services.wait_until(lambda: log.read_text().count("Cannot connect to") > 1, 60)
        for _ in range(2):
            services.wait_until(lives, 20)

    deployed.crash(look)
    assert worker.poll() is None
    services.wait_until(lives, 20)


def send(app: Celery, to: str, body: bytes, **headers: Any) -> None:
    """A message of a queue as it stands."""
    queue = app.amqp.queues[queues.named(app.conf.broker_url, to)]
    with app.connection_for_write() as connection, app.amqp.Producer(connection) as producer:
        producer.publish(
            body,
            content_type="application/json",
            content_encoding="utf-8",
            headers=headers,
            exchange="",
            routing_key=queue.name,
            declare=[queue],
        )


HEADERS: list[dict[str, Any]] = [
    {},
    {"task": 5},
    {"task": "nonsense"},
    {"id": None},
    {"expires": ""},
    {"eta": False},
    {"timelimit": 5},
    {"timelimit": [1, 2, 3]},
    {"timelimit": ["a", None]},
    {"shadow": {"a": 1}},
    {"stamped_headers": 5},
    {"retries": "many"},
]
FIRST = [
    f"{{{body}}}".encode()
    for body in (
        '"task": "fakeprint.follow_sighting"',
        '"task": "nobody\'s"',
        '"task": ["x"]',
        '"task": "fakeprint.follow_sighting", "id": ["1"], "args": [], "kwargs": {}',
        '"task": "fakeprint.follow_sighting", "id": "1", "args": [], "kwargs": {}, "timelimit": 5',
        '"task": "fakeprint.follow_sighting", "id": "1", "args": [], "kwargs": {}, "eta": false',
    )
]
NONE = [b"[]", b"[[", b"{}", b"5", b"null", b"[[], {}]", b"[[], {}, 1]", b'["x", {}, null]', b"\xff"]


@pytest.mark.parametrize(("queue", "job"), [("delivery", "follow_sighting"), ("bulk", "relate_entry")])
def test_a_worker_survives_messages_that_are_no_tasks(
    deployed: Deployment, queue: str, job: jobs.Task
) -> None:
    """Nor do they cost it one of those that it may hold, in threads or in processes: what comes after them is
    done."""
    app = Celery("tests", set_as_current=False)
    app.conf.update(celery_config(deployed.settings))
    usual = {"task": f"fakeprint.{job}", "id": "1", "lang": "py"}
    for body in NONE:
        send(app, queue, body, **usual)
    for wrong in HEADERS:
        send(app, queue, b'[["x"], {}, null]', **(usual | wrong))
    send(app, queue, b"[[], {}, null]")
    for first in FIRST:  # of Celery's first protocol, which has no headers
        send(app, queue, first)
    worker = deployed.worker("--queues", queue)
    deployed.say(job, 2)
    deployed.await_row("SELECT 1 FROM job HAVING bool_and(status = 'done')", 60)
    services.wait_until(lambda: deployed.service.publisher.waiting(queue) == 0, 20)
    assert worker.poll() is None


NO_MEMORY = """
from workers.runtime import perform
usual, left = perform.claim_job, [0] * 9
def claim_job(*given):
    if left:
        left.pop()
        raise MemoryError
    return usual(*given)
perform.claim_job = claim_job
"""


@pytest.mark.parametrize("deployed", ["pgmq"], indirect=True)
def test_tasks_without_memory_cost_no_thread(deployed: Deployment) -> None:
    """One more of them than there are threads; what comes after them is done."""
    worker = deployed.worker("--queues", "delivery", prelude=NO_MEMORY)
    deployed.say("follow_sighting", 9)
    services.wait_until(lambda: deployed.logs[-1].read_text().count("builtins.MemoryError") >= 9, 60)
    deployed.say("follow_sighting", 1)
    deployed.await_row("SELECT 1 FROM job WHERE status = 'done'", 60)
    assert worker.poll() is None


@pytest.mark.parametrize(
    ("raised", "told"), [(ValueError("not read"), ValueError), (MemoryError(), RuntimeError)]
)
def test_a_thread_reports_errors_raised_before_its_start(raised: Exception, told: type[Exception]) -> None:
    def task(given: str, *, named: str) -> Any:
        if (given, named) == ("a", "b"):
            raise raised
        return (0, "done", 1.0)

    answers: list[Any] = []
    pool = TaskPool(1)
    try:
        for given in ("a", "x"):
            pool.apply_async(task, (given,), {"named": "b"}, callback=answers.append).get()
    finally:
        pool.on_stop()
    failed, info, _ = answers[0]
    assert failed
    assert isinstance(info, ExceptionInfo)
    assert isinstance(getattr(info.exception, "exc", info.exception), told)
    assert answers[1] == (0, "done", 1.0)

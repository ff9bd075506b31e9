"""One queue of RabbitMQ's takes nothing: the others go on, and so does all that comes periodically."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import closing, suppress
from dataclasses import replace
from functools import partial
from pathlib import Path
from uuid import UUID, uuid4

import pytest
from celery import Celery

from registry import jobs
from registry.core.errors import Unavailable
from registry.core.messaging import publisher as publishing
from registry.core.messaging import queues
from registry.core.messaging.broker import celery_config
from registry.core.messaging.publisher import Publisher
from registry.core.settings import Settings
from registry.jobs.service.queue import relay_outbox
from tests.support.service import servers as services
from tests.support.service.deployment import Deployment, deployment, says

pytestmark = pytest.mark.slow(45)

NAMED = f"fakeprint.{queues.DELIVERY}"
PROCESS = f"whereis('%2F_{NAMED}')"
"""That of the queue, which is its own leader on a single node."""

STAMPS_OFTEN = """
from registry.core.messaging import broker
usual = broker._delivery_schedule
def often(url):
    return {name: entry | {"schedule": 2.0} for name, entry in usual(url).items()}
broker._delivery_schedule = often
"""
"""Prelude of a worker whose beat has something for that queue each two seconds."""


@pytest.fixture(autouse=True)
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    """A publisher waits half as long as usual for a queue that confirms nothing."""
    monkeypatch.setattr(publishing, "CONNECT_SECONDS", 2)


@pytest.fixture(scope="module")
def broken() -> Iterator[services.Broker]:
    """A RabbitMQ of its own: what is done to it is nothing for the others."""
    with services.rabbitmq() as found:
        yield found


@pytest.fixture
def node(broken: services.Broker) -> services.Broker:
    """It with the queues, empty and well."""
    app = Celery("tests", set_as_current=False)
    app.conf.update(celery_config(Settings(broker_url=broken.url)))
    with app.connection_for_write() as connection:
        connection.default_channel.queue_delete(NAMED)
        for queue in app.amqp.queues.values():
            queue(connection.default_channel).declare()
    return broken


@pytest.fixture
def deployed(
    embedded_postgres: services.PostgresServer, node: services.Broker, tmp_path: Path
) -> Iterator[Deployment]:
    with (
        embedded_postgres.clone() as database_url,
        deployment(database_url, node.url, tmp_path, node.crash) as found,
    ):
        yield found


def say(publisher: Publisher, queue: str) -> None:
    publisher.publish("fakeprint.nothing", queue, uuid4())


def refused(publisher: Publisher, queue: str = queues.DELIVERY) -> str:
    """What is said where a queue takes nothing; the code is that of a queue."""
    with pytest.raises(Unavailable) as caught:
        say(publisher, queue)
    assert caught.value.code == "queue_unavailable"
    return caught.value.message


def end_pause(publisher: Publisher) -> None:
    """The queue may be asked from now on."""
    hold = publisher._holds[queues.DELIVERY]
    publisher._holds[queues.DELIVERY] = replace(hold, until=time.monotonic())


def is_done(deployed: Deployment, job_id: UUID) -> bool:
    with deployed.service.pool.transaction() as connection:
        query = "SELECT 1 FROM job WHERE job_id = %s AND status = 'done'"
        return connection.execute(query, [job_id]).fetchone() is not None


def test_a_queue_that_confirms_nothing_holds_up_no_other(
    deployed: Deployment, node: services.Broker, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nor the beat, which sends it something again and again, nor what stands behind it in the outbox."""
    monkeypatch.setattr(publishing, "PAUSE_SECONDS", 600.0)
    node.ctl("eval", f"sys:suspend({PROCESS}).")
    publisher = deployed.service.publisher
    deployed.say("follow_sighting", 200)  # more than a relay takes at once
    assert publisher.held() == [queues.DELIVERY]
    deployed.worker("--queues", "control,bulk", "--beat", prelude=STAMPS_OFTEN)
    log, done_since = deployed.logs[-1], 0  # jobs done since the beat was refused
    while done_since < 3:
        done_since += says(log, f"nothing is sent to the queue {queues.DELIVERY}")
        with deployed.service.pool.transaction() as connection:
            job_id = jobs.enqueue(connection, "relate_entry", uuid4())
        assert job_id
        services.wait_until(partial(is_done, deployed, job_id), 60)
    waiting = "SELECT count(*) AS rows FROM outbox"
    assert deployed.row(waiting)["rows"] == 200, "nothing is given up, and nothing is said twice"

    node.ctl("eval", f"sys:resume({PROCESS}).")
    deployed.worker("--queues", "delivery")
    deployed.await_row("SELECT 1 FROM job HAVING bool_and(status = 'done')", 120)


def test_a_queue_without_leader_is_declared_again(
    deployed: Deployment, node: services.Broker, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As the runbook says: it is deleted, workers declare it again, and what it held is said again."""
    monkeypatch.setattr(publishing, "PAUSE_SECONDS", 600.0)
    node.ctl("eval", f"ra:force_delete_server(quorum_queues, {{'%2F_{NAMED}', node()}}).")
    deployed.say("follow_sighting", 3)
    assert deployed.service.publisher.held() == [queues.DELIVERY]
    with pytest.raises(
        Unavailable, match="refuses messages for the queue delivery: it refused one a moment ago"
    ):
        deployed.service.publisher.publish("fakeprint.nothing", queues.DELIVERY, uuid4())
    node.ctl("delete_queue", NAMED)
    deployed.worker("--queues", "delivery")
    deployed.worker("--queues", "control", "--beat")
    deployed.await_row("SELECT 1 FROM job HAVING bool_and(status = 'done')", 120)


def test_a_full_queue_is_retried_with_backoff(node: services.Broker, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(publishing, "PAUSE_SECONDS", 1.0)
    node.ctl("set_policy", "small", f"^{NAMED}$", '{"max-length": 1}', "--apply-to", "queues")
    with closing(Publisher(Settings(broker_url=node.url))) as publisher:
        for _ in range(10):  # some are let in beyond what it may hold
            with suppress(Unavailable):
                say(publisher, queues.DELIVERY)
        refused(publisher)
        say(publisher, queues.MEDIA)
        pauses = []
        for _ in range(2):
            services.wait_until(lambda: publisher.held() == [], 20)
            assert "a moment ago" not in refused(publisher)
            pauses.append(publisher._holds[queues.DELIVERY].seconds)
        assert pauses == [2.0, 4.0]
        services.wait_until(lambda: publisher.held() == [], 20)
        node.ctl("clear_policy", "small")
        say(publisher, queues.DELIVERY)
        assert publisher.held() == []


def test_a_broker_that_confirms_nothing_is_away_as_a_whole(
    node: services.Broker, monkeypatch: pytest.MonkeyPatch, request: pytest.FixtureRequest
) -> None:
    """As at its limit of memory. Two queues are waited for, and no more."""
    request.addfinalizer(partial(node.ctl, "set_vm_memory_high_watermark", "absolute", "1GB"))
    monkeypatch.setattr(publishing, "PAUSE_SECONDS", 600.0)
    with closing(Publisher(Settings(broker_url=node.url))) as publisher:
        say(publisher, queues.DELIVERY)
        node.ctl("set_vm_memory_high_watermark", "absolute", "1MB")
        refused(publisher)
        refused(publisher, queues.MEDIA)
        with pytest.raises(Unavailable, match="a moment ago") as caught:
            say(publisher, queues.INTERACTIVE)
        assert caught.value.code == "broker_unavailable"


def test_a_relay_sends_to_open_queues_and_probes_doubtful_ones_alone(
    deployed: Deployment, node: services.Broker, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A request would wait for it with a connection to the database in its hand."""
    monkeypatch.setattr(publishing, "PAUSE_SECONDS", 600.0)
    publisher = deployed.service.publisher
    assert isinstance(publisher, Publisher)
    node.ctl("eval", f"sys:suspend({PROCESS}).")
    with deployed.service.pool.transaction() as connection:
        for task in ("follow_sighting", "relate_entry", "follow_sighting", "relate_entry"):
            jobs.enqueue(connection, task, uuid4())
    with pytest.raises(Unavailable) as caught:
        relay_outbox(deployed.service)
    assert caught.value.code == "queue_unavailable"
    assert deployed.row("SELECT count(*) AS rows FROM outbox")["rows"] == 2
    assert relay_outbox(deployed.service) == 0, "it is held"
    end_pause(publisher)
    assert publisher.held(wary=True) == [queues.DELIVERY]
    deployed.say("relate_entry", 1)
    assert deployed.row("SELECT count(*) AS rows FROM outbox")["rows"] == 2
    assert publisher.held() == [], "it was not asked"
    with pytest.raises(Unavailable):
        relay_outbox(deployed.service)
    node.ctl("eval", f"sys:resume({PROCESS}).")
    end_pause(publisher)
    assert relay_outbox(deployed.service) == 2
    assert publisher.held(wary=True) == []

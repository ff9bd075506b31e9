"""The transport of pgmq: messages that cannot be acknowledged, who listens, and who waits how long."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor, wait
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any, cast

import psycopg
import pytest
from celery import Celery
from kombu import Connection, Message
from kombu.exceptions import OperationalError

from registry.core.database.pool import RECONNECTING, VANISHED
from registry.core.messaging import queues
from registry.core.messaging.broker import celery_config, prepare
from registry.core.messaging.transports import pgmq
from registry.core.settings import Settings
from tests.support.service import servers as services


@dataclass
class Consumer:
    """Takes one message at a time, as a worker does that does one thing at a time."""

    url: str
    connection: Connection
    taken: list[Message]

    def take(self) -> Message:
        """The next message. Raises `TimeoutError` where none comes."""
        before = len(self.taken)

        def came() -> bool:
            with suppress(TimeoutError):
                self.connection.drain_events(timeout=0.5)
            return len(self.taken) > before

        services.wait_until(came, 10)
        return self.taken[-1]

    def cut(self) -> None:
        """End all sessions of the database; the server stays."""
        with psycopg.connect(self.url, autocommit=True) as connection:
            connection.execute(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
                "WHERE datname = current_database() AND pid <> pg_backend_pid()"
            )


def application(settings: Settings) -> Celery:
    made = Celery("tests", set_as_current=False)
    made.conf.update(celery_config(settings))
    return made


@pytest.fixture
def consumer(database_url: str, tmp_path: Path) -> Iterator[Consumer]:
    """One of the queue of bulk work, on which three messages wait."""
    settings = Settings(database_url=database_url, data=tmp_path)
    prepare(settings)
    app = application(settings)
    taken: list[Message] = []
    with app.connection_for_read() as connection:
        for _ in range(3):
            app.send_task("fakeprint.nothing", queue=queues.BULK, connection=connection)
        connection.default_channel.basic_qos(0, 1, False)
        bulk = app.amqp.queues[queues.BULK]
        with app.amqp.TaskConsumer(connection, queues=[bulk], on_message=taken.append):
            yield Consumer(database_url, connection, taken)


@pytest.mark.parametrize("settle", ["ack_log_error", "reject_log_error"])
def test_a_message_that_cannot_be_settled_holds_up_none_after_it(
    consumer: Consumer, settle: str, caplog: pytest.LogCaptureFixture
) -> None:
    first = consumer.take()
    consumer.cut()
    settled: Any = getattr(first, settle)
    settled(logging.getLogger("tests"), consumer.connection.connection_errors)
    assert "Couldn't" in caplog.text
    second = consumer.take()
    assert second.delivery_tag != first.delivery_tag
    second.ack()
    assert consumer.take().delivery_tag not in (first.delivery_tag, second.delivery_tag)


def test_no_more_are_taken_than_may_be_held(consumer: Consumer) -> None:
    first = consumer.take()
    with pytest.raises(TimeoutError):
        consumer.connection.drain_events(timeout=0.5)
    first.ack()
    consumer.take().ack()
    consumer.take().ack()
    with pytest.raises(TimeoutError):
        consumer.connection.drain_events(timeout=0.5)


def test_the_next_is_taken_as_soon_as_one_is_settled(consumer: Consumer) -> None:
    """A thread of the worker's pool settles it. The wait would end of itself after a minute."""
    first = consumer.take()
    consumer.connection.transport_options["polling_interval"] = 60
    with ThreadPoolExecutor(1) as pool:
        taking = pool.submit(consumer.connection.drain_events, timeout=70)
        wait([taking], timeout=0.2)
        assert not taking.done()
        first.ack()
        taking.result(timeout=20)
    assert len(consumer.taken) == 2


def test_a_publisher_does_not_listen(consumer: Consumer) -> None:
    """Two declare the queues; the consumer alone reads what is said to it."""
    app = application(Settings(database_url=consumer.url))
    with app.connection_for_write() as connection, psycopg.connect(consumer.url) as looking:
        app.send_task("fakeprint.nothing", queue=queues.BULK, connection=connection)
        sent = "SELECT count(*) FROM pgmq.q_bulk"
        here = "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database()"
        listening = f"{here} AND query LIKE 'LISTEN%'"
        assert looking.execute(sent).fetchone() == (4,)
        assert looking.execute(listening).fetchone() == (1,)
        enabled = "SELECT count(*) FROM pgmq.notify_insert_throttle WHERE queue_name = 'bulk'"
        assert looking.execute(enabled).fetchone() == (1,)


def test_it_waits_for_no_lock_for_long(consumer: Consumer, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pgmq, "STATEMENT_MS", 500)
    app = application(Settings(database_url=consumer.url))
    with psycopg.connect(consumer.url) as holding, app.connection_for_write() as connection:
        connection.ensure_connection()
        holding.execute("LOCK TABLE pgmq.q_bulk")
        with pytest.raises(OperationalError, match="statement timeout"):
            app.send_task("fakeprint.nothing", queue=queues.BULK, connection=connection, retry=False)
        holding.rollback()
        app.send_task("fakeprint.nothing", queue=queues.BULK, connection=connection, retry=False)


@pytest.mark.slow
def test_a_database_that_goes_before_a_channel_is_there_is_a_broker_that_went(tmp_path: Path) -> None:
    """Else the worker ends of it, and is not connected again."""
    nowhere = f"postgresql://nobody@127.0.0.1:{services.free_port()}/nothing"
    with application(Settings(database_url=nowhere, data=tmp_path)).connection_for_read() as connection:
        connection.transport_options.update(max_retries=0)
        with pytest.raises(connection.connection_errors):
            _ = connection.default_channel
        pool = cast("pgmq.Transport", connection.transport)._pool
        assert pool
        pool.close()


def test_a_database_that_vanished_is_away_within_seconds(consumer: Consumer) -> None:
    pool = consumer.connection.default_channel.pgmq.pool
    with pool.connection() as held:
        parameters = held.info.get_parameters()
    assert {name: parameters[name] for name in VANISHED} == {
        name: str(value) for name, value in VANISHED.items()
    }
    assert pool.reconnect_timeout == RECONNECTING

"""Saying that a job is there: quickly, after a restart of the broker, after a fork, and never for long."""

from __future__ import annotations

import os
import shutil
import socket
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from uuid import uuid4

import psycopg
import pytest

from registry.core.errors import BadInput, Unavailable
from registry.core.messaging import publisher as publishing
from registry.core.messaging import queues
from registry.core.messaging.broker import prepare
from registry.core.messaging.publisher import Publisher
from registry.core.messaging.queues import CONNECT_SECONDS
from registry.core.settings import Settings
from tests.support.service import servers as services


@pytest.fixture(params=["pgmq", "rabbitmq", "redis"])
def settings(request: pytest.FixtureRequest, database_url: str) -> Settings:
    """Settings for each broker; the database is this test's own."""
    url = "" if request.param == "pgmq" else str(request.getfixturevalue(request.param))
    found = Settings(database_url=database_url, broker_url=url)
    prepare(found)
    return found


@pytest.fixture
def publisher(settings: Settings) -> Iterator[Publisher]:
    with closing(Publisher(settings)) as found:
        yield found


def say(publisher: Publisher) -> None:
    # Nobody listens to this queue here; a message of the shared brokers that stays is harmless.
    publisher.publish("fakeprint.answer_lookup", queues.INTERACTIVE, uuid4())


def test_threads_share_a_publisher(publisher: Publisher) -> None:
    publisher.ping()
    with ThreadPoolExecutor(8) as pool:
        for done in [pool.submit(say, publisher) for _ in range(40)]:
            done.result()


def test_a_closed_publisher_opens_again(publisher: Publisher) -> None:
    say(publisher)
    publisher.close()
    say(publisher)


@pytest.mark.filterwarnings("ignore:.*multi-threaded, use of fork:DeprecationWarning")
def test_a_fork_gets_a_connection_of_its_own(publisher: Publisher) -> None:
    say(publisher)
    child = os.fork()
    if child == 0:
        try:
            say(publisher)
        except BaseException:  # noqa: BLE001 - the child must end here, whatever happened
            os._exit(1)
        os._exit(0)
    assert os.waitpid(child, 0)[1] == 0
    say(publisher)


def test_messages_arrive_once(database_url: str) -> None:
    chosen = Settings(database_url=database_url)
    prepare(chosen)
    with closing(Publisher(chosen)) as publisher:
        for _ in range(3):
            say(publisher)
    with psycopg.connect(database_url) as connection:
        row = connection.execute("SELECT count(*) FROM pgmq.q_interactive").fetchone()
    assert row == (3,)


@pytest.mark.parametrize("scheme", ["amqp", "redis", "pgmq"])
def test_a_refusing_broker_is_reported_at_once(scheme: str) -> None:
    with closing(Publisher(Settings(broker_url=f"{scheme}://u:p@127.0.0.1:9/1"))) as publisher:
        began = time.monotonic()
        with pytest.raises(Unavailable) as caught:
            say(publisher)
        assert caught.value.code == "broker_unavailable"
        assert time.monotonic() - began < 10 * CONNECT_SECONDS


@pytest.mark.slow(12)
@pytest.mark.parametrize("scheme", ["amqp", "redis", "pgmq"])
def test_a_silent_broker_costs_seconds_once(scheme: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(publishing, "PAUSE_SECONDS", 600.0)
    with socket.socket() as silent:
        silent.bind(("127.0.0.1", 0))
        silent.listen(8)
        url = f"{scheme}://u:p@127.0.0.1:{silent.getsockname()[1]}/1"
        with closing(Publisher(Settings(broker_url=url))) as publisher:
            began = time.monotonic()
            with pytest.raises(Unavailable):
                publisher.ping()
            assert time.monotonic() - began < 2 * CONNECT_SECONDS, "asked once"
            with pytest.raises(Unavailable, match="a moment ago"):
                say(publisher)


@pytest.mark.slow
def test_it_survives_a_restart_of_the_broker() -> None:
    """Redis here: the connection is cut, the next message goes over a new one without an error."""
    port = services.free_port()
    url = f"redis://127.0.0.1:{port}/0"
    with services.open_temporary_folder("redis") as folder:
        command = [
            str(shutil.which("redis-server")),
            "--port",
            str(port),
            "--bind",
            "127.0.0.1",
            "--save",
            "",
        ]
        with closing(Publisher(Settings(broker_url=url))) as publisher:
            for _ in range(2):
                with services.running(command, folder / "log") as server:
                    services.wait_until(lambda: services.listens(port), 20, server, folder / "log")
                    say(publisher)


@pytest.fixture
def empty_database_url(embedded_postgres: services.PostgresServer) -> Iterator[str]:
    with embedded_postgres.empty() as url:
        yield url


def test_prepare_installs_once(empty_database_url: str) -> None:
    chosen = Settings(database_url=empty_database_url)
    with ThreadPoolExecutor(4) as pool:
        made = [done.result() for done in [pool.submit(prepare, chosen) for _ in range(4)]]
    assert sorted(map(len, made)) == [0, 0, 0, 1]


def test_pgmq_without_its_tables_names_the_next_step(empty_database_url: str) -> None:
    with closing(Publisher(Settings(database_url=empty_database_url))) as publisher:
        with pytest.raises(Unavailable) as caught:
            say(publisher)
        assert "fakeprint migrate" in (caught.value.next_step or "")


def test_an_unknown_broker_is_refused() -> None:
    with pytest.raises(BadInput) as caught:
        Publisher(Settings(broker_url="sqs://somewhere"))
    assert caught.value.code == "bad_broker_url"

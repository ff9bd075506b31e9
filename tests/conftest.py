"""Fixtures shared by all tests: real servers, started once a session and only when asked for."""

from __future__ import annotations

import gc
import shutil
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Final, override

import pytest
from hypothesis import HealthCheck, settings
from xdist.remote import Producer
from xdist.scheduler import LoadFileScheduling

from registry.app.wiring import wire
from tests.support.service import replication, scratch, stack
from tests.support.service import servers as services

pytest_plugins = ["tests.support.service.fixtures"]

wire()  # as each process of the API and of the workers does

# What is collected stays. Looking through it for garbage is a fifth of the collection, and of later tests.
gc.disable()

# A machine that is busy is no fault of what is tried: nothing is judged by the time it took.
settings.register_profile("untimed", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("untimed")

_FOLDER = scratch.use_memory()

# Those that take longest begin first: what begins last decides when all have ended.
LONGEST: Final = (
    "core/messaging/test_brokers.py",
    "catalogue/entries/test_commands.py",  # and with it all that ask `running_service`
    "browser/test_sign_in.py",  # and all that is tried in a browser
    "app/test_up.py",
    "system/test_hma_clients.py",  # and what asks `private_service`
    "test_house.py",
    "core/blobs/test_stores.py",
    "workers/runtime/test_shutdown.py",
    "workers/media/test_memory.py",
    "workers/hashers/test_videohash.py",
    "system/test_chaos.py",
    "identity/test_role_matrix.py",
    "system/test_failover.py",
    "core/database/test_primary_away.py",
    "system/test_one_fake_in_many_places.py",
    "system/test_documents.py",
    "catalogue/media/test_hash_only.py",
    "sharing/test_resolution.py",
    "sharing/federation/test_foreign_feeds.py",
    "sharing/federation/test_peers.py",
    "sharing/federation/test_failing_peers.py",
    "operations/test_observability.py",
    "system/test_restore.py",
    "matching/abuse/test_reconstruction_attack.py",
    "catalogue/fingerprints/test_refingerprint.py",
    "transparency/test_ledger.py",
    "persons/test_erasure.py",
    "app/test_api_process.py",
    "catalogue/fingerprints/test_long_videos.py",
    "workers/provenance/test_provenance.py",
    "sharing/federation/test_feeds.py",
)

SHARES: Final = {
    "private_service": "private",
    "running_service": "service",
    "tests/browser": "console",
    "debian_postgres": "brokers",
    "test_publisher": "brokers",
    "replicated: ": "replicated",
    "s3_store": "store",
}
"""What the paths and texts of files say that share a server which costs much to start, and what those are
called together."""
SHARED: Final = (
    *("running_service", "private_service", "browser", "console", "provider", "mailing"),
    *("rabbitmq_server", "redis_server", "debian_postgres", "replicated", "s3_store"),
)
"""The fixtures that end where no file follows that shares them: a whole deployment takes 6 % of a core while
nobody asks it anything."""


@cache
def _share(file: str) -> str:
    """What the file shares, else the file."""
    text = f"{file} {Path(file).read_text(encoding='utf-8')}"
    return next((name for word, name in SHARES.items() if word in text), file)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Order the files by LONGEST, those that share a server beside each other; in a file the order stays."""
    tests = Path(__file__).parent
    places = {tests / name: place for place, name in enumerate(LONGEST)}
    items.sort(key=lambda item: places.get(item.path, len(LONGEST)))
    shares: dict[str, int] = {}
    items.sort(key=lambda item: shares.setdefault(_share(str(item.path)), len(shares)))


@pytest.hookimpl(wrapper=True)
def pytest_runtest_teardown(item: pytest.Item, nextitem: pytest.Item | None) -> Iterator[None]:
    yield
    if nextitem is not None and _share(str(item.path)) != _share(str(nextitem.path)):
        for name in SHARED:
            for fixture in item.session._fixturemanager.getfixturedefs(name, item) or ():
                if fixture.scope == "session":
                    fixture.finish(item._request)  # type: ignore[attr-defined]


class Scheduling(LoadFileScheduling):  # type: ignore[misc]  # it has no types
    """A file stays with one process, and so do all that share a server."""

    @override
    def _split_scope(self, nodeid: str) -> str:
        return _share(super()._split_scope(nodeid))


def pytest_collection_finish() -> None:
    gc.collect()
    gc.freeze()
    gc.enable()


def pytest_xdist_make_scheduler(config: pytest.Config, log: Producer) -> Scheduling:
    return Scheduling(config, log)


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

"""After a failover a replica still follows the old primary, which was never fenced and writes on. The service
sees that where its role may."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import urlsplit

import psycopg
import pytest

from registry.app.embedded.postgres import Cluster
from registry.app.service.check_readiness import check_readiness
from registry.core.database.replicas import HIDDEN
from registry.core.service import Service, open_service
from registry.core.settings import Settings
from tests.support.service import replication
from tests.support.service import servers as services
from tests.support.service.replication import Database, Pair

pytestmark = pytest.mark.slow

ROLE = Path(__file__).parents[3] / "deploy" / "service-role.sql"
GRANT = "pg_read_all_stats"


def _until(condition: Callable[[], bool]) -> None:
    services.wait_until(condition, 60)


def _as_service(url: str) -> str:
    """The same address for the service's own role, as Compose logs in."""
    parts = urlsplit(url)
    return parts._replace(netloc=f"fakeprint_service:secret@{parts.netloc.rpartition('@')[2]}").geturl()


def _give_role(url: str) -> None:
    with psycopg.connect(url) as connection:
        connection.execute(ROLE.read_bytes())
        connection.execute("ALTER ROLE fakeprint_service LOGIN PASSWORD 'secret'")


@contextmanager
def _serving(folder: Path, primary: str, replica: str) -> Iterator[Service]:
    chosen = Settings(database_url=_as_service(primary), data=folder, replica_urls=_as_service(replica))
    opened = open_service(chosen, replicas=True)
    try:
        yield opened
    finally:
        opened.close()


def _state(service: Service) -> tuple[bool, str | None]:
    (state,) = check_readiness(service).replicas or []
    return state.ok, state.detail


@pytest.fixture
def pair() -> Iterator[Pair]:
    """Servers of one's own: one of them is promoted."""
    with replication.pair() as made:
        _give_role(made.primary.url)
        yield made


@contextmanager
def _second(pair: Pair) -> Iterator[Cluster]:
    """Another replica of the primary."""
    made = replication.cluster(pair.primary.home.parent, "second")
    replication.copy(pair.primary, made, "second")
    try:
        made.start()
        yield made
    finally:
        made.stop()


def _write_on(database: Database) -> None:
    """The old primary's log grows beyond where the new one's ends."""
    database.on_primary("CREATE TABLE IF NOT EXISTS written_on (it text)")
    database.on_primary("INSERT INTO written_on SELECT repeat('x', 500) FROM generate_series(1, 20000)")


def test_a_role_needs_rights_to_see_the_timeline_of_a_stale_replica(pair: Pair, tmp_path: Path) -> None:
    with _second(pair) as second:
        old = Database(pair.primary.url, second.url)
        old.catch_up()
        with _serving(tmp_path / "before", old.url, old.replica_url) as service:
            _until(lambda: _state(service) == (True, None))
            old.on_primary(f"REVOKE {GRANT} FROM fakeprint_service")
            _until(lambda: _state(service) == (True, HIDDEN))
        Database(pair.primary.url, pair.replica.url).catch_up()
        with psycopg.connect(pair.replica.url, autocommit=True) as connection:
            assert connection.execute("SELECT pg_promote(true, 60)").fetchone() == (True,)
        _write_on(old)
        with _serving(tmp_path / "after", pair.replica.url, old.replica_url) as service:
            _until(lambda: _state(service) == (True, HIDDEN))
            old.on_primary(f"GRANT {GRANT} TO fakeprint_service")
            _until(lambda: _state(service) == (False, "It follows a primary of before a failover."))

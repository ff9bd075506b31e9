"""Fixtures of the integration tests: an API over HTTP, and a service without its processes."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path
from uuid import UUID

import httpx2
import pytest

from registry.app.service.bootstrap import bootstrap
from registry.core.blobs import FolderBlobs
from registry.core.database.pool import Pool
from registry.core.errors.messaging import BrokerUnavailable, QueueUnavailable
from registry.core.messaging.publisher import DeadMessage
from registry.core.service import Service
from registry.core.settings import Settings, settings
from registry.identity.callers.model import Caller
from registry.identity.callers.service.keys import authenticate
from tests.support.service import api as processes
from tests.support.service import servers as services
from tests.support.service.api import Api
from tests.support.sharing.publishing import Publisher, line, serving
from tests.support.takedown.campaigns import Case, case
from tests.support.takedown.delivery import able, channels
from tests.support.takedown.endpoints import Endpoint, endpoint, says
from tests.support.takedown.mail import MailServer, mail_server


@dataclass(eq=False)
class Recorder:
    """A publisher that records messages in a list.

    `away`: the broker does not answer. `refuses`: a queue that is full. `holds`: messages on each queue.
    """

    sent: list[tuple[str, str, UUID]] = field(default_factory=list)
    away: bool = False
    refuses: str = ""
    holds: int = 1

    def publish(self, task: str, queue: str, job_id: UUID) -> None:
        self.ping()
        if queue == self.refuses:
            raise QueueUnavailable("The queue is full.")
        self.sent.append((task, queue, job_id))

    def ping(self) -> None:
        if self.away:
            raise BrokerUnavailable("The broker is away.")

    def held(self, *, wary: bool = False) -> list[str]:  # noqa: ARG002 - interface of the real one
        return []

    def waiting(self, kind: str) -> int:  # noqa: ARG002 - interface of the real one
        self.ping()
        return self.holds

    def drain(self, keep: Callable[[DeadMessage], None]) -> None:  # noqa: ARG002 - interface of the real one
        self.ping()

    def close(self) -> None:
        return


@pytest.fixture
def recorder() -> Recorder:
    return Recorder()


@pytest.fixture
def service(database_url: str, tmp_path: Path, recorder: Recorder) -> Iterator[Service]:
    """A service with two attempts for each job and a lease of two seconds, so that lost workers are noticed
    soon."""
    settings = Settings(
        database_url=database_url, data=tmp_path, max_attempts=2, max_deferrals=2, lease_seconds=2
    )
    pool = Pool(database_url, size=6, statement_timeout_ms=10_000)
    pool.open()
    made = Service(pool, FolderBlobs(tmp_path / "blobs"), recorder, settings)
    yield made
    made.close()


@pytest.fixture
def owner(service: Service) -> Caller:
    """The first caller, with every role."""
    key = bootstrap(service)
    assert key
    return authenticate(service, key)


@pytest.fixture(scope="session")
def api(
    embedded_postgres: services.PostgresServer, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Api]:
    """One API for all tests; each test creates its own organization in it. It has no workers, so jobs stay
    queued."""
    folder = tmp_path_factory.mktemp("api")
    with (
        embedded_postgres.clone() as url,
        processes.running(url, folder, lookup_wait=0, registration_wait=0) as started,
    ):
        yield started


@pytest.fixture
def admin(api: Api) -> Iterator[httpx2.Client]:
    """A caller with every role, alone in its organization."""
    with api.stranger("lookup", "register", "review", "takedown", "admin", "signals") as client:
        yield client


@pytest.fixture
def local(service: Service) -> Service:
    """The service, with permission to send to this machine."""
    return replace(service, settings=service.settings.model_copy(update={"webhook_private": True}))


@pytest.fixture
def there() -> Iterator[Endpoint]:
    with endpoint(says(204)) as made:
        yield made


@pytest.fixture
def mailing() -> Iterator[MailServer]:
    """A mail server on this machine."""
    with mail_server() as made:
        yield made


@pytest.fixture
def about(
    service: Service,
    owner: Caller,
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
    there: Endpoint,
    mailing: MailServer,
) -> Iterator[Case]:
    """A campaign, with platforms on this machine that accept mail and API requests."""
    keys = channels(monkeypatch, tmp_path, api=there.url("/notices"))
    yield case(able(service, keys, mailing.port), owner)
    settings.cache_clear()


@pytest.fixture
def opened(service: Service) -> Service:
    """A service that may read registries on this machine."""
    chosen = service.settings.model_copy(update={"exchange_private": True})
    return Service(service.pool, service.blobs, service.publisher, chosen)


@pytest.fixture
def north() -> Iterator[Publisher]:
    """A registry with three entries on two pages of its feed."""
    made = Publisher("north")
    made.publish(line("a"), line("b"))
    made.publish(line("c"))
    with serving(made) as made.url:
        yield made

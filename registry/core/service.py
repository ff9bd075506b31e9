"""What every action needs: the database, the blobs, the broker, the settings."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Protocol
from uuid import UUID

from registry.core import tracing
from registry.core.blobs import Blobs, open_blobs
from registry.core.crypto.keys import FolderKeys, open_keys
from registry.core.database.pool import Pool
from registry.core.database.replicas import Replicas, Source, Who
from registry.core.errors import BadInput
from registry.core.journal import Journal
from registry.core.messaging.publisher import DeadMessage, Publisher
from registry.core.settings import Settings


class Publishes(Protocol):
    """A way to say that a job is there."""

    def publish(self, task: str, queue: str, job_id: UUID) -> None:
        """Say it. Raises `Unavailable` (code `broker_unavailable`; `queue_unavailable`: others may take
        theirs)."""

    def held(self, *, wary: bool = False) -> list[str]:
        """The queues that took nothing a moment ago and are not asked yet; `wary`: all that are doubtful."""

    def ping(self) -> None:
        """Raise `Unavailable` where the broker does not answer."""

    def waiting(self, kind: str) -> int:
        """How many messages of a queue no worker has yet. Raises `Unavailable` (`broker_unavailable`)."""

    def drain(self, keep: Callable[[DeadMessage], None]) -> None:
        """Hand over what the broker gave up. Raises `Unavailable` (code `broker_unavailable`)."""

    def close(self) -> None:
        """Let the connection go."""


@dataclass(frozen=True, slots=True)
class Service:
    """The parts of one running process."""

    pool: Pool
    blobs: Blobs
    publisher: Publishes
    settings: Settings
    replicas: Replicas | None = None

    @property
    def keys(self) -> FolderKeys:
        """The keys of enrolled persons; none is held in memory. Raises `BadInput` (`bad_keys_url`)."""
        return open_keys(self.settings.keys_url, self.settings.data)

    def read[T](self, act: Callable[[Source], T], who: Who) -> T:
        """What `act` finds in the database from which a lookup of `who` is read: the primary where there are
        no replicas. It may be called again for another database, so it reads and does nothing else."""
        if self.replicas is None:
            return act(Source(self.pool))
        return self.replicas.read(act, who)

    @property
    def journal(self) -> Journal:
        """Where records of lookups wait while the primary database is away: one a process and folder."""
        return _journal(self.settings.data / "spool", self.settings.spool_bytes)

    def close(self) -> None:
        """Let connections go."""
        self.publisher.close()
        if self.replicas is not None:
            self.replicas.close()
        self.pool.close()
        tracing.flush()


@cache
def _journal(folder: Path, limit: int) -> Journal:
    return Journal(folder, limit)


def open_service(settings: Settings, *, replicas: bool = False) -> Service:
    """The parts, from the settings. `replicas`: read lookups from those that are set; for the API, which
    answers many. Raises `BadInput` (code `no_database_url`) where no database is set."""
    if not settings.database_url:
        raise BadInput(
            "No database is set.",
            code="no_database_url",
            next_step="Run `fakeprint up`, or set FAKEPRINT_DATABASE_URL (PostgreSQL >= 17, pgvector).",
        )
    open_keys(settings.keys_url, settings.data)  # a wrong address is told at the start
    tracing.configure(settings)
    pool = Pool(
        settings.database_url,
        size=settings.pool_size,
        statement_timeout_ms=settings.statement_timeout_ms,
    )
    pool.open()
    copies = None
    if replicas and settings.replica_urls:
        copies = Replicas(
            pool,
            settings.replica_urls.split(),
            size=settings.pool_size,
            statement_timeout_ms=settings.statement_timeout_ms,
        )
        copies.open()
    return Service(
        pool=pool,
        blobs=open_blobs(settings.blobs_url, settings.data, settings.blobs_keys),
        publisher=Publisher(settings),
        settings=settings,
        replicas=copies,
    )

"""The parts that every action needs: database, blobs, broker, settings."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Protocol, TypedDict
from uuid import UUID

from registry.core import tracing
from registry.core.blobs import Blobs, open_blobs
from registry.core.crypto.keys import FolderKeys, open_keys
from registry.core.crypto.kms import open_kms
from registry.core.database.pool import Pool
from registry.core.database.replicas import CallerId, Replicas, Source
from registry.core.errors.database import NoDatabaseUrl
from registry.core.journal import Journal
from registry.core.messaging.publisher import DeadMessage, Publisher
from registry.core.settings import Settings


class Publishes(Protocol):
    """Sends messages about new jobs to workers."""

    def publish(self, task: str, queue: str, job_id: UUID) -> None:
        """Send the message. Raises `Unavailable`: `broker_unavailable`, or `queue_unavailable` if only this
        queue refuses messages."""

    def held(self, *, wary: bool = False) -> list[str]:
        """Return the queues that recently refused a message and are paused. `wary`: all queues that are still
        doubtful."""

    def ping(self) -> None:
        """Raise `Unavailable` where the broker does not answer."""

    def waiting(self, kind: str) -> int:
        """Return how many messages of a queue are not yet assigned to a worker. Raises `Unavailable`
        (`broker_unavailable`)."""

    def drain(self, save: Callable[[DeadMessage], None]) -> None:
        """Pass the broker's dead letters to `save`. Raises `Unavailable` (code `broker_unavailable`)."""

    def close(self) -> None:
        """Close the connection."""


class _Sizes(TypedDict):
    size: int
    statement_timeout_ms: int


@dataclass(frozen=True, slots=True)
class Service:
    """The parts of one running process."""

    pool: Pool
    blobs: Blobs
    publisher: Publishes
    settings: Settings
    replicas: Replicas | None = None
    direct: Pool | None = None

    @property
    def leases(self) -> Pool:
        """The connections that claim jobs, renew leases and give jobs back: never by a pooler. A lease is
        bound to its worker's session, and a job that met a dead pooler can still be deferred."""
        return self.direct or self.pool

    @property
    def keys(self) -> FolderKeys:
        """The keys of enrolled persons; none is kept in memory. Raises `BadInput` (`bad_keys_url`,
        `bad_kms_url`)."""
        kms = open_kms(self.settings.kms_url, self.settings.kms_token)
        return open_keys(self.settings.keys_url, self.settings.data, kms)

    def read[T](self, act: Callable[[Source], T], caller: CallerId) -> T:
        """Run `act` on the database that answers lookups of `caller`: the primary if there are no replicas.
        `act` may be called again for another database, so it must only read."""
        if self.replicas is None:
            return act(Source(self.pool))
        return self.replicas.read(act, caller)

    @property
    def journal(self) -> Journal:
        """The journal of lookup records while the primary database is away: one a process and folder."""
        return _journal(self.settings.data / "spool", self.settings.spool_bytes)

    def close(self) -> None:
        """Close all connections and send remaining traces."""
        self.publisher.close()
        if self.replicas is not None:
            self.replicas.close()
        if self.direct is not None:
            self.direct.close()
        self.pool.close()
        tracing.flush()


@cache
def _journal(folder: Path, limit: int) -> Journal:
    return Journal(folder, limit)


def open_service(settings: Settings, *, replicas: bool = False, leases: bool = False) -> Service:
    """Open the parts that the settings describe. `replicas`: read lookups from the configured replicas (for
    the API). `leases`: hold leases beside a pooler (for workers).

    Raises `BadInput` (code `no_database_url`) if no database is set."""
    if not settings.database_url:
        raise NoDatabaseUrl
    open_keys(settings.keys_url, settings.data)  # report bad addresses at start
    open_kms(settings.kms_url, settings.kms_token)
    tracing.configure(settings)
    url, sizes = settings.database_url, _sizes(settings)
    pool = Pool(url, pooler=settings.pooler_url, **sizes)
    pool.open()
    copies = direct = None
    if replicas and settings.replica_urls:
        copies = Replicas(pool, settings.replica_urls.split(), **sizes)
        copies.open()
    if leases and settings.pooler_url:
        direct = Pool(url, name="fakeprint-leases", **sizes)
        direct.open()
    return Service(
        pool=pool,
        blobs=open_blobs(settings.blobs_url, settings.data, settings.blobs_keys),
        publisher=Publisher(settings),
        settings=settings,
        replicas=copies,
        direct=direct,
    )


def _sizes(settings: Settings) -> _Sizes:
    return {"size": settings.pool_size, "statement_timeout_ms": settings.statement_timeout_ms}

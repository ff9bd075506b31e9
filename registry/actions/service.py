"""What every action needs: the database, the blobs, the broker, the settings."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol
from uuid import UUID

from registry.blobs import Blobs, open_blobs
from registry.broker import Publisher
from registry.errors import BadInput
from registry.keys import FolderKeys, open_keys
from registry.settings import Settings
from registry.store.pool import Pool


class Publishes(Protocol):
    """A way to say that a job is there."""

    def publish(self, task: str, queue: str, job_id: UUID) -> None:
        """Say it. Raises `Unavailable` (code `broker_unavailable`)."""

    def ping(self) -> None:
        """Raise `Unavailable` where the broker does not answer."""

    def close(self) -> None:
        """Let the connection go."""


@dataclass(frozen=True, slots=True)
class Service:
    """The parts of one running process."""

    pool: Pool
    blobs: Blobs
    publisher: Publishes
    settings: Settings

    @property
    def keys(self) -> FolderKeys:
        """The keys of enrolled persons; none is held in memory. Raises `BadInput` (`bad_keys_url`)."""
        return open_keys(self.settings.keys_url, self.settings.data)

    def close(self) -> None:
        """Let connections go."""
        self.publisher.close()
        self.pool.close()


def open_service(settings: Settings) -> Service:
    """The parts, from the settings. Raises `BadInput` (code `no_database_url`) where none is set."""
    if not settings.database_url:
        raise BadInput(
            "No database is set.",
            code="no_database_url",
            next_step="Run `fakeprint up`, or set FAKEPRINT_DATABASE_URL (PostgreSQL >= 17, pgvector).",
        )
    open_keys(settings.keys_url, settings.data)  # a wrong address is told at the start
    pool = Pool(
        settings.database_url,
        size=settings.pool_size,
        statement_timeout_ms=settings.statement_timeout_ms,
    )
    pool.open()
    return Service(
        pool=pool,
        blobs=open_blobs(settings.blobs_url, settings.data),
        publisher=Publisher(settings),
        settings=settings,
    )

"""Model versions for which kept media is fingerprinted again, in the background."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from registry.catalogue.media.model import Kind
from registry.core.database import sql
from registry.core.database.pool import Connection
from registry.jobs import Task

_SQL = sql.load(__name__)


@dataclass(frozen=True, slots=True)
class Recomputed:
    """An algorithm that stored media are read for: the task of its jobs, and the kinds of media it reads."""

    algorithm: str
    task: Task = "refingerprint_asset"
    kinds: tuple[Kind, ...] = ("image", "video")


@dataclass(frozen=True, slots=True)
class Version:
    """Progress of one model version, as numbers of media.

    `asked`: recomputation is requested. `have`: media with this version. `open`: a job waits or runs.
    `failed`: the job failed. `lacking`: the version is missing and the media is kept. `gone`: the version is
    missing and the media is not kept.
    """

    algorithm: str
    asked: bool
    have: int
    open: int
    failed: int
    lacking: int
    gone: int


def add_request(connection: Connection, algorithm: str) -> None:
    """Request this version for all kept media that lack it, oldest first."""
    connection.execute(_SQL["add_request"], {"algorithm": algorithm})


def delete_request(connection: Connection, algorithm: str) -> bool:
    """End the request. False if there was none."""
    return connection.execute(_SQL["delete_request"], {"algorithm": algorithm}).rowcount > 0


def list_requests(connection: Connection) -> list[str]:
    """Return the requested versions."""
    return [row["algorithm"] for row in connection.execute(_SQL["list_requests"]).fetchall()]


def lacking(connection: Connection, asset_id: UUID) -> list[str]:
    """Return the requested versions that this medium lacks."""
    rows = connection.execute(_SQL["lacking"], {"asset_id": asset_id}).fetchall()
    return [row["algorithm"] for row in rows]


def next_media(connection: Connection, recomputed: Recomputed, *, most: int) -> list[UUID]:
    """Return the next media to recompute, so that at most `most` jobs of this kind are open."""
    rows = connection.execute(_SQL["next_media"], _parameters(recomputed) | {"most": most}).fetchall()
    return [row["asset_id"] for row in rows]


def version(connection: Connection, recomputed: Recomputed) -> Version:
    """Return the progress of a version."""
    row = connection.execute(_SQL["version"], _parameters(recomputed)).fetchone()
    assert row is not None  # noqa: S101 - counts have a row
    return Version(recomputed.algorithm, **row)


def _parameters(recomputed: Recomputed) -> dict[str, object]:
    return {"algorithm": recomputed.algorithm, "task": recomputed.task, "kinds": list(recomputed.kinds)}


def retire(connection: Connection, algorithm: str, *, most: int) -> int:
    """Delete the values of a version for at most `most` media. Returns the number of media."""
    return connection.execute(_SQL["retire"], {"algorithm": algorithm, "most": most}).rowcount

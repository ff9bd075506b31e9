"""Versions of the model that kept media is read again for, in the background."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from registry.core.database import sql
from registry.core.database.pool import Connection

_SQL = sql.load(__name__)


@dataclass(frozen=True, slots=True)
class Version:
    """One version of a model: `asked`, whether media is read again for it; how many media have it, are `open`
    (a job waits or runs), have `failed`, lack it though their media is kept, and lack it and are `gone`."""

    algorithm: str
    asked: bool
    have: int
    open: int
    failed: int
    lacking: int
    gone: int


def ask(connection: Connection, algorithm: str) -> None:
    """Have all kept media read for it that it has not seen, from the oldest on."""
    connection.execute(_SQL["ask"], {"algorithm": algorithm})


def end(connection: Connection, algorithm: str) -> bool:
    """Ask no longer; False where nobody did."""
    return connection.execute(_SQL["end"], {"algorithm": algorithm}).rowcount > 0


def asked(connection: Connection) -> list[str]:
    """The versions that are asked for."""
    return [row["algorithm"] for row in connection.execute(_SQL["asked"]).fetchall()]


def lacking(connection: Connection, asset_id: UUID) -> list[str]:
    """Those that have not seen this medium."""
    rows = connection.execute(_SQL["lacking"], {"asset_id": asset_id}).fetchall()
    return [row["algorithm"] for row in rows]


def next_media(connection: Connection, algorithm: str, *, most: int) -> list[UUID]:
    """The next media to be read for it, so many that at most `most` jobs of this kind are open."""
    rows = connection.execute(_SQL["next_media"], {"algorithm": algorithm, "most": most}).fetchall()
    return [row["asset_id"] for row in rows]


def version(connection: Connection, algorithm: str) -> Version:
    """How far it is."""
    row = connection.execute(_SQL["version"], {"algorithm": algorithm}).fetchone()
    assert row is not None  # noqa: S101 - counts have a row
    return Version(algorithm, **row)


def retire(connection: Connection, algorithm: str, *, most: int) -> int:
    """Delete what it said, of `most` media at most; of how many."""
    return connection.execute(_SQL["retire"], {"algorithm": algorithm, "most": most}).rowcount

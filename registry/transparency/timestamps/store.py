"""Timestamps of the ledger's checkpoints, and the schedule of the next one."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from datetime import datetime

from registry.core.database import sql
from registry.core.database.pool import Connection

_SQL = sql.load(__name__)


@dataclass(frozen=True, slots=True)
class Due:
    """A checkpoint to be timestamped. `failures`: failed attempts in a row."""

    size: int
    note: str
    failures: int


@dataclass(frozen=True, slots=True)
class Timestamp:
    """A timestamped checkpoint with the authority's response (TimeStampResp, DER)."""

    size: int
    note: str
    response: bytes
    stamped_at: datetime
    authority: str


@dataclass(frozen=True, slots=True)
class State:
    """The state of timestamping, whether or not it is configured.

    `age`: seconds since the newest timestamp; None: there is none. `waiting`: seconds for which a checkpoint
    has waited for one.
    """

    failures: int
    error_code: str | None
    failed_at: datetime | None
    age: float | None
    waiting: float


def claim(connection: Connection, held: float) -> Due | None:
    """Claim the checkpoint to timestamp now, for `held` seconds.

    None if none is due, or if another process has claimed it.
    """
    row = connection.execute(_SQL["claim"], {"held": held}).fetchone()
    return Due(**row) if row else None


def store(connection: Connection, timestamp: Timestamp, *, pause: float) -> None:
    """Store a timestamp. The next one follows after `pause` seconds at the earliest."""
    connection.execute(_SQL["store"], asdict(timestamp))
    connection.execute(_SQL["record_success"], {"pause": pause})


def record_failure(connection: Connection, code: str, *, pause: float) -> None:
    """Record a failed attempt. The next one follows after `pause` seconds."""
    connection.execute(_SQL["record_failure"], {"code": code, "pause": pause})


def newest(connection: Connection, *, covering: int | None = None) -> Timestamp | None:
    """Return the newest timestamped checkpoint. `covering`: the first one that covers this leaf."""
    row = connection.execute(_SQL["newest"], {"covering": covering}).fetchone()
    return Timestamp(**row) if row else None


def state(connection: Connection) -> State:
    """Return the state of timestamping."""
    row = connection.execute(_SQL["state"]).fetchone()
    assert row is not None  # noqa: S101 - there is one row, from the migration on
    return State(**row)

"""Hash exchanges that are read into banks, with their checkpoints."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from psycopg.types.json import Jsonb

from registry.core.database import sql
from registry.core.database.pool import Connection
from registry.identity.callers.model import Caller

_SQL = sql.load(__name__)


@dataclass(frozen=True, slots=True)
class NewSource:
    """A source to be inserted. `credentials`: encrypted."""

    exchange_id: UUID
    name: str
    kind: str
    address: str
    options: Mapping[str, Any]
    credentials: bytes | None
    every: int


@dataclass(frozen=True, slots=True)
class Source:
    """A hash exchange or peer registry with the position reached. `bank`: the name of the bank that it fills.

    `credentials`: encrypted. `every_s`: seconds between two readings. `fetching`: a job to read it is open.
    `open`: neither the organization nor the bank is closed.
    """

    exchange_id: UUID
    organization_id: UUID
    bank_id: UUID
    name: str
    kind: str
    address: str
    options: dict[str, Any]
    credentials: bytes | None
    every_s: int
    checkpoint: dict[str, Any] | None
    state: str
    next_at: datetime
    fetched_at: datetime | None
    added: int
    withdrawn: int
    rejected: int
    error_code: str | None
    error_message: str | None
    created_by: UUID
    created_at: datetime
    followed_at: datetime | None
    bank: str
    fetching: bool
    open: bool

    @property
    def error(self) -> dict[str, str | None] | None:
        """Return why the last reading failed."""
        return {"code": self.error_code, "message": self.error_message} if self.error_code else None


def insert(connection: Connection, caller: Caller, bank_id: UUID, new: NewSource) -> bool:
    """Insert a source of the caller's organization. False: its name or its bank is already in use, or the
    bank is closed."""
    parameters = {
        **asdict(new),
        "organization_id": caller.organization_id,
        "bank_id": bank_id,
        "options": Jsonb(dict(new.options)),
        "created_by": caller.caller_id,
    }
    return connection.execute(_SQL["insert"], parameters).fetchone() is not None


def list_of(connection: Connection, organization_id: UUID) -> list[Source]:
    """Return the organization's exchanges, by name: active and suspended ones."""
    rows = connection.execute(_SQL["list"], {"organization_id": organization_id}).fetchall()
    return [Source(**row) for row in rows]


def lock(connection: Connection, exchange_id: UUID) -> Source | None:
    """Return an exchange of any organization, locked until the transaction ends."""
    row = connection.execute(_SQL["lock"], {"exchange_id": exchange_id}).fetchone()
    return Source(**row) if row else None


def bank(connection: Connection, bank_id: UUID) -> dict[str, Any]:
    """Return the `visibility` of a bank, and whether it is `published`."""
    row = connection.execute(_SQL["bank"], {"bank_id": bank_id}).fetchone()
    assert row is not None  # noqa: S101 - banks are never deleted
    return row


def is_filled(connection: Connection, bank_id: UUID) -> bool:
    """Return whether an exchange or a peer registry fills a bank."""
    row = connection.execute(_SQL["is_filled"], {"bank_id": bank_id}).fetchone()
    return row is not None


def take_due(connection: Connection) -> list[UUID]:
    """Return the exchanges that are due, and schedule their next reading."""
    return [row["exchange_id"] for row in connection.execute(_SQL["take_due"]).fetchall()]


def advance(
    connection: Connection,
    exchange_id: UUID,
    checkpoint: Mapping[str, Any],
    *,
    added: int,
    withdrawn: int,
    rejected: int,
) -> None:
    """Store the checkpoint and add to the counts. An empty `checkpoint` leaves the stored one unchanged."""
    connection.execute(
        _SQL["advance"],
        {
            "exchange_id": exchange_id,
            "checkpoint": Jsonb(dict(checkpoint)) if checkpoint else None,
            "added": added,
            "withdrawn": withdrawn,
            "rejected": rejected,
        },
    )


def record_end(
    connection: Connection, exchange_id: UUID, *, code: str | None = None, message: str | None = None
) -> None:
    """Record that reading reached the end, or failed with `code` and `message`."""
    connection.execute(_SQL["record_end"], {"exchange_id": exchange_id, "code": code, "message": message})


def remove(connection: Connection, exchange_id: UUID) -> None:
    """Mark an exchange as removed and delete its credentials."""
    connection.execute(_SQL["remove"], {"exchange_id": exchange_id})


def end_with_bank(connection: Connection, bank_id: UUID) -> list[UUID]:
    """Mark the exchange that fills a bank as removed and delete its credentials. Returns the ids of such
    exchanges."""
    rows = connection.execute(_SQL["end_with_bank"], {"bank_id": bank_id}).fetchall()
    return [row["exchange_id"] for row in rows]


def set_state(connection: Connection, exchange_id: UUID, state: str) -> None:
    """Suspend an exchange (`suspended`) or resume it (`active`)."""
    connection.execute(_SQL["set_state"], {"exchange_id": exchange_id, "state": state})


def set_credentials(connection: Connection, exchange_id: UUID, encrypted: bytes) -> None:
    """Replace the encrypted credentials of an exchange."""
    connection.execute(_SQL["set_credentials"], {"exchange_id": exchange_id, "credentials": encrypted})


def progress(connection: Connection, exchange_id: UUID) -> tuple[datetime | None, int]:
    """Return when the open job that reads an exchange was enqueued (None: there is none), and the number of
    records that it has now."""
    row = connection.execute(_SQL["progress"], {"exchange_id": exchange_id}).fetchone()
    assert row is not None  # noqa: S101 - two scalar subqueries are one row
    return row["started_at"], row["records"]


def find_login(connection: Connection, organization_id: UUID, kind: str) -> tuple[UUID, bytes] | None:
    """Return id and encrypted credentials of an organization for a kind of exchange."""
    row = connection.execute(
        _SQL["find_login"], {"organization_id": organization_id, "kind": kind}
    ).fetchone()
    return (row["login_id"], bytes(row["credentials"])) if row else None


def replace_login(
    connection: Connection, organization_id: UUID, kind: str, login: tuple[UUID, bytes] | None
) -> UUID | None:
    """Replace an organization's credentials for a kind of exchange, and have the exchanges that are read with
    them due at once. None: it has none any more. Returns the id of the previous ones."""
    of = {"organization_id": organization_id, "kind": kind}
    connection.execute(_SQL["lock_logins"], {"organization_id": organization_id})
    row = connection.execute(_SQL["delete_login"], of).fetchone()
    if login is not None:
        login_id, credentials = login
        connection.execute(_SQL["insert_login"], of | {"login_id": login_id, "credentials": credentials})
        connection.execute(_SQL["make_due"], of)
    return row["login_id"] if row else None


def overdue(connection: Connection) -> dict[str, float]:
    """Return for each kind by how many seconds the most delayed active exchange is overdue."""
    return {row["kind"]: row["seconds"] for row in connection.execute(_SQL["overdue"]).fetchall()}


def remove_all(connection: Connection, organization_id: UUID) -> None:
    """Remove all exchanges of an organization and delete their credentials."""
    connection.execute(_SQL["delete_logins"], {"organization_id": organization_id})
    connection.execute(_SQL["remove_all"], {"organization_id": organization_id})

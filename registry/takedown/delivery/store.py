"""Stored deliveries of notices, their attempts and their due times."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from psycopg.errors import CheckViolation

from registry.core.database import sql
from registry.core.database.pool import Connection
from registry.takedown.delivery.model.delivery import Alarm, DeliveryFilter, Kind, Status, Way
from registry.takedown.notices.model import notice
from registry.takedown.notices.model.notice import State
from registry.takedown.notices.store import notices
from registry.takedown.notices.store.notices import Move

_SQL = sql.load(__name__)


@dataclass(frozen=True, slots=True, repr=False)
class New:
    """A delivery to be inserted.

    `sealed`: the encrypted letter. `digest`: its digest (32 bytes). `token`: the mark in its subject.
    """

    delivery_id: UUID
    notice_id: UUID
    move_no: int
    platform: str
    channel: str
    address: str
    language: str
    token: str
    sealed: bytes
    digest: bytes


@dataclass(frozen=True, slots=True, repr=False)
class StoredDelivery:
    """A delivery. `sealed`: its letter, encrypted. `tries`: attempts since a person last decided."""

    delivery_id: UUID
    notice_id: UUID
    organization_id: UUID
    move_no: int
    platform: str
    channel: Way
    address: str
    language: str
    token: str
    sealed: bytes
    content_sha256: bytes
    status: Status
    attempts: int
    tries: int
    next_at: datetime
    outcome: str | None
    response_code: int | None
    created_by: UUID
    created_at: datetime
    handed_at: datetime | None
    decided_by: UUID | None
    decided_at: datetime | None
    proof_sha256: bytes | None
    kind: Kind
    delivered_at: datetime | None
    receipt_sha256: bytes | None
    receipt_by: UUID | None


@dataclass(frozen=True, slots=True, repr=False)
class LockedDelivery(StoredDelivery):
    """A delivery with its notice and client. `latest`: the notice has no later delivery."""

    regime: str
    state: State
    campaign_id: UUID
    entry_id: UUID
    client_id: UUID
    latest: bool


@dataclass(frozen=True, slots=True, repr=False)
class ListedDelivery(StoredDelivery):
    """A delivery with its notice, and the names of the callers who decided last and recorded the receipt."""

    regime: str
    state: State
    campaign_id: UUID
    client_id: UUID
    decider: str | None
    receipt_giver: str | None


@dataclass(frozen=True, slots=True)
class AttemptResult:
    """The result of an attempt. `delay`: seconds until the next one."""

    status: Status
    outcome: str
    code: int | None
    delay: float


@dataclass(frozen=True, slots=True)
class DeliveryChange:
    """A person's decision on a delivery."""

    status: Status
    channel: Way
    handed_at: datetime | None
    proof: bytes | None
    caller_id: UUID


def send(
    connection: Connection, deliveries: Sequence[New], *, organization_id: UUID, caller_id: UUID
) -> None:
    """Move locked notices to `sent` and insert their deliveries.

    Raises `Conflict` (`notice_hindered`) if the database finds a hindrance.
    """
    try:
        move = Move("send", "sent", "to_be_handed_over", caller_id=caller_id)
        notices.move(connection, [delivery.notice_id for delivery in deliveries], move)
    except CheckViolation as error:
        if error.diag.constraint_name != "notice_gate":
            raise
        raise notice.hindered((error.diag.message_detail or "").split(",")) from None
    add(connection, deliveries, organization_id=organization_id, caller_id=caller_id, kind="notice")


def add(
    connection: Connection,
    deliveries: Sequence[New],
    *,
    organization_id: UUID,
    caller_id: UUID,
    kind: Kind,
) -> None:
    """Insert deliveries that result from moves of notices, one per move.

    A constraint forbids the retraction of a notice that nobody received
    (`notice_delivery_takes_back_what_was_told`). Another ties each delivery to its move
    (`notice_delivery_follows_its_move`).
    """
    connection.execute(
        _SQL["add"],
        {
            "organization_id": organization_id,
            "caller_id": caller_id,
            "kind": kind,
            "delivery_ids": [delivery.delivery_id for delivery in deliveries],
            "notice_ids": [delivery.notice_id for delivery in deliveries],
            "move_nos": [delivery.move_no for delivery in deliveries],
            "platforms": [delivery.platform for delivery in deliveries],
            "channels": [delivery.channel for delivery in deliveries],
            "addresses": [delivery.address for delivery in deliveries],
            "languages": [delivery.language for delivery in deliveries],
            "tokens": [delivery.token for delivery in deliveries],
            "sealed": [delivery.sealed for delivery in deliveries],
            "digests": [delivery.digest for delivery in deliveries],
        },
    )


def due(connection: Connection, *, limit: int) -> list[UUID]:
    """Return deliveries that are due and have no job."""
    return [row["delivery_id"] for row in connection.execute(_SQL["due"], {"limit": limit})]


def retractions_due(connection: Connection, campaign_id: UUID, *, limit: int) -> list[UUID]:
    """Return the notices of a campaign that have to be retracted."""
    rows = connection.execute(_SQL["retractions_due"], {"campaign_id": campaign_id, "limit": limit})
    return [row["notice_id"] for row in rows]


def owner_of(connection: Connection, delivery_id: UUID) -> tuple[UUID, UUID] | None:
    """Return the organization and the notice of a delivery."""
    row = connection.execute(_SQL["owner_of"], {"delivery_id": delivery_id}).fetchone()
    return (row["organization_id"], row["notice_id"]) if row else None


def lock(connection: Connection, delivery_id: UUID) -> LockedDelivery:
    """Lock a delivery and return it; call `notices.lock` first."""
    row = connection.execute(_SQL["lock"], {"delivery_id": delivery_id}).fetchone()
    assert row is not None  # noqa: S101 - deliveries are not deleted
    return LockedDelivery(**row)


def free_at(connection: Connection, platform: str, per_hour: int) -> datetime | None:
    """Return when the hourly limit allows the next attempt to a platform; None: now.

    Holds an advisory lock per platform until the transaction ends.
    """
    connection.execute(_SQL["lock_platform"], {"platform": platform})
    parameters = {"platform": platform, "per_hour": per_hour}
    row = connection.execute(_SQL["free_at"], parameters).fetchone()
    return row["at"] if row else None


def postpone(
    connection: Connection, delivery_id: UUID, outcome: str, *, until: datetime | None, seconds: float = 0
) -> None:
    """Postpone a delivery without an attempt, until a time or for a number of seconds."""
    parameters = {"delivery_id": delivery_id, "outcome": outcome, "until": until, "seconds": seconds}
    connection.execute(_SQL["postpone"], parameters)


def begin(connection: Connection, delivery_id: UUID, platform: str) -> int:
    """Count an attempt before it is made, and return its number."""
    parameters = {"delivery_id": delivery_id, "platform": platform}
    row = connection.execute(_SQL["begin"], parameters).fetchone()
    assert row is not None  # noqa: S101 - it is locked
    number: int = row["attempt_no"]
    return number


def mark_handing(connection: Connection, delivery_id: UUID, attempt_no: int) -> bool:
    """Mark a delivery as `handing`: from this commit on, its content may have been transmitted.

    Returns False if another attempt has begun.
    """
    parameters = {"delivery_id": delivery_id, "attempt_no": attempt_no}
    return connection.execute(_SQL["mark_handing"], parameters).fetchone() is not None


def end(connection: Connection, delivery_id: UUID, attempt_no: int, result: AttemptResult) -> datetime | None:
    """Store the result of an attempt; return the time of hand-over, if it was handed over.

    The delivery does not change if another attempt has begun or a person has decided. An acceptance also ends
    the state `unsure`.
    """
    parameters = asdict(result) | {"delivery_id": delivery_id, "attempt_no": attempt_no}
    row = connection.execute(_SQL["end"], parameters).fetchone()
    return row["handed_at"] if row else None


def set_final_status(connection: Connection, delivery_id: UUID, status: str, outcome: str) -> None:
    """Set the final status of a delivery without an attempt: stopped, unsure or dead."""
    connection.execute(
        _SQL["set_final_status"], {"delivery_id": delivery_id, "status": status, "outcome": outcome}
    )


def decide(connection: Connection, delivery_id: UUID, change: DeliveryChange) -> None:
    """Store a person's decision on a delivery."""
    connection.execute(_SQL["decide"], asdict(change) | {"delivery_id": delivery_id})


def receive(
    connection: Connection, delivery_id: UUID, *, at: datetime, receipt: bytes, caller_id: UUID
) -> None:
    """Record a person's receipt: the delivery reached the platform."""
    parameters = {"delivery_id": delivery_id, "at": at, "receipt": receipt, "caller_id": caller_id}
    connection.execute(_SQL["receive"], parameters)


def start_term(
    connection: Connection,
    delivery_id: UUID,
    notice_id: UUID,
    due_at: datetime | None,
    planned: Sequence[Alarm],
) -> None:
    """Start the term of a delivery: store its due time and its alarms."""
    connection.execute(_SQL["set_due"], {"notice_id": notice_id, "due_at": due_at})
    parameters: dict[str, Any] = {"delivery_id": delivery_id, "due_at": due_at}
    parameters |= {"kinds": [alarm.kind for alarm in planned], "steps": [alarm.step for alarm in planned]}
    connection.execute(_SQL["plan"], parameters | {"planned": [alarm.planned_at for alarm in planned]})


def now(connection: Connection) -> datetime:
    """Return the time of the database's clock."""
    row = connection.execute(_SQL["now"]).fetchone()
    assert row is not None  # noqa: S101 - it always returns a row
    time: datetime = row["now"]
    return time


def page(
    connection: Connection,
    organization_id: UUID,
    campaign_id: UUID,
    filter_: DeliveryFilter,
    *,
    after: tuple[datetime, UUID] | None,
    limit: int,
) -> list[ListedDelivery]:
    """Return a campaign's deliveries, oldest first."""
    at, after_id = after or (None, None)
    parameters: dict[str, Any] = {"organization_id": organization_id, "campaign_id": campaign_id}
    parameters |= asdict(filter_) | {"at": at, "after_id": after_id, "limit": limit}
    return [ListedDelivery(**row) for row in connection.execute(_SQL["page"], parameters)]


def find(connection: Connection, organization_id: UUID, delivery_id: UUID) -> ListedDelivery | None:
    """Return a delivery of the organization."""
    parameters = {"organization_id": organization_id, "delivery_id": delivery_id}
    row = connection.execute(_SQL["find"], parameters).fetchone()
    return ListedDelivery(**row) if row else None


def of_notice(connection: Connection, notice_id: UUID) -> list[StoredDelivery]:
    """Return a notice's deliveries, oldest first."""
    return [StoredDelivery(**row) for row in connection.execute(_SQL["of_notice"], {"notice_id": notice_id})]


def attempts(connection: Connection, delivery_id: UUID) -> list[dict[str, Any]]:
    """Return the attempts of a delivery, oldest first."""
    return connection.execute(_SQL["attempts"], {"delivery_id": delivery_id}).fetchall()

"""Stored deliveries of notices, their attempts and their due times."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal
from uuid import UUID

from psycopg.errors import CheckViolation

from registry.core.database import sql
from registry.core.database.pool import Connection
from registry.takedown.delivery.model.delivery import Alarm
from registry.takedown.notices.model import notice
from registry.takedown.notices.store import notices

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


def send(
    connection: Connection, deliveries: Sequence[New], *, organization_id: UUID, caller_id: UUID
) -> None:
    """Move locked notices to `sent` and insert their deliveries.

    Raises `Conflict` (`notice_hindered`) if the database finds a hindrance.
    """
    try:
        notices.move(
            connection,
            [delivery.notice_id for delivery in deliveries],
            "send",
            "sent",
            "to_be_handed_over",
            caller_id=caller_id,
        )
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
    kind: Literal["notice", "retraction"],
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


def where(connection: Connection, delivery_id: UUID) -> tuple[UUID, UUID] | None:
    """Return the organization and the notice of a delivery."""
    row = connection.execute(_SQL["where"], {"delivery_id": delivery_id}).fetchone()
    return (row["organization_id"], row["notice_id"]) if row else None


def lock(connection: Connection, delivery_id: UUID) -> dict[str, Any]:
    """Lock a delivery and return it with its regime and client; call `notices.lock` first.

    `latest`: the notice has no later delivery.
    """
    row = connection.execute(_SQL["lock"], {"delivery_id": delivery_id}).fetchone()
    assert row is not None  # noqa: S101 - deliveries are not deleted
    return row


def free_at(connection: Connection, platform: str, per_hour: int) -> datetime | None:
    """Return when the hourly limit allows the next attempt to a platform; None: now.

    Holds an advisory lock per platform until the transaction ends.
    """
    connection.execute(_SQL["take_turns"], {"platform": platform})
    parameters = {"platform": platform, "per_hour": per_hour}
    row = connection.execute(_SQL["free_at"], parameters).fetchone()
    return row["at"] if row else None


def wait(
    connection: Connection, delivery_id: UUID, outcome: str, *, until: datetime | None, seconds: float = 0
) -> None:
    """Postpone a delivery without an attempt, until a time or for a number of seconds."""
    parameters = {"delivery_id": delivery_id, "outcome": outcome, "until": until, "seconds": seconds}
    connection.execute(_SQL["wait"], parameters)


def begin(connection: Connection, delivery_id: UUID, platform: str) -> int:
    """Count an attempt before it is made, and return its number."""
    parameters = {"delivery_id": delivery_id, "platform": platform}
    row = connection.execute(_SQL["begin"], parameters).fetchone()
    assert row is not None  # noqa: S101 - it is locked
    number: int = row["attempt_no"]
    return number


def hand(connection: Connection, delivery_id: UUID, attempt_no: int) -> bool:
    """Mark a delivery as `handing`: from this commit on, its content may have been transmitted.

    Returns False if another attempt has begun.
    """
    parameters = {"delivery_id": delivery_id, "attempt_no": attempt_no}
    return connection.execute(_SQL["hand"], parameters).fetchone() is not None


def end(
    connection: Connection,
    delivery_id: UUID,
    attempt_no: int,
    *,
    status: str,
    outcome: str,
    code: int | None,
    delay: float,
) -> datetime | None:
    """Store the result of an attempt; return the time of hand-over, if it was handed over.

    The delivery does not change if another attempt has begun or a person has decided. An acceptance also ends
    the state `unsure`.
    """
    parameters = {"delivery_id": delivery_id, "attempt_no": attempt_no, "status": status, "outcome": outcome}
    row = connection.execute(_SQL["end"], parameters | {"code": code, "delay": delay}).fetchone()
    return row["handed_at"] if row else None


def put(connection: Connection, delivery_id: UUID, status: str, outcome: str) -> None:
    """Set the final status of a delivery without an attempt: stopped, unsure or dead."""
    connection.execute(_SQL["put"], {"delivery_id": delivery_id, "status": status, "outcome": outcome})


def decide(
    connection: Connection,
    delivery_id: UUID,
    *,
    status: str,
    channel: str,
    handed_at: datetime | None,
    proof: bytes | None,
    caller_id: UUID,
) -> None:
    """Store a person's decision on a delivery."""
    parameters: dict[str, Any] = {"delivery_id": delivery_id, "status": status, "channel": channel}
    parameters |= {"handed_at": handed_at, "proof": proof, "caller_id": caller_id}
    connection.execute(_SQL["decide"], parameters)


def receive(
    connection: Connection, delivery_id: UUID, *, at: datetime, receipt: bytes, caller_id: UUID
) -> None:
    """Record a person's receipt: the delivery reached the platform."""
    parameters = {"delivery_id": delivery_id, "at": at, "receipt": receipt, "caller_id": caller_id}
    connection.execute(_SQL["receive"], parameters)


def run(
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
    assert row is not None  # noqa: S101 - it asks for no row
    found: datetime = row["now"]
    return found


def page(
    connection: Connection,
    organization_id: UUID,
    campaign_id: UUID,
    *,
    status: str | None,
    channel: str | None,
    after: tuple[datetime, UUID] | None,
    limit: int,
) -> list[dict[str, Any]]:
    """Return a campaign's deliveries, oldest first."""
    at, after_id = after or (None, None)
    parameters: dict[str, Any] = {"organization_id": organization_id, "campaign_id": campaign_id}
    parameters |= {"status": status, "channel": channel, "at": at, "after_id": after_id, "limit": limit}
    return connection.execute(_SQL["page"], parameters).fetchall()


def show(connection: Connection, organization_id: UUID, delivery_id: UUID) -> dict[str, Any] | None:
    """Return a delivery of the organization, with its client's id, regime and campaign."""
    parameters = {"organization_id": organization_id, "delivery_id": delivery_id}
    return connection.execute(_SQL["show"], parameters).fetchone()


def of_notice(connection: Connection, notice_id: UUID) -> list[dict[str, Any]]:
    """Return a notice's deliveries, oldest first, still encrypted."""
    return connection.execute(_SQL["of_notice"], {"notice_id": notice_id}).fetchall()


def attempts(connection: Connection, delivery_id: UUID) -> list[dict[str, Any]]:
    """Return the attempts of a delivery, oldest first."""
    return connection.execute(_SQL["attempts"], {"delivery_id": delivery_id}).fetchall()


def forget_jobs(connection: Connection) -> None:
    """Delete jobs that ended an hour ago; their results are stored with the attempts."""
    connection.execute(_SQL["forget_jobs"])

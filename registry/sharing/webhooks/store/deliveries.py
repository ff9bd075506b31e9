"""Messages of webhooks, with their order and results, and the events that have not been sent yet."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from registry.core.backoff import JITTER
from registry.core.database import sql
from registry.core.database.pool import Connection
from registry.sharing.webhooks.model import FIRST_DELAY, LONGEST_DELAY, TEST

_SQL = sql.load(__name__)

_NOBODY: Final = UUID(int=0)
_LONGEST: Final = LONGEST_DELAY * (1 + JITTER) + 60
"""Seconds. A message planned further ahead was planned while the clock was wrong, and is sent now."""


@dataclass(frozen=True, slots=True)
class Message:
    """A message for a webhook. `dead`: the webhook is disabled, so the message starts as a dead letter."""

    webhook_id: UUID
    event_id: int
    kind: str
    body: str
    dead: bool


@dataclass(frozen=True, slots=True)
class PendingDelivery:
    """The next message to send. `attempts` includes this attempt. `event_id` None: a test message."""

    delivery_id: int
    event_id: int | None
    message_id: UUID
    kind: str
    body: str
    attempts: int


@dataclass(frozen=True, slots=True)
class Place:
    """A place in the list of messages: those with a status, and with a smaller id than `before`."""

    status: str | None
    before: int | None
    limit: int


@dataclass(frozen=True, slots=True)
class Result:
    """The result of an attempt."""

    outcome: str
    response_code: int | None
    snippet: str
    took_ms: int


@dataclass(frozen=True, slots=True)
class PendingEvent:
    """An event for which no messages have been created yet."""

    event_id: int
    kind: str
    at: datetime
    organization_id: UUID | None
    caller_id: UUID | None
    entry_id: UUID | None
    subject: dict[str, Any]
    said: dict[str, Any]


@dataclass(frozen=True, slots=True)
class MatchedLookup:
    """A lookup that matched `entries`.

    `wanted`: a webhook or an owner is to be notified. `tells_matches`: the caller's organization shares
    matches with the owners of entries.
    """

    lookup_id: UUID
    answered_in: int
    verdict: str
    organization_id: UUID
    caller_id: UUID
    entries: Sequence[str]
    wanted: bool
    tells_matches: bool


def add(connection: Connection, messages: Sequence[Message]) -> None:
    """Add messages in the order in which they are to be sent. Existing messages are left unchanged."""
    parameters = {
        "webhook_ids": [message.webhook_id for message in messages],
        "event_ids": [message.event_id for message in messages],
        "kinds": [message.kind for message in messages],
        "bodies": [message.body for message in messages],
        "deads": [message.dead for message in messages],
    }
    connection.execute(_SQL["add"], parameters)


def add_test(connection: Connection, webhook_id: UUID, body: str) -> int:
    """Add a test message and return its id."""
    parameters = {"webhook_id": webhook_id, "kind": TEST, "body": body}
    row = connection.execute(_SQL["add_test"], parameters).fetchone()
    assert row is not None  # noqa: S101 - an insert returns its row
    delivery_id: int = row["delivery_id"]
    return delivery_id


def start_attempt(connection: Connection, webhook_id: UUID, *, active: bool) -> PendingDelivery | None:
    """Count an attempt of the next message and return it. None: no message may be sent now.

    `active` false: consider only test messages.
    """
    parameters = {
        "webhook_id": webhook_id,
        "active": active,
        "first": FIRST_DELAY,
        "most": LONGEST_DELAY,
        "longest": _LONGEST,
    }
    row = connection.execute(_SQL["start_attempt"], parameters).fetchone()
    return PendingDelivery(**row) if row else None


def mark_delivered(connection: Connection, delivery_id: int, result: Result) -> None:
    """Record that a message was delivered."""
    connection.execute(_SQL["mark_delivered"], _result(delivery_id, result))


def retry(connection: Connection, delivery_id: int, result: Result, *, delay: float) -> None:
    """Schedule another attempt in `delay` seconds."""
    connection.execute(_SQL["retry"], _result(delivery_id, result) | {"delay": delay})


def give_up(connection: Connection, delivery_id: int, result: Result) -> None:
    """Make the message a dead letter."""
    connection.execute(_SQL["give_up"], _result(delivery_id, result))


def give_up_waiting(connection: Connection, webhook_id: UUID) -> None:
    """Make all waiting messages of a webhook dead letters."""
    connection.execute(_SQL["give_up_waiting"], {"webhook_id": webhook_id})


def due_webhooks(connection: Connection) -> list[UUID]:
    """Return the webhooks with a message to send now and without a job."""
    rows = connection.execute(_SQL["due_webhooks"], {"longest": _LONGEST}).fetchall()
    return [row["webhook_id"] for row in rows]


def page(connection: Connection, webhook_id: UUID, place: Place) -> list[dict[str, Any]]:
    """Return messages, newest first, without their bodies."""
    parameters = {"webhook_id": webhook_id, **asdict(place)}
    return connection.execute(_SQL["page"], parameters).fetchall()


def replay(
    connection: Connection, webhook_id: UUID, *, delivery_id: int | None, since: datetime | None
) -> int:
    """Queue dead letters again and return how many: one, all since a time, or all."""
    parameters = {"webhook_id": webhook_id, "delivery_id": delivery_id, "since": since}
    return len(connection.execute(_SQL["replay"], parameters).fetchall())


def delete_ended(connection: Connection, *, days: int) -> int:
    """Delete messages that ended at least `days` days ago, and return how many."""
    row = connection.execute(_SQL["delete_ended"], {"days": days}).fetchone()
    return row["deleted"] if row else 0


def lock_dispatch(connection: Connection) -> bool:
    """Take the advisory lock for processing events until the transaction ends. False: another process holds
    it."""
    row = connection.execute(_SQL["lock_dispatch"]).fetchone()
    return bool(row and row["mine"])


def pending_events(connection: Connection, *, limit: int) -> list[PendingEvent]:
    """Return the oldest events that have not been processed."""
    return [
        PendingEvent(**row) for row in connection.execute(_SQL["pending_events"], {"limit": limit}).fetchall()
    ]


def mark_processed(connection: Connection, event_ids: Collection[int]) -> None:
    """Mark events as processed, in this transaction."""
    connection.execute(_SQL["mark_processed"], {"event_ids": list(event_ids)})


def take_matches(connection: Connection, *, limit: int) -> list[MatchedLookup]:
    """Return the next lookups with matches and move the cursor past them, in this transaction.

    Empty if nobody subscribes to matches.
    """
    connection.execute(_SQL["reset_cursor"])
    bound = connection.execute(_SQL["cursor_bound"]).fetchone()
    assert bound is not None  # noqa: S101 - it asks for no row
    lookups: list[MatchedLookup] = []
    if bound["wanted"]:
        parameters = {"limit": limit, "bound": bound["answered_in"]}
        lookups = [
            MatchedLookup(**row) for row in connection.execute(_SQL["take_matches"], parameters).fetchall()
        ]
    position = {"answered_in": bound["answered_in"], "lookup_id": _NOBODY}
    if len(lookups) == limit:
        position = {"answered_in": lookups[-1].answered_in, "lookup_id": lookups[-1].lookup_id}
    connection.execute(_SQL["move_cursor"], position)
    return lookups


def open_cases(connection: Connection, entry_ids: Collection[UUID]) -> dict[UUID, UUID]:
    """Return those entries that are open intake cases, each with the organization that handles the case."""
    rows = connection.execute(_SQL["open_cases"], {"entry_ids": list(entry_ids)}).fetchall()
    return {row["entry_id"]: row["organization_id"] for row in rows}


def notified_owners(
    connection: Connection, organization_id: UUID, entry_ids: Collection[UUID]
) -> list[tuple[UUID, UUID]]:
    """Return entries with their owners, if the organization shares its lookups' matches with owners."""
    parameters = {"organization_id": organization_id, "entry_ids": list(entry_ids)}
    rows = connection.execute(_SQL["notified_owners"], parameters).fetchall()
    return [(row["entry_id"], row["organization_id"]) for row in rows]


def _result(delivery_id: int, result: Result) -> dict[str, object]:
    return {"delivery_id": delivery_id, **asdict(result)}

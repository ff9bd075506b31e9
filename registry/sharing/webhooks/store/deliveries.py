"""Messages to webhooks: which wait, which is next, what became of each; and the events they tell of."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
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
"""Seconds: what is planned for later than that was planned by a clock that has jumped, and is sent now."""


@dataclass(frozen=True, slots=True)
class Message:
    """What a webhook is to be sent. `dead`: it is disabled, so that the message is a dead letter at once."""

    webhook_id: UUID
    event_id: int
    kind: str
    body: str
    dead: bool


@dataclass(frozen=True, slots=True)
class Turn:
    """A message whose turn it is; `attempts` counts this one. `event_id` None: a test."""

    delivery_id: int
    event_id: int | None
    message_id: UUID
    kind: str
    body: str
    attempts: int


@dataclass(frozen=True, slots=True)
class Result:
    """What became of an attempt."""

    outcome: str
    response_code: int | None
    snippet: str
    took_ms: int


@dataclass(frozen=True, slots=True)
class Untold:
    """An event of which nobody was told yet."""

    event_id: int
    kind: str
    at: datetime
    organization_id: UUID | None
    caller_id: UUID | None
    entry_id: UUID | None
    subject: dict[str, Any]
    said: dict[str, Any]


@dataclass(frozen=True, slots=True)
class Matched:
    """A lookup that matched `entries`. `heard`: somebody is to be told. `tells_matches`: whoever asked lets
    owners of entries know."""

    lookup_id: UUID
    answered_in: int
    verdict: str
    organization_id: UUID
    caller_id: UUID
    entries: Sequence[str]
    heard: bool
    tells_matches: bool


def add(connection: Connection, messages: Sequence[Message]) -> None:
    """Messages in the order in which they are to be sent; one that is there already stays as it is."""
    given = {
        "webhook_ids": [message.webhook_id for message in messages],
        "event_ids": [message.event_id for message in messages],
        "kinds": [message.kind for message in messages],
        "bodies": [message.body for message in messages],
        "deads": [message.dead for message in messages],
    }
    connection.execute(_SQL["add"], given)


def add_test(connection: Connection, webhook_id: UUID, body: str) -> int:
    """A test; its id."""
    given = {"webhook_id": webhook_id, "kind": TEST, "body": body}
    row = connection.execute(_SQL["add_test"], given).fetchone()
    assert row is not None  # noqa: S101 - an insert returns its row
    delivery_id: int = row["delivery_id"]
    return delivery_id


def begin(connection: Connection, webhook_id: UUID, *, active: bool) -> Turn | None:
    """The next message, its attempt counted; None where none may be sent now. `active` false: tests alone."""
    given = {
        "webhook_id": webhook_id,
        "active": active,
        "first": FIRST_DELAY,
        "most": LONGEST_DELAY,
        "longest": _LONGEST,
    }
    row = connection.execute(_SQL["begin"], given).fetchone()
    return Turn(**row) if row else None


def delivered(connection: Connection, delivery_id: int, result: Result) -> None:
    """It came."""
    connection.execute(_SQL["delivered"], _result(delivery_id, result))


def again(connection: Connection, delivery_id: int, result: Result, *, delay: float) -> None:
    """It is sent again `delay` seconds from now."""
    connection.execute(_SQL["again"], _result(delivery_id, result) | {"delay": delay})


def dead(connection: Connection, delivery_id: int, result: Result) -> None:
    """It is given up."""
    connection.execute(_SQL["dead"], _result(delivery_id, result))


def bury(connection: Connection, webhook_id: UUID) -> None:
    """All that waits for a webhook is given up."""
    connection.execute(_SQL["bury"], {"webhook_id": webhook_id})


def due(connection: Connection) -> list[UUID]:
    """Webhooks that have something to be sent now, for which there is no job."""
    rows = connection.execute(_SQL["due"], {"longest": _LONGEST}).fetchall()
    return [row["webhook_id"] for row in rows]


def page(
    connection: Connection, webhook_id: UUID, *, status: str | None, before: int | None, limit: int
) -> list[dict[str, Any]]:
    """Messages, the newest first, without their bodies."""
    given = {"webhook_id": webhook_id, "status": status, "before": before, "limit": limit}
    return connection.execute(_SQL["page"], given).fetchall()


def replay(
    connection: Connection, webhook_id: UUID, *, delivery_id: int | None, since: datetime | None
) -> int:
    """Let dead letters wait again: one, or all since a time, or all; how many."""
    given = {"webhook_id": webhook_id, "delivery_id": delivery_id, "since": since}
    return len(connection.execute(_SQL["replay"], given).fetchall())


def forget(connection: Connection, *, days: int) -> int:
    """Forget messages that ended so many days ago; how many."""
    row = connection.execute(_SQL["forget"], {"days": days}).fetchone()
    return row["forgotten"] if row else 0


def take_turns(connection: Connection) -> bool:
    """Whether this transaction is the one that tells events now."""
    row = connection.execute(_SQL["take_turns"]).fetchone()
    return bool(row and row["mine"])


def untold(connection: Connection, *, limit: int) -> list[Untold]:
    """The oldest events of which nobody was told."""
    return [Untold(**row) for row in connection.execute(_SQL["untold"], {"limit": limit}).fetchall()]


def told(connection: Connection, event_ids: Collection[int]) -> None:
    """They are told, in this transaction."""
    connection.execute(_SQL["told"], {"event_ids": list(event_ids)})


def matched(connection: Connection, *, limit: int) -> list[Matched]:
    """The next lookups that matched something; the place is kept in this transaction. None where nobody
    listens."""
    connection.execute(_SQL["mend_cursor"])
    bound = connection.execute(_SQL["bound"]).fetchone()
    assert bound is not None  # noqa: S101 - it asks for no row
    found: list[Matched] = []
    if bound["heard"]:
        given = {"limit": limit, "bound": bound["answered_in"]}
        found = [Matched(**row) for row in connection.execute(_SQL["matched"], given).fetchall()]
    place = {"answered_in": bound["answered_in"], "lookup_id": _NOBODY}
    if len(found) == limit:
        place = {"answered_in": found[-1].answered_in, "lookup_id": found[-1].lookup_id}
    connection.execute(_SQL["move_cursor"], place)
    return found


def cases(connection: Connection, entry_ids: Collection[UUID]) -> dict[UUID, UUID]:
    """Those of these entries that are private cases which go on, and the organization that has taken each."""
    rows = connection.execute(_SQL["cases"], {"entry_ids": list(entry_ids)}).fetchall()
    return {row["entry_id"]: row["organization_id"] for row in rows}


def owners(
    connection: Connection, organization_id: UUID, entry_ids: Collection[UUID]
) -> list[tuple[UUID, UUID]]:
    """Entries and their owners, of those that the organization's lookups may tell of."""
    given = {"organization_id": organization_id, "entry_ids": list(entry_ids)}
    rows = connection.execute(_SQL["owners"], given).fetchall()
    return [(row["entry_id"], row["organization_id"]) for row in rows]


def _result(delivery_id: int, result: Result) -> dict[str, object]:
    return {
        "delivery_id": delivery_id,
        "outcome": result.outcome,
        "response_code": result.response_code,
        "snippet": result.snippet,
        "took_ms": result.took_ms,
    }

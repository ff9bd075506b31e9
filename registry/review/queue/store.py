"""The review queue, claims and decisions."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from typing import Any, LiteralString
from uuid import UUID

from registry.core.database import sql
from registry.core.database.pool import Connection
from registry.core.tally import MOST, Tally
from registry.core.weeks import Weeks, WeekValue
from registry.identity.callers.model import Caller
from registry.review.queue.model import LONGEST, PAUSE, PRIORITY, Claim, NewReview, Reason, ReviewedEntry

_SQL = sql.load(__name__)


@dataclass(frozen=True, slots=True)
class Ending:
    """Why an entry no longer answers.

    `by_owner`: the caller who withdrew it for its owner, None if nobody did. `against_owner`: reviewers or a
    dispute ended it.
    """

    by_owner: UUID | None
    against_owner: bool


@dataclass(frozen=True, slots=True)
class QueueQuery:
    """Waiting entries to list, in the banks that the organization sees.

    `claimed`: mine, others or none. `words`: must all occur in the title or the claim. `registered_from`,
    `registered_before`: bounds of the registration time. `person_id`, `detailed`: as in
    `entries.EntryQuery`; of another organization's entries only those that it shows to others.
    """

    organization_id: UUID
    caller_id: UUID
    bank_id: UUID | None
    reason: str | None
    claimed: str | None
    unverified: bool | None
    tier: str | None
    words: Sequence[str]
    registered_from: datetime | None
    registered_before: datetime | None
    person_id: UUID | None
    detailed: bool


def queue(
    connection: Connection, query: QueueQuery, *, after: tuple[int, datetime, UUID] | None, limit: int
) -> list[dict[str, Any]]:
    """Return waiting entries, most urgent first, then oldest."""
    priority, since, after_id = after or (None, None, None)
    position = {"priority": priority, "since": since, "after_id": after_id, "limit": limit}
    return connection.execute(
        _SQL["queue"], asdict(query) | position | {"words": list(query.words) or None}
    ).fetchall()


def count_unclaimed(connection: Connection, caller: Caller) -> Tally:
    """Count the waiting entries that nobody has claimed."""
    return _tally(connection, _SQL["unclaimed"], caller)


def count_own_claims(connection: Connection, caller: Caller) -> Tally:
    """Count the waiting entries that the caller has claimed. Due: when the first claim ends."""
    return _tally(connection, _SQL["own_claims"], caller)


def _tally(connection: Connection, query: LiteralString, caller: Caller) -> Tally:
    parameters = {"caller_id": caller.caller_id, "organization_id": caller.organization_id, "limit": MOST}
    row = connection.execute(query, parameters).fetchone()
    return Tally(**row) if row else Tally()


def weeks(connection: Connection, organization_id: UUID, last: Weeks, *, limit: int) -> list[WeekValue]:
    """Return the decisions of the organization's reviewers by week, at most the last `limit`.

    `decisions`: their number. `hours`: from the registration to the first decision, the median.
    """
    parameters = last.parameters | {"organization_id": organization_id, "limit": limit}
    return [WeekValue(**row) for row in connection.execute(_SQL["weeks"], parameters)]


def find(connection: Connection, organization_id: UUID, entry_id: UUID) -> ReviewedEntry | None:
    """Return an entry that a reviewer of the organization may see."""
    parameters = {"organization_id": organization_id, "entry_id": entry_id}
    row = connection.execute(_SQL["find"], parameters).fetchone()
    return ReviewedEntry(**row) if row else None


def lock(connection: Connection, entry_id: UUID) -> None:
    """Lock an entry until the transaction ends."""
    connection.execute(_SQL["lock"], {"entry_id": entry_id})


def media(connection: Connection, entry_id: UUID) -> list[dict[str, Any]]:
    """Return the entry's media that answer lookups."""
    return connection.execute(_SQL["media"], {"entry_id": entry_id}).fetchall()


def looked_at(connection: Connection, entry_id: UUID, caller_id: UUID) -> set[UUID]:
    """Return the entry's media of which the caller saw clear pictures (`reveal_previews`)."""
    rows = connection.execute(_SQL["looked_at"], {"entry_id": entry_id, "caller_id": caller_id}).fetchall()
    return {UUID(row["asset_id"]) for row in rows}


def conflicts(connection: Connection, organization_id: UUID, entry_id: UUID) -> list[dict[str, Any]]:
    """Return other entries that hold a file of this entry in the other role."""
    parameters = {"organization_id": organization_id, "entry_id": entry_id}
    return connection.execute(_SQL["conflicts"], parameters).fetchall()


def claim(
    connection: Connection, *, entry_id: UUID, caller_id: UUID, media: Sequence[UUID], lease: timedelta
) -> datetime | None:
    """Claim an entry and return the end of the lease. None if another reviewer has it, or if this caller had
    it for too long."""
    row = connection.execute(
        _SQL["claim"],
        {
            "entry_id": entry_id,
            "caller_id": caller_id,
            "media": list(media),
            "lease": lease,
            "longest": LONGEST,
            "pause": PAUSE,
        },
    ).fetchone()
    return row["lease_until"] if row else None


def claim_of(connection: Connection, entry_id: UUID) -> Claim | None:
    """Return the last claim of an entry, locked."""
    row = connection.execute(_SQL["claim_of"], {"entry_id": entry_id}).fetchone()
    return Claim(**row) if row else None


def end_claim(connection: Connection, entry_id: UUID, caller_id: UUID) -> bool:
    """End a claim. False if the caller did not have it."""
    parameters = {"entry_id": entry_id, "caller_id": caller_id}
    return connection.execute(_SQL["end_claim"], parameters).fetchone() is not None


def claims(connection: Connection, caller_id: UUID) -> int:
    """Return the number of the caller's claims. Locks them: the caller claims no other until the transaction
    ends."""
    connection.execute(_SQL["lock_claims"], {"caller_id": caller_id})
    row = connection.execute(_SQL["claims"], {"caller_id": caller_id}).fetchone()
    return int(row["claims"]) if row else 0


def decide(connection: Connection, new: NewReview) -> None:
    """Store a decision, which replaces the caller's earlier one."""
    digest = bytes.fromhex(new.order_sha256) if new.order_sha256 else None
    parameters = {**asdict(new), "order_sha256": digest}
    connection.execute(_SQL["supersede"], parameters)
    connection.execute(_SQL["insert"], parameters)
    if new.covers:
        assets, roles = zip(*new.covers, strict=True)
        parameters = {"review_id": new.review_id, "assets": list(assets), "roles": list(roles)}
        connection.execute(_SQL["cover"], parameters)


def supersede(connection: Connection, entry_id: UUID, acts: Sequence[str]) -> None:
    """Supersede the decisions of these kinds on an entry."""
    connection.execute(_SQL["supersede_acts"], {"entry_id": entry_id, "acts": list(acts)})


def votes(connection: Connection, entry_id: UUID) -> list[dict[str, Any]]:
    """Return the decisions in force."""
    return connection.execute(_SQL["votes"], {"entry_id": entry_id}).fetchall()


def history(connection: Connection, entry_id: UUID) -> list[dict[str, Any]]:
    """Return every decision, oldest first."""
    return connection.execute(_SQL["history"], {"entry_id": entry_id}).fetchall()


def one(connection: Connection, review_id: UUID) -> dict[str, Any] | None:
    """Return a decision, locked."""
    return connection.execute(_SQL["one"], {"review_id": review_id}).fetchone()


def erase(connection: Connection, review_id: UUID) -> None:
    """Erase the text of a decision."""
    connection.execute(_SQL["erase"], {"review_id": review_id})


def unqueue_reasons(connection: Connection, entry_id: UUID, *reasons: Reason) -> None:
    """Remove the entry from the queue for these reasons."""
    connection.execute(_SQL["unqueue_reasons"], {"entry_id": entry_id, "reasons": list(reasons)})


def enqueue_entry(connection: Connection, entry_id: UUID, reason: Reason) -> None:
    """Queue the entry for a reviewer."""
    parameters = {"entry_id": entry_id, "reason": reason, "priority": PRIORITY[reason]}
    connection.execute(_SQL["enqueue_entry"], parameters)


def ending(connection: Connection, entry_id: UUID) -> Ending:
    """Return why the entry no longer answers."""
    row = connection.execute(_SQL["ending"], {"entry_id": entry_id}).fetchone()
    return Ending(row["by_owner"], bool(row["against_owner"])) if row else Ending(None, against_owner=False)


def answered_before(connection: Connection, entry_id: UUID) -> tuple[bool, UUID | None]:
    """Return whether the entry has answered lookups before, and one of its media."""
    row = connection.execute(_SQL["unopened"], {"entry_id": entry_id}).fetchone()
    return (bool(row["answered"]), row["asset_id"]) if row else (False, None)


def asset_of(connection: Connection, entry_id: UUID, sha256: str) -> dict[str, Any] | None:
    """Return the asset of an entry that has this digest."""
    parameters = {"entry_id": entry_id, "sha256": bytes.fromhex(sha256)}
    return connection.execute(_SQL["asset_of"], parameters).fetchone()


def owner(connection: Connection, entry_id: UUID) -> UUID | None:
    """Return the organization of an entry."""
    row = connection.execute(_SQL["owner"], {"entry_id": entry_id}).fetchone()
    return row["organization_id"] if row else None


def sourced(
    connection: Connection, *, asset_id: UUID | None = None, bank_id: UUID | None = None
) -> list[tuple[UUID, UUID]]:
    """Return entries with originals that a source has signed as recorded, each with its organization.

    The entries are those of a medium or those of a bank.
    """
    rows = connection.execute(_SQL["sourced"], {"asset_id": asset_id, "bank_id": bank_id}).fetchall()
    return [(row["entry_id"], row["organization_id"]) for row in rows]


def unqueue(connection: Connection, entry_ids: Sequence[UUID]) -> None:
    """Remove these entries from the queue for all reasons."""
    connection.execute(_SQL["unqueue"], {"entry_ids": list(entry_ids)})


def release_claims(connection: Connection, organization_id: UUID) -> list[UUID]:
    """End the claims of an organization's reviewers. Returns the entries."""
    rows = connection.execute(_SQL["release_claims"], {"organization_id": organization_id}).fetchall()
    return [row["entry_id"] for row in rows]

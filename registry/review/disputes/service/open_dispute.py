"""Contest an entry."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final
from uuid import UUID, uuid4

from registry.catalogue.entries.model.entry import Tier, rank
from registry.core.audit import service as statements
from registry.core.audit.service import record_event
from registry.core.database.pool import Connection
from registry.core.errors import Conflict, FakeprintError, NotFound, TooMany
from registry.core.labels import label
from registry.core.service import Service
from registry.identity.callers.model import Caller
from registry.persons.model import prose
from registry.review.disputes import model as dispute
from registry.review.disputes import store as disputes
from registry.review.disputes.model import Kind, Past, Standing
from registry.review.disputes.service.show_dispute import show_dispute
from registry.review.queue import model as review
from registry.review.queue import store as reviews
from registry.review.queue.service.find_review import find_review

DAY: Final = 86_400.0


@dataclass(frozen=True, slots=True, repr=False)
class Contest:
    """What is said against an entry, and by whom. `statement` and `contact` are kept sealed."""

    kind: Kind
    standing: Standing
    statement: str
    contact: str | None = None


def open_dispute(service: Service, caller: Caller, entry_id: UUID, said: Contest) -> dict[str, Any]:
    """The dispute, open. An unreviewed entry is suspended in the same commit, within limits
    (`review.disputes.model.at_once`); else a reviewer accepts it first. Any role.

    Raises `NotFound` (`unknown_entry`), `Conflict` (`dispute_repeated`, `wrong_status`), `TooMany`
    (`too_many_disputes`), `BadInput` (`bad_label`).
    """
    statement = prose(said.statement, "statement")
    contact = label(said.contact, "contact") if said.contact else None
    dispute_id = uuid4()
    with statements.keys(service).making(dispute_id) as key, service.pool.transaction() as connection:
        row = find_review(connection, caller, entry_id, lock=True)
        if row["status"] not in {"matchable", "suspended"}:
            raise _gone(row, entry_id)
        past = _past(connection, caller, row)
        at_once = row["status"] == "matchable" and dispute.at_once(highest(row), said.standing, past)
        sealed, bound = statements.pack(
            key, {"statement": statement, "contact": contact}, statements.STATEMENT
        )
        disputes.open_one(
            connection,
            dispute_id=dispute_id,
            entry_id=entry_id,
            kind=said.kind,
            standing=said.standing,
            opened_by=caller.caller_id,
            organization_id=caller.organization_id,
            owner_id=row["owner_id"],
            sealed=sealed,
            at_once=at_once,
        )
        facts = {"kind": said.kind, "standing": said.standing, "statement": bound.digest, "at_once": at_once}
        record_event(
            connection,
            caller,
            "dispute.opened",
            organization_id=row["owner_id"],
            entry_id=entry_id,
            subject={"dispute_id": dispute_id},
            said=facts,
        )
        if at_once:
            suspend(connection, caller, row, dispute_id)
        reviews.wait(connection, entry_id, "dispute")
    return show_dispute(service, caller, dispute_id)


def suspend(connection: Connection, caller: Caller, row: Mapping[str, Any], dispute_id: UUID) -> None:
    """The entry answers nobody from this commit on."""
    reviews.become(connection, row["entry_id"], review.move(row["status"], "suspended"), "dispute")
    record_event(
        connection,
        caller,
        "entry.suspended",
        organization_id=row["owner_id"],
        entry_id=row["entry_id"],
        subject={"dispute_id": dispute_id},
        said={"reason_code": "dispute"},
    )


def highest(row: Mapping[str, Any]) -> Tier:
    """How far strangers trust the entry, by what they trust most of it."""
    tiers: list[Tier] = [row["tier"], row["original_tier"]]
    return max(tiers, key=rank)


def _gone(row: Mapping[str, Any], entry_id: UUID) -> FakeprintError:
    """The error for an entry that answers nobody: to strangers it is not there."""
    if row["own"]:
        return Conflict(f"The entry is {row['status']}.", code="wrong_status")
    return NotFound(f"There is no entry {entry_id} that this key may see.", code="unknown_entry")


def _past(connection: Connection, caller: Caller, row: Mapping[str, Any]) -> Past:
    """What was disputed before, where there is room for one more."""
    past = disputes.past(
        connection,
        entry_id=row["entry_id"],
        organization_id=caller.organization_id,
        owner_id=row["owner_id"],
    )
    dispute.require_new(past)
    if past.opened >= dispute.OPENED_A_DAY:
        raise TooMany(
            f"Your organization has opened {past.opened} disputes in 24 hours.",
            code="too_many_disputes",
            retry_after=DAY / dispute.OPENED_A_DAY,
        )
    return past

"""List recurrences, decide on them, and reopen notices."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final
from uuid import UUID

from registry.catalogue import platforms
from registry.core import cursor
from registry.core.audit.service import record_event
from registry.core.crypto.keys import Key
from registry.core.database.pool import Connection
from registry.core.errors import BadInput, Conflict, FakeprintError, NotFound
from registry.core.service import Service
from registry.identity.callers.model import Caller
from registry.identity.organizations.service.operator import client_keys
from registry.matching import lookups
from registry.matching.lookups.errors import NotAnswered, UnknownLookup
from registry.matching.lookups.model import Answer, Match
from registry.takedown.campaigns import store as campaign_store
from registry.takedown.campaigns.service import access, texts
from registry.takedown.notices.model.texts import NoticeAddress
from registry.takedown.notices.schemas.notices import NoticeWithHistory
from registry.takedown.notices.service.notices import show_notice
from registry.takedown.notices.service.preparation import verdict_on
from registry.takedown.recurrences import store as recurrence_store
from registry.takedown.recurrences.errors import (
    AlreadyDecided,
    NotFoundAgain,
    NothingRemoved,
    UnknownRecurrence,
)
from registry.takedown.recurrences.schemas import Decision, Recurrence, RecurrencePage
from registry.takedown.recurrences.service.findings import Finding, handle_finding
from registry.takedown.recurrences.store import Settlement, StoredRecurrence


def reopen_notice(
    service: Service,
    caller: Caller,
    campaign_id: UUID,
    *,
    url: str,
    lookup_id: UUID,
    notice_id: UUID | None = None,
) -> NoticeWithHistory:
    """Reopen a notice with `url` as its place, and attach the lookup of the content there. Needs `takedown`.

    The notice is `notice_id` if given, else the one about the same place, else the latest removed one of that
    platform and entry. If all of these are in use again, a further notice is added. Idempotent for the same
    lookup. A person has to confirm the ground again before sending.

    The lookup belongs to the caller's organization and must find the entry as a known fake or as related.

    Raises `NotFound` (`unknown_campaign`, `unknown_lookup`, `nothing_removed`), `Conflict`
    (`campaign_closed`, `client_erased`, `not_answered`, `not_found_again`, `place_taken`), `BadInput` (as
    `platforms.place`).
    """
    caller.require("takedown")
    address = platforms.place(url, None, None)
    with service.pool.transaction() as connection:
        campaign = access.find_campaign(connection, caller, campaign_id, lock=True, is_open=True)
        key = access.key_of(service, campaign.client_id)
        lookup = _answered(connection, caller, lookup_id)
        matches = _matches(connection, caller, campaign_id, lookup["answer"])
        findings = [
            Finding(
                organization_id=caller.organization_id,
                campaign_id=campaign_id,
                entry_id=entry_id,
                address=address,
                lookup_id=lookup_id,
                asked_by=caller.organization_id,
                verdict=verdict,
                match=match,
                seen_time=lookup["created_at"],
                via="person",
                caller_id=caller.caller_id,
            )
            for entry_id, (verdict, match) in matches.items()
        ]
        reopened_id = _handle_first(connection, key, findings, notice_id)
    return show_notice(service, caller, campaign_id, reopened_id)


def _handle_first(
    connection: Connection, key: Key, findings: Sequence[Finding], notice_id: UUID | None
) -> UUID:
    """Handle the first finding of a fake that the platform had removed; return the notice about the place.

    Raises `NotFound` (`nothing_removed`) if there is no such finding.
    """
    refused: NotFound | None = None
    for finding in findings:
        try:
            _, reopened_id = handle_finding(connection, key, finding, notice_id=notice_id)
        except NotFound as error:
            refused = error
        else:
            if reopened_id is not None:
                return reopened_id
    raise refused or NothingRemoved


def _answered(connection: Connection, caller: Caller, lookup_id: UUID) -> Mapping[str, Any]:
    lookup = lookups.find_lookup(connection, caller.organization_id, lookup_id)
    if lookup is None:
        raise UnknownLookup(f"There is no lookup {lookup_id} of your organization.")
    if lookup["status"] != "answered":
        raise NotAnswered(f"The lookup {lookup_id} is {lookup['status']}.")
    return lookup


def _matches(
    connection: Connection, caller: Caller, campaign_id: UUID, answer: Answer
) -> dict[UUID, tuple[str, Match]]:
    """Return the campaign's entries that the lookup found, with verdict and match; known fakes first."""
    matches: list[tuple[UUID, tuple[str, Match]]] = []
    for entry in campaign_store.entries(connection, caller.organization_id, campaign_id):
        verdict, match = verdict_on(answer, entry["entry_id"])
        if match is not None and verdict in {"known_fake", "related"}:
            matches.append((entry["entry_id"], (str(verdict), match)))
    if not matches:
        raise NotFoundAgain("The lookup finds none of the campaign's entries there.")
    return dict(sorted(matches, key=lambda pair: pair[1][0] != "known_fake"))


_OF_CAMPAIGN: Final = frozenset({"unknown_campaign", "campaign_closed", "client_erased"})


@dataclass(frozen=True, slots=True, repr=False)
class FoundAgain:
    """A row of the input: a place, and the lookup of the content there."""

    line: int
    url: str
    lookup_id: UUID


@dataclass(frozen=True, slots=True, repr=False)
class Reopened:
    """The result of a row: its notice, or the error."""

    row: FoundAgain
    notice: NoticeWithHistory | None = None
    error: FakeprintError | None = None


def reopen_notices(
    service: Service, caller: Caller, campaign_id: UUID, rows: Sequence[FoundAgain]
) -> list[Reopened]:
    """Call `reopen_notice` for each row, in order. A refused row does not affect the others. Needs
    `takedown`.

    Raises errors that concern all rows: `NotFound` (`unknown_campaign`), `Conflict` (`campaign_closed`,
    `client_erased`), `Forbidden`, `Unavailable`.
    """
    caller.require("takedown")
    results = []
    for row in rows:
        try:
            reopened = reopen_notice(service, caller, campaign_id, url=row.url, lookup_id=row.lookup_id)
        except (BadInput, NotFound, Conflict) as error:
            if error.code in _OF_CAMPAIGN:
                raise
            results.append(Reopened(row, error=error))
        else:
            results.append(Reopened(row, notice=reopened))
    return results


def list_recurrences(
    service: Service,
    caller: Caller,
    campaign_id: UUID,
    *,
    outcome: str | None = None,
    limit: int = 50,
    after: str | None = None,
) -> RecurrencePage:
    """Return a page of a campaign's recurrences, newest first. A person decides on those `proposed`. Needs
    `takedown`.

    Raises `NotFound` (`unknown_campaign`), `BadInput` (`bad_cursor`).
    """
    caller.require("takedown")
    with service.pool.transaction() as connection:
        campaign = access.find_campaign(connection, caller, campaign_id)
        rows = recurrence_store.page(
            connection,
            campaign_id,
            outcome=outcome,
            before=cursor.place(after) if after else None,
            limit=limit + 1,
        )
    key = client_keys(service).find(campaign.client_id)
    more, rows = len(rows) > limit, rows[:limit]
    ends = cursor.encode(rows[-1].created_at.isoformat(), rows[-1].recurrence_id) if more else None
    return RecurrencePage(recurrences=[shown(key, row) for row in rows], next=ends)


def shown(key: Key | None, row: StoredRecurrence) -> Recurrence:
    """Return a recurrence as it is shown. Without the client's `key` its place is unknown."""
    address = texts.ADDRESS.decrypt(key, row.sealed) or NoticeAddress()
    return Recurrence.from_row(
        row, url=address.url, content_id=address.content_id, first_notice_id=row.first_id
    )


def decide_recurrence(
    service: Service, caller: Caller, campaign_id: UUID, recurrence_id: UUID, decision: Decision
) -> Recurrence:
    """Decide on a proposed recurrence and return it. Needs `takedown`.

    `take`: the fake is there, and the notice is reopened as if a person had found it. `dismiss`: the fake is
    not there, or does not concern the campaign.

    Raises `NotFound` (`unknown_campaign`, `unknown_recurrence`, `nothing_removed`), `Conflict`
    (`campaign_closed`, `client_erased`, `already_decided`, `place_taken`), `BadInput` (as `platforms.place`).
    """
    caller.require("takedown")
    with service.pool.transaction() as connection:
        campaign = access.find_campaign(connection, caller, campaign_id, lock=True, is_open=True)
        key = access.key_of(service, campaign.client_id)
        recurrence_store.lock_campaign(connection, campaign_id)
        row = _find_proposed(connection, campaign_id, recurrence_id)
        if decision == "take":
            handle_finding(connection, key, _confirmed(key, row, caller))
        else:
            _dismiss(connection, row, caller)
        record_event(
            connection,
            caller,
            "notice.return_decided",
            entry_id=row.entry_id,
            subject={"campaign_id": campaign_id, "recurrence_id": recurrence_id},
            said={"decision": decision},
        )
        decided = recurrence_store.find(connection, campaign_id, recurrence_id)
    return shown(key, decided or row)


def _find_proposed(connection: Connection, campaign_id: UUID, recurrence_id: UUID) -> StoredRecurrence:
    row = recurrence_store.find(connection, campaign_id, recurrence_id)
    if row is None:
        raise UnknownRecurrence(f"There is no recurrence {recurrence_id} in that campaign.")
    if row.outcome != "proposed":
        raise AlreadyDecided(f"The recurrence is {row.outcome}.", extra={"outcome": row.outcome})
    return row


def _confirmed(key: Key, row: StoredRecurrence, caller: Caller) -> Finding:
    """Return the finding of a proposal, confirmed by the caller."""
    stored = texts.ADDRESS.decrypt(key, row.sealed) or NoticeAddress()
    return Finding(
        organization_id=caller.organization_id,
        campaign_id=row.campaign_id,
        entry_id=row.entry_id,
        address=platforms.place(stored.url, None, None),
        lookup_id=row.lookup_id,
        asked_by=row.asked_by,
        verdict=row.verdict,
        match=row.match,
        seen_time=row.seen_time,
        via="person",
        caller_id=caller.caller_id,
    )


def _dismiss(connection: Connection, row: StoredRecurrence, caller: Caller) -> None:
    settlement = Settlement(
        campaign_id=row.campaign_id,
        entry_id=row.entry_id,
        digest=row.place_digest,
        lookup_id=row.lookup_id,
        outcome="dismissed",
        notice_id=None,
        caller_id=caller.caller_id,
    )
    recurrence_store.settle(connection, settlement)

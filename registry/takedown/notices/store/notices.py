"""Stored notices: their content, their hindrances and their moves."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from psycopg.types.json import Jsonb

from registry.catalogue.entries.model.entry import Tier
from registry.catalogue.entries.model.verdict import Verdict
from registry.core.database import sql
from registry.core.database.pool import Connection
from registry.takedown.campaigns.store import Place
from registry.takedown.notices.model.notice import Act, Facts, Ground, NoticeFilter, Pause, Stand, State

_SQL = sql.load(__name__)


@dataclass(frozen=True, slots=True, repr=False)
class Draft:
    """A notice to be created.

    `sealed`: its place, encrypted under the client's key. `digest`: 32 bytes that identify the place.
    `marks`: why a person has to check the address.
    """

    notice_id: UUID
    entry_id: UUID
    regime: str
    platform: str
    sealed: bytes
    digest: bytes
    marks: Sequence[str] = ()


@dataclass(frozen=True, slots=True, repr=False)
class StoredNotice:
    """A notice and the client of its campaign. `place_sealed`, `elements_sealed`: its texts, encrypted."""

    notice_id: UUID
    organization_id: UUID
    campaign_id: UUID
    client_id: UUID
    entry_id: UUID
    regime: str
    regime_version: str | None
    platform: str
    place_sealed: bytes
    place_digest: bytes
    elements_sealed: bytes | None
    complete: bool
    verdict: Verdict | None
    asset_id: UUID | None
    match: dict[str, Any] | None
    checked_at: datetime | None
    ground: Ground | None
    confirmed_by: UUID | None
    confirmed_at: datetime | None
    answers: dict[str, str]
    in_scope: bool | None
    excepted: bool | None
    answered_by: UUID | None
    answered_at: datetime | None
    state: State
    move_no: int
    paused_for: list[Pause]
    dispute_id: UUID | None
    created_by: UUID | None
    created_at: datetime
    changed_at: datetime
    sent_at: datetime | None
    due_at: datetime | None
    acknowledged_at: datetime | None
    removed_at: datetime | None
    address_marks: list[str]
    address_confirmed_by: UUID | None
    address_confirmed_at: datetime | None
    despite_dispute_by: UUID | None
    despite_dispute_at: datetime | None


@dataclass(frozen=True, slots=True, repr=False)
class ListedNotice(StoredNotice):
    """A notice with the times of its last letter."""

    stands: Stand
    handed_over_at: datetime | None
    delivered_at: datetime | None


@dataclass(frozen=True, slots=True, repr=False)
class FullNotice(ListedNotice):
    """A notice with the data that its letter is written from; texts are encrypted."""

    language: str
    campaign_sealed: bytes
    signatory_sealed: bytes | None
    client_sealed: bytes | None
    entry_title: str | None
    entry_tier: Tier
    despite_dispute_by_name: str | None


@dataclass(frozen=True, slots=True, repr=False)
class Move:
    """A move of notices.

    `after` None: they keep their state. `caller_id` None: the service itself acts. `words`: encrypted.
    """

    act: Act
    after: State | None
    reason_code: str
    caller_id: UUID | None = None
    pause: Pause | None = None
    dispute_id: UUID | None = None
    words: bytes | None = None
    due: datetime | None = None


@dataclass(frozen=True, slots=True, repr=False)
class NewAddress:
    """Another place of a notice, encrypted, and what a lookup found there. `digest`: 32 bytes."""

    platform: str
    sealed: bytes
    digest: bytes
    marks: Sequence[str]
    verdict: str | None
    asset_id: UUID | None
    match: Mapping[str, Any] | None


@dataclass(frozen=True, slots=True)
class Found:
    """The result of a lookup for a notice's place. `stands`: an earlier confirmation remains valid."""

    notice_id: UUID
    verdict: str
    asset_id: UUID | None
    match: Mapping[str, Any] | None
    stands: bool


def add(
    connection: Connection,
    drafts: Sequence[Draft],
    *,
    organization_id: UUID,
    campaign_id: UUID,
    caller_id: UUID | None,
) -> set[UUID]:
    """Add notices and return the ids of those added.

    A notice is skipped if the campaign has its place under the same regime already. `caller_id` None: the
    service itself adds them.
    """
    rows = connection.execute(
        _SQL["add"],
        {
            "organization_id": organization_id,
            "campaign_id": campaign_id,
            "caller_id": caller_id,
            "notice_ids": [draft.notice_id for draft in drafts],
            "entry_ids": [draft.entry_id for draft in drafts],
            "regimes": [draft.regime for draft in drafts],
            "platforms": [draft.platform for draft in drafts],
            "sealed": [draft.sealed for draft in drafts],
            "digests": [draft.digest for draft in drafts],
            "marks": [",".join(draft.marks) for draft in drafts],
        },
    ).fetchall()
    return {row["notice_id"] for row in rows}


def same_place(
    connection: Connection, campaign_id: UUID, places: Sequence[tuple[str, bytes]]
) -> dict[tuple[str, bytes], UUID]:
    """Return the campaign's notices by (regime, place digest)."""
    parameters = {"regimes": [regime for regime, _ in places], "digests": [digest for _, digest in places]}
    rows = connection.execute(_SQL["same_place"], parameters | {"campaign_id": campaign_id})
    return {(row["regime"], row["place_digest"]): row["notice_id"] for row in rows}


def unchecked(connection: Connection, campaign_id: UUID, notice_ids: Sequence[UUID]) -> set[UUID]:
    """Return the campaign's notices whose places no lookup has checked."""
    parameters = {"campaign_id": campaign_id, "notice_ids": list(notice_ids)}
    return {row["notice_id"] for row in connection.execute(_SQL["unchecked"], parameters)}


def lock(connection: Connection, organization_id: UUID, notice_ids: Sequence[UUID]) -> list[StoredNotice]:
    """Lock notices of the organization and return them with `client_id`, ordered by id.

    Also locks their clients, campaigns and entries until the transaction ends.
    """
    parameters = {"organization_id": organization_id, "notice_ids": list(notice_ids)}
    connection.execute(_SQL["lock_clients"], parameters)
    connection.execute(_SQL["lock_campaigns"], parameters)
    connection.execute(_SQL["lock_entries"], parameters)
    return [StoredNotice(**row) for row in connection.execute(_SQL["lock"], parameters)]


def chosen(
    connection: Connection,
    campaign_id: UUID,
    *,
    notice_ids: Sequence[UUID] | None = None,
    states: Sequence[State] | None = None,
    regime: str | None = None,
    limit: int = 100_000,
) -> list[UUID]:
    """Return the named notices of a campaign, or all in these states, oldest first."""
    parameters = {
        "campaign_id": campaign_id,
        "notice_ids": list(notice_ids) if notice_ids is not None else None,
        "states": list(states) if states is not None else None,
        "regime": regime,
        "limit": limit,
    }
    return [row["notice_id"] for row in connection.execute(_SQL["chosen"], parameters)]


def full(connection: Connection, organization_id: UUID, notice_ids: Sequence[UUID]) -> list[FullNotice]:
    """Return notices with the data that their letters are written from, still encrypted; ordered by id."""
    parameters = {"organization_id": organization_id, "notice_ids": list(notice_ids)}
    return [FullNotice(**row) for row in connection.execute(_SQL["full"], parameters)]


def facts(connection: Connection, notice_ids: Sequence[UUID]) -> dict[UUID, Facts]:
    """Return the current facts that decide whether notices may be sent."""
    rows = connection.execute(_SQL["facts"], {"notice_ids": list(notice_ids)}).fetchall()
    return {row.pop("notice_id"): Facts(**row) for row in rows}


def hindrances(connection: Connection, notice_id: UUID) -> list[str]:
    """Return the hindrances of a notice by the database's own rule."""
    row = connection.execute(_SQL["hindrances"], {"notice_id": notice_id}).fetchone()
    return list(row["codes"] or []) if row else []


def move(connection: Connection, notice_ids: Sequence[UUID], values: Move) -> int:
    """Move locked notices and return their number.

    The database raises `CheckViolation` for an unknown move, and for `send` if a hindrance exists (constraint
    `notice_gate`).
    """
    parameters = asdict(values) | {"notice_ids": list(notice_ids)}
    return len(connection.execute(_SQL["move"], parameters).fetchall())


def moves(connection: Connection, notice_id: UUID) -> list[dict[str, Any]]:
    """Return a notice's moves, oldest first."""
    return connection.execute(_SQL["moves"], {"notice_id": notice_id}).fetchall()


def page(
    connection: Connection,
    campaign_id: UUID,
    filter_: NoticeFilter,
    *,
    after: Place | None,
    limit: int,
) -> list[ListedNotice]:
    """Return a page of a campaign's notices. `after` is a due time in the order `due`."""
    at, after_id = after or (None, None)
    parameters = asdict(filter_) | {
        "campaign_id": campaign_id,
        "at": at,
        "after_id": after_id,
        "limit": limit,
    }
    rows = connection.execute(_SQL["page_due" if filter_.order == "due" else "page"], parameters)
    return [ListedNotice(**row) for row in rows]


def set_matches(connection: Connection, results: Sequence[Found]) -> None:
    """Store the results of lookups."""
    connection.execute(
        _SQL["set_matches"],
        {
            "notice_ids": [result.notice_id for result in results],
            "verdicts": [result.verdict for result in results],
            "assets": [result.asset_id for result in results],
            "matches": [Jsonb(result.match) if result.match is not None else None for result in results],
            "stand": [result.stands for result in results],
        },
    )


def confirm(connection: Connection, notice_ids: Sequence[UUID], ground: Ground, caller_id: UUID) -> None:
    """Record that a person confirms the ground of these notices."""
    parameters = {"notice_ids": list(notice_ids), "ground": ground, "caller_id": caller_id}
    connection.execute(_SQL["confirm"], parameters)


def confirm_addresses(connection: Connection, notice_ids: Sequence[UUID], caller_id: UUID) -> None:
    """Record that a person confirms the addresses of these notices, if the addresses are marked."""
    connection.execute(_SQL["confirm_addresses"], {"notice_ids": list(notice_ids), "caller_id": caller_id})


def go_on_despite_dispute(connection: Connection, notice_ids: Sequence[UUID], caller_id: UUID) -> None:
    """Record that a person continues with these notices although their entry is disputed."""
    connection.execute(
        _SQL["go_on_despite_dispute"], {"notice_ids": list(notice_ids), "caller_id": caller_id}
    )


def open_disputes(connection: Connection, entry_ids: Sequence[UUID]) -> dict[UUID, list[UUID]]:
    """Return, by entry, the disputes that nobody has accepted or rejected yet, oldest first."""
    disputes: dict[UUID, list[UUID]] = {}
    for row in connection.execute(_SQL["open_disputes"], {"entry_ids": list(entry_ids)}):
        disputes.setdefault(row["entry_id"], []).append(row["dispute_id"])
    return disputes


def answer(
    connection: Connection,
    notice_ids: Sequence[UUID],
    answers: Mapping[str, str],
    *,
    in_scope: bool | None,
    excepted: bool | None,
    caller_id: UUID,
) -> None:
    """Store the answers to the regime's questions. `in_scope` and `excepted` None: some are open."""
    parameters = {"notice_ids": list(notice_ids), "answers": Jsonb(dict(answers)), "caller_id": caller_id}
    connection.execute(_SQL["answer"], parameters | {"in_scope": in_scope, "excepted": excepted})


def set_complete(connection: Connection, checked: Mapping[UUID, tuple[bool, str]]) -> None:
    """Store whether the notices have every element, and the regime version that was checked."""
    connection.execute(
        _SQL["set_complete"],
        {
            "notice_ids": list(checked),
            "complete": [complete for complete, _ in checked.values()],
            "versions": [version for _, version in checked.values()],
        },
    )


def set_elements(connection: Connection, notice_id: UUID, sealed: bytes) -> None:
    """Replace a notice's own elements."""
    connection.execute(_SQL["set_elements"], {"notice_id": notice_id, "sealed": sealed})


def replace_place(connection: Connection, notice_id: UUID, address: NewAddress) -> None:
    """Give a reopened notice another place.

    Raises `UniqueViolation` (constraint `notice_place`) if the campaign has that place already.
    """
    parameters = {name: getattr(address, name) for name in NewAddress.__slots__} | {
        "notice_id": notice_id,
        "marks": list(address.marks),
        "match": Jsonb(address.match) if address.match is not None else None,
    }
    connection.execute(_SQL["replace_place"], parameters)


def was_searched(connection: Connection, lookup_id: UUID, entry_id: UUID) -> bool:
    """Return whether a lookup searched the entry. Only then does a lack of matches mean `no_match`."""
    parameters = {"lookup_id": lookup_id, "entry_id": entry_id}
    row = connection.execute(_SQL["was_searched"], parameters).fetchone()
    return bool(row and row["asked"])


def dispute_of(connection: Connection, entry_id: UUID, organization_id: UUID) -> dict[str, Any] | None:
    """Return the organization's open dispute of an entry, else its last one."""
    parameters = {"entry_id": entry_id, "organization_id": organization_id}
    return connection.execute(_SQL["dispute_of"], parameters).fetchone()

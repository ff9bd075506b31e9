"""Handle a recurrence found by a person, a lookup or a watch: reopen a notice, add one, or propose it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final
from uuid import UUID, uuid4

from registry.catalogue import platforms
from registry.catalogue.platforms.model.web_address import Address
from registry.core.audit.service import record_event
from registry.core.crypto.keys import Key
from registry.core.database.pool import Connection
from registry.core.errors import Conflict
from registry.takedown.campaigns.service import texts
from registry.takedown.notices.model.texts import MoveWords, NoticeAddress
from registry.takedown.notices.store import notices
from registry.takedown.notices.store.notices import Draft, Found, Move, NewAddress
from registry.takedown.recurrences import store as recurrence_store
from registry.takedown.recurrences.errors import NothingRemoved, PlaceTaken
from registry.takedown.recurrences.schemas import Outcome, Via
from registry.takedown.recurrences.store import New, RemovedNotice, Settlement
from registry.takedown.url_lists.model.url_list import looked_at

_KEPT: Final = ("asset_id", "relation", "confidence", "coverage", "spans", "reasons", "exact", "tier")


@dataclass(frozen=True, slots=True, repr=False)
class Finding:
    """A lookup that found an entry at an address.

    `asked_by`: the organization that made the lookup. `caller_id`: the person who confirms the finding; None:
    nobody does, and `via` is lookup or watch.
    """

    organization_id: UUID
    campaign_id: UUID
    entry_id: UUID
    address: Address
    lookup_id: UUID
    asked_by: UUID
    verdict: str
    match: Mapping[str, Any]
    seen_time: datetime
    via: Via
    caller_id: UUID | None = None

    @property
    def platform(self) -> str:
        """Return the platform's id, or the host."""
        return self.address.platform or self.address.host

    @property
    def proof(self) -> Mapping[str, object]:
        """Return the parts of the match that a notice stores."""
        kept = {name: self.match[name] for name in _KEPT if name in self.match}
        return kept | {"lookup_id": str(self.lookup_id)}


def bring_back(
    connection: Connection, key: Key, found: Finding, *, notice_id: UUID | None = None
) -> tuple[Outcome, UUID | None]:
    """Handle a finding, once for each place; return the outcome and the notice about the place.

    The campaign must be locked and open. A notice that the platform had acted on is reopened: `notice_id`,
    else the one about the same place, else the latest. If all of these are in use again, a further notice is
    added as a draft. The notice gets the proof but no ground: a person confirms it before it is sent.

    A finding that no person confirms is only proposed in three cases: the lookup is in doubt (`related`), the
    media were seen before the removal (`seen_before_removal`), or the notice was closed since (`closed`).

    Raises `NotFound` (`nothing_removed`), and for a person `Conflict` (`place_taken`).
    """
    recurrence_store.take_turns(connection, found.campaign_id)
    digest = key.digest(found.address.key.encode())
    before = recurrence_store.find_by_lookup(
        connection, found.campaign_id, found.entry_id, found.lookup_id, found.verdict, digest
    )
    told_before = before is not None and before["outcome"] in {"reopened", "added"}
    if before is not None and (told_before or found.caller_id is None):
        return before["outcome"], before["notice_id"]
    rows = _removed(connection, found, digest, notice_id)
    first, free = rows[0], next((row for row in rows if _is_free(found, row)), None)
    taken = recurrence_store.at_place(connection, found.campaign_id, digest)
    regime = (free or first).regime
    here = [
        row for row in taken if row["regime"] == regime and not (free and row["notice_id"] == free.notice_id)
    ]
    outcome: Outcome
    about: UUID | None
    if here and found.caller_id is not None:
        raise _taken(here[0])
    if here:
        outcome, about = "known", here[0]["notice_id"]
    elif (why := _doubt(found, first, free)) is not None:
        return _propose(connection, key, found, _Result(digest, "proposed", first.notice_id, why=why))
    elif free is not None:
        outcome, about = "reopened", free.notice_id
        first = free
        _reopen(connection, key, found, free.notice_id, digest)
    else:
        outcome, about = "added", _add(connection, key, found, digest, regime)
    _keep(connection, key, found, _Result(digest, outcome, first.notice_id, about))
    return outcome, about


def _removed(
    connection: Connection, found: Finding, digest: bytes, notice_id: UUID | None
) -> list[RemovedNotice]:
    """Return the removed notices: those of the same place first, then the latest."""
    rows = recurrence_store.list_removed_notices(
        connection, found.campaign_id, found.platform, [found.entry_id]
    )
    if notice_id is not None:
        rows = [row for row in rows if row.notice_id == notice_id]
    if not rows:
        raise NothingRemoved("That platform has removed nothing of what was found there, for this campaign.")
    return sorted(rows, key=lambda row: row.place_digest != digest)


def _is_free(found: Finding, row: RemovedNotice) -> bool:
    """Return whether a notice may be reopened. Only a person reopens a closed notice."""
    return row.state == "removed" or (found.caller_id is not None and row.state == "closed")


def _taken(row: Mapping[str, Any]) -> Conflict:
    return PlaceTaken(
        f"The notice {row['notice_id']} is about that place, and {row['state']}.",
        extra={"notice_id": str(row["notice_id"])},
    )


def _doubt(found: Finding, first: RemovedNotice, free: RemovedNotice | None) -> str | None:
    """Return the code of the reason why a person has to decide, or None."""
    if found.caller_id is not None:
        return None
    if found.verdict != "known_fake":
        return "related"
    if found.seen_time <= (free or first).removed_at:
        return "seen_before_removal"
    return "closed" if free is None and first.state == "closed" else None


@dataclass(frozen=True, slots=True)
class _Result:
    """The result of a finding. `about`: the notice that concerns the place now. `why`: only proposed."""

    digest: bytes
    outcome: Outcome
    first_id: UUID
    about: UUID | None = None
    why: str | None = None


def _propose(connection: Connection, key: Key, found: Finding, result: _Result) -> tuple[Outcome, None]:
    if recurrence_store.add(connection, _new(key, found, result)) is not None:
        _record(connection, found, result)
    return "proposed", None


def _keep(connection: Connection, key: Key, found: Finding, result: _Result) -> None:
    settlement = Settlement(
        campaign_id=found.campaign_id,
        entry_id=found.entry_id,
        digest=result.digest,
        lookup_id=found.lookup_id,
        outcome=result.outcome,
        notice_id=result.about,
        caller_id=found.caller_id,
    )
    recurrence_store.settle(connection, settlement)
    recurrence_store.add(connection, _new(key, found, result))
    _record(connection, found, result)


def _new(key: Key, found: Finding, result: _Result) -> New:
    return New(
        campaign_id=found.campaign_id,
        entry_id=found.entry_id,
        lookup_id=found.lookup_id,
        asked_by=found.asked_by,
        via=found.via,
        platform=found.platform,
        sealed=texts.ADDRESS.encrypt(key, NoticeAddress.of(found.address, platforms.table()))[0],
        digest=result.digest,
        verdict=found.verdict,
        match=found.proof,
        seen_time=found.seen_time,
        outcome=result.outcome,
        why=result.why,
        first_id=result.first_id,
        notice_id=result.about,
        caller_id=found.caller_id,
    )


def _record(connection: Connection, found: Finding, result: _Result) -> None:
    subject = {"campaign_id": found.campaign_id, "first_id": result.first_id, "lookup_id": found.lookup_id}
    record_event(
        connection,
        None,
        "notice.found_again",
        organization_id=found.organization_id,
        entry_id=found.entry_id,
        subject=subject | ({"notice_id": result.about} if result.about else {}),
        said={
            "outcome": result.outcome,
            "verdict": found.verdict,
            "via": found.via,
            "asked_by": found.asked_by,
            "caller_id": found.caller_id,
            "place": result.digest,
        },
    )


def _reopen(connection: Connection, key: Key, found: Finding, notice_id: UUID, digest: bytes) -> None:
    row = notices.lock(connection, found.organization_id, [notice_id])[0]
    old = texts.ADDRESS.decrypt(key, row.place_sealed) or NoticeAddress()
    words = texts.WORDS.encrypt(key, MoveWords(f"{old.url} -> {found.address.text}"))[0]
    reason = {"person": "found_again", "lookup": "found_by_lookup", "watch": "found_by_watch"}[found.via]
    move = Move("reopen", "reopened", reason, caller_id=found.caller_id, words=words)
    notices.move(connection, [notice_id], move)
    address = NoticeAddress.of(
        found.address, platforms.table(), note=old.note, seen_at=found.seen_time.isoformat()
    )
    notices.replace_place(
        connection,
        notice_id,
        NewAddress(
            platform=found.platform,
            sealed=texts.ADDRESS.encrypt(key, address)[0],
            digest=digest,
            marks=looked_at(found.address.marks),
            verdict=found.verdict,
            asset_id=UUID(found.match["asset_id"]),
            match=found.proof,
        ),
    )


def _add(connection: Connection, key: Key, found: Finding, digest: bytes, regime: str) -> UUID:
    """Add a further notice as a draft. A person has to answer the questions of scope again."""
    address = NoticeAddress.of(found.address, platforms.table(), seen_at=found.seen_time.isoformat())
    draft = Draft(
        notice_id=uuid4(),
        entry_id=found.entry_id,
        regime=regime,
        platform=found.platform,
        sealed=texts.ADDRESS.encrypt(key, address)[0],
        digest=digest,
        marks=looked_at(found.address.marks),
    )
    made = notices.add(
        connection,
        [draft],
        organization_id=found.organization_id,
        campaign_id=found.campaign_id,
        caller_id=found.caller_id,
    )
    if not made:
        raise PlaceTaken("Another notice was made of that place meanwhile.")
    matched: Sequence[Found] = [
        Found(draft.notice_id, found.verdict, UUID(found.match["asset_id"]), found.proof, stands=False)
    ]
    notices.set_matches(connection, matched)
    record_event(
        connection,
        None,
        "notice.added",
        organization_id=found.organization_id,
        entry_id=found.entry_id,
        subject={"notice_id": draft.notice_id, "campaign_id": found.campaign_id},
        said={"regime": regime, "place": digest},
    )
    return draft.notice_id

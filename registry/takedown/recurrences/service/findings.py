"""Handle a recurrence found by a person, a lookup or a watch: reopen a notice, add one, or propose it."""

from __future__ import annotations

from collections.abc import Mapping
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

_PROOF: Final = ("asset_id", "relation", "confidence", "coverage", "spans", "reasons", "exact", "tier")


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
        proof = {name: self.match[name] for name in _PROOF if name in self.match}
        return proof | {"lookup_id": str(self.lookup_id)}


def handle_finding(
    connection: Connection, key: Key, finding: Finding, *, notice_id: UUID | None = None
) -> tuple[Outcome, UUID | None]:
    """Handle a finding, once for each place; return the outcome and the notice about the place.

    The campaign must be locked and open. A notice that the platform had acted on is reopened: `notice_id`,
    else the one about the same place, else the latest. If all of these are in use again, a further notice is
    added as a draft. The notice gets the proof but no ground: a person confirms it before it is sent.

    A finding that no person confirms is only proposed in three cases: the lookup is in doubt (`related`), the
    media were seen before the removal (`seen_before_removal`), or the notice was closed since (`closed`).

    Raises `NotFound` (`nothing_removed`), and for a person `Conflict` (`place_taken`).
    """
    recurrence_store.lock_campaign(connection, finding.campaign_id)
    digest = key.digest(finding.address.key.encode())
    earlier = recurrence_store.find_by_lookup(
        connection, finding.campaign_id, finding.entry_id, finding.lookup_id, finding.verdict, digest
    )
    if earlier is not None and (finding.caller_id is None or earlier["outcome"] in {"reopened", "added"}):
        return earlier["outcome"], earlier["notice_id"]
    removed = _removed(connection, finding, digest, notice_id)
    latest, free = removed[0], next((row for row in removed if _is_free(finding, row)), None)
    regime = (free or latest).regime
    others = [
        row
        for row in recurrence_store.at_place(connection, finding.campaign_id, digest)
        if row["regime"] == regime and not (free and row["notice_id"] == free.notice_id)
    ]
    if others and finding.caller_id is not None:
        raise _taken(others[0])
    if others:
        result = _Result(digest, "known", latest.notice_id, others[0]["notice_id"])
    elif (why := _doubt(finding, latest, free)) is not None:
        return _propose(connection, key, finding, _Result(digest, "proposed", latest.notice_id, why=why))
    elif free is not None:
        result = _Result(digest, "reopened", free.notice_id, free.notice_id)
        _reopen(connection, key, finding, free.notice_id, digest)
    else:
        added_id = _add(connection, key, finding, digest, regime)
        result = _Result(digest, "added", latest.notice_id, added_id)
    _save(connection, key, finding, result)
    return result.outcome, result.notice_id


def _removed(
    connection: Connection, finding: Finding, digest: bytes, notice_id: UUID | None
) -> list[RemovedNotice]:
    """Return the removed notices: those about the same place first, then the latest."""
    rows = recurrence_store.list_removed_notices(
        connection, finding.campaign_id, finding.platform, [finding.entry_id]
    )
    if notice_id is not None:
        rows = [row for row in rows if row.notice_id == notice_id]
    if not rows:
        raise NothingRemoved("That platform has not removed this fake for the campaign.")
    return sorted(rows, key=lambda row: row.place_digest != digest)


def _is_free(finding: Finding, row: RemovedNotice) -> bool:
    """Return whether a notice may be reopened. Only a person reopens a closed notice."""
    return row.state == "removed" or (finding.caller_id is not None and row.state == "closed")


def _taken(row: Mapping[str, Any]) -> Conflict:
    return PlaceTaken(
        f"The notice {row['notice_id']} is about that place. Its state is {row['state']}.",
        extra={"notice_id": str(row["notice_id"])},
    )


def _doubt(finding: Finding, latest: RemovedNotice, free: RemovedNotice | None) -> str | None:
    """Return the code of the reason why a person has to decide, or None."""
    if finding.caller_id is not None:
        return None
    if finding.verdict != "known_fake":
        return "related"
    if finding.seen_time <= (free or latest).removed_at:
        return "seen_before_removal"
    return "closed" if free is None and latest.state == "closed" else None


@dataclass(frozen=True, slots=True)
class _Result:
    """The result of a finding.

    `first_id`: the notice that led to the removal. `notice_id`: the notice about the place now. `why`: the
    reason why the finding is only proposed.
    """

    digest: bytes
    outcome: Outcome
    first_id: UUID
    notice_id: UUID | None = None
    why: str | None = None


def _propose(connection: Connection, key: Key, finding: Finding, result: _Result) -> tuple[Outcome, None]:
    if recurrence_store.add(connection, _new(key, finding, result)) is not None:
        _record(connection, finding, result)
    return "proposed", None


def _save(connection: Connection, key: Key, finding: Finding, result: _Result) -> None:
    settlement = Settlement(
        campaign_id=finding.campaign_id,
        entry_id=finding.entry_id,
        digest=result.digest,
        lookup_id=finding.lookup_id,
        outcome=result.outcome,
        notice_id=result.notice_id,
        caller_id=finding.caller_id,
    )
    recurrence_store.settle(connection, settlement)
    recurrence_store.add(connection, _new(key, finding, result))
    _record(connection, finding, result)


def _new(key: Key, finding: Finding, result: _Result) -> New:
    return New(
        campaign_id=finding.campaign_id,
        entry_id=finding.entry_id,
        lookup_id=finding.lookup_id,
        asked_by=finding.asked_by,
        via=finding.via,
        platform=finding.platform,
        sealed=texts.ADDRESS.encrypt(key, NoticeAddress.of(finding.address, platforms.table()))[0],
        digest=result.digest,
        verdict=finding.verdict,
        match=finding.proof,
        seen_time=finding.seen_time,
        outcome=result.outcome,
        why=result.why,
        first_id=result.first_id,
        notice_id=result.notice_id,
        caller_id=finding.caller_id,
    )


def _record(connection: Connection, finding: Finding, result: _Result) -> None:
    subject = {
        "campaign_id": finding.campaign_id,
        "first_id": result.first_id,
        "lookup_id": finding.lookup_id,
    }
    record_event(
        connection,
        None,
        "notice.found_again",
        organization_id=finding.organization_id,
        entry_id=finding.entry_id,
        subject=subject | ({"notice_id": result.notice_id} if result.notice_id else {}),
        said={
            "outcome": result.outcome,
            "verdict": finding.verdict,
            "via": finding.via,
            "asked_by": finding.asked_by,
            "caller_id": finding.caller_id,
            "place": result.digest,
        },
    )


def _reopen(connection: Connection, key: Key, finding: Finding, notice_id: UUID, digest: bytes) -> None:
    row = notices.lock(connection, finding.organization_id, [notice_id])[0]
    old = texts.ADDRESS.decrypt(key, row.place_sealed) or NoticeAddress()
    words = texts.WORDS.encrypt(key, MoveWords(f"{old.url} -> {finding.address.text}"))[0]
    reason = {"person": "found_again", "lookup": "found_by_lookup", "watch": "found_by_watch"}[finding.via]
    move = Move("reopen", "reopened", reason, caller_id=finding.caller_id, words=words)
    notices.move(connection, [notice_id], move)
    address = NoticeAddress.of(
        finding.address, platforms.table(), note=old.note, seen_at=finding.seen_time.isoformat()
    )
    notices.replace_place(
        connection,
        notice_id,
        NewAddress(
            platform=finding.platform,
            sealed=texts.ADDRESS.encrypt(key, address)[0],
            digest=digest,
            marks=looked_at(finding.address.marks),
            verdict=finding.verdict,
            asset_id=UUID(finding.match["asset_id"]),
            match=finding.proof,
        ),
    )


def _add(connection: Connection, key: Key, finding: Finding, digest: bytes, regime: str) -> UUID:
    """Add a further notice as a draft. A person has to answer the questions of scope again."""
    address = NoticeAddress.of(finding.address, platforms.table(), seen_at=finding.seen_time.isoformat())
    draft = Draft(
        notice_id=uuid4(),
        entry_id=finding.entry_id,
        regime=regime,
        platform=finding.platform,
        sealed=texts.ADDRESS.encrypt(key, address)[0],
        digest=digest,
        marks=looked_at(finding.address.marks),
    )
    added = notices.add(
        connection,
        [draft],
        organization_id=finding.organization_id,
        campaign_id=finding.campaign_id,
        caller_id=finding.caller_id,
    )
    if not added:
        raise PlaceTaken("Another notice about that place was added meanwhile.")
    match = Found(
        draft.notice_id, finding.verdict, UUID(finding.match["asset_id"]), finding.proof, stands=False
    )
    notices.set_matches(connection, [match])
    record_event(
        connection,
        None,
        "notice.added",
        organization_id=finding.organization_id,
        entry_id=finding.entry_id,
        subject={"notice_id": draft.notice_id, "campaign_id": finding.campaign_id},
        said={"regime": regime, "place": digest},
    )
    return draft.notice_id

"""Prepare notices: confirm addresses and grounds, attach matches, check completeness."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Final
from uuid import UUID

from registry.catalogue.entries.model.verdict import Verdict
from registry.core.audit.service import event, record_events
from registry.core.crypto.keys import Key
from registry.core.database.pool import Connection
from registry.core.service import Service
from registry.identity.callers.model import Caller
from registry.matching import lookups
from registry.matching.lookups.errors import NotAnswered, UnknownLookup
from registry.matching.lookups.model import Answer, Match
from registry.takedown.campaigns.model import MOST_AT_ONCE, Elements
from registry.takedown.campaigns.service import access, texts
from registry.takedown.errors import WhichNotices
from registry.takedown.notices.errors import GroundRefused, RepeatedNotice, TooManyMatches
from registry.takedown.notices.model import notice
from registry.takedown.notices.model.notice import EDITABLE, HINDRANCES, Facts, Ground, Stand, hindrances
from registry.takedown.notices.model.texts import NoticeAddress
from registry.takedown.notices.schemas.notices import (
    AddressConfirmed,
    AddressesConfirmed,
    ElementFault,
    GroundKept,
    Lacking,
    MatchesKept,
    MatchKept,
    Preparation,
)
from registry.takedown.notices.store import notices
from registry.takedown.notices.store.notices import Found, FullNotice, Move, StoredNotice
from registry.takedown.regimes.model.regime import Regime


def confirm_grounds(
    service: Service, caller: Caller, campaign_id: UUID, notice_ids: Sequence[UUID], ground: Ground
) -> GroundKept:
    """Confirm a ground for these notices: a lookup `match`, or a person has `seen` the fake there.

    Confirms all of the notices, or none. Needs `takedown`.

    Raises `NotFound` (`unknown_campaign`, `unknown_notice`), `BadInput` (`which_notices`), `Conflict`
    (`campaign_closed`, `wrong_state`, or `ground_refused` if the lookup contradicts the ground or is
    missing).
    """
    caller.require("takedown")
    ids = named(notice_ids)
    with service.pool.transaction() as connection:
        access.find_campaign(connection, caller, campaign_id, lock=True, is_open=True)
        rows = access.lock_notices(connection, caller, campaign_id, ids)
        refused = [row for row in rows if not notice.may_stand(row.verdict, ground)]
        if refused:
            verdict = refused[0].verdict or "there is none"
            raise GroundRefused(
                f"The ground `{ground}` is not possible for {len(refused)} notices. The lookup of "
                f"{refused[0].notice_id}: {verdict}.",
                extra={"notice_ids": [str(row.notice_id) for row in refused[:100]]},
            )
        access.editable(connection, caller, rows)
        notices.confirm(connection, ids, ground, caller.caller_id)
        record_events(
            connection,
            [
                event(
                    caller,
                    "notice.confirmed",
                    entry_id=row.entry_id,
                    subject={"notice_id": row.notice_id, "campaign_id": campaign_id},
                    said={"ground": ground, "verdict": row.verdict},
                )
                for row in rows
            ],
        )
    return GroundKept(confirmed=len(rows), ground=ground)


def named(notice_ids: Sequence[UUID]) -> list[UUID]:
    """Return the notice ids without duplicates. Raises `BadInput` (`which_notices`) for none or too many."""
    distinct = list(dict.fromkeys(notice_ids))
    if not 1 <= len(distinct) <= MOST_AT_ONCE:
        raise WhichNotices(f"Name 1 to {MOST_AT_ONCE} notices.")
    return distinct


def confirm_addresses(
    service: Service, caller: Caller, campaign_id: UUID, notice_ids: Sequence[UUID]
) -> AddressesConfirmed:
    """Confirm that the addresses of these notices are the intended ones.

    The marks of a confirmed address (`url_list.LOOKED_AT`) no longer block sending. Confirms all of the
    notices, or none. Needs `takedown`.

    Raises `NotFound` (`unknown_campaign`, `unknown_notice`), `Conflict` (`campaign_closed`, `client_erased`,
    `wrong_state`), `BadInput` (`which_notices`).
    """
    caller.require("takedown")
    ids = named(notice_ids)
    with service.pool.transaction() as connection:
        campaign = access.find_campaign(connection, caller, campaign_id, lock=True, is_open=True)
        key = access.key_of(service, campaign.client_id)
        rows = access.lock_notices(connection, caller, campaign_id, ids)
        for row in rows:
            access.require_editable(row)
        notices.confirm_addresses(connection, ids, caller.caller_id)
        marked = [row for row in rows if row.address_marks]
        record_events(
            connection,
            [
                event(
                    caller,
                    "notice.address_confirmed",
                    entry_id=row.entry_id,
                    subject={"notice_id": row.notice_id, "campaign_id": campaign_id},
                    said={"marks": row.address_marks, "place": row.place_digest},
                )
                for row in marked
            ],
        )
    addresses = []
    for row in marked[:1000]:
        address = texts.ADDRESS.decrypt(key, row.place_sealed) or NoticeAddress()
        addresses.append(AddressConfirmed.from_row(row, url=address.url, marks=row.address_marks))
    return AddressesConfirmed(confirmed=len(marked), unmarked=len(rows) - len(marked), addresses=addresses)


MOST: Final = 1_000
"""Maximum number of lookups in one request."""
_PROOF: Final = ("relation", "confidence", "coverage", "spans", "reasons", "exact", "tier")


def attach_matches(
    service: Service, caller: Caller, campaign_id: UUID, pairs: Sequence[tuple[UUID, UUID]]
) -> MatchesKept:
    """Attach lookups to notices: store what each lookup says about the notice's entry.

    `pairs`: of notice and lookup; the lookups belong to the caller's organization. A ready notice
    becomes a draft again. An earlier confirmation of a ground stays valid only if the lookup supports it.
    Needs `takedown`.

    Raises `NotFound` (`unknown_campaign`, `unknown_notice`, `unknown_lookup`), `Conflict` (`campaign_closed`,
    `wrong_state`, `not_answered`), `BadInput` (`too_many_matches`, `repeated_notice`).
    """
    caller.require("takedown")
    lookup_of = _distinct(pairs)
    with service.pool.transaction() as connection:
        access.find_campaign(connection, caller, campaign_id, lock=True, is_open=True)
        rows = access.lock_notices(connection, caller, campaign_id, list(lookup_of))
        access.editable(connection, caller, rows)
        matches = [_result(connection, caller, row, lookup_of[row.notice_id]) for row in rows]
        notices.set_matches(connection, matches)
        record_events(
            connection,
            [
                event(
                    caller,
                    "notice.checked",
                    entry_id=row.entry_id,
                    subject={"notice_id": match.notice_id, "lookup_id": lookup_of[match.notice_id]},
                    said={"verdict": match.verdict},
                )
                for row, match in zip(rows, matches, strict=True)
            ],
        )
    return MatchesKept(
        matches=[
            MatchKept.from_row(match, confidence=match.match.get("confidence") if match.match else None)
            for match in matches
        ]
    )


def _distinct(pairs: Sequence[tuple[UUID, UUID]]) -> dict[UUID, UUID]:
    if not 1 <= len(pairs) <= MOST:
        raise TooManyMatches(f"One request attaches 1 to {MOST} lookups.")
    lookup_of = dict(pairs)
    if len(lookup_of) < len(pairs):
        raise RepeatedNotice
    return lookup_of


def _result(connection: Connection, caller: Caller, row: StoredNotice, lookup_id: UUID) -> Found:
    lookup = lookups.find_lookup(connection, caller.organization_id, lookup_id)
    if lookup is None:
        raise UnknownLookup(f"There is no lookup {lookup_id} of your organization.")
    if lookup["status"] != "answered":
        raise NotAnswered(f"The lookup {lookup_id} is {lookup['status']}.")
    answer = lookup["answer"]
    verdict, match = verdict_on(answer, row.entry_id)
    if verdict == "no_match" and not notices.was_searched(connection, lookup_id, row.entry_id):
        verdict = "undecidable"
    proof: dict[str, object] = {name: match[name] for name in _PROOF if name in match} if match else {}
    proof |= {"lookup_id": str(lookup_id), "mixed": bool(answer.get("mixed"))}
    proof |= {"sha256": lookup["sha256"]} if lookup["sha256"] else {}
    asset_id = UUID(match["asset_id"]) if match and match["asset_id"] else None
    stands = row.ground is not None and notice.may_stand(verdict, row.ground)
    stands = stands and (row.ground == "seen" or row.asset_id == asset_id)
    return Found(row.notice_id, verdict, asset_id, proof, stands)


def verdict_on(answer: Answer, entry_id: UUID) -> tuple[Verdict, Match | None]:
    """Return a lookup's verdict on one entry, and its most serious match with that entry.

    A file that holds both the fake and its original, for example a news report on a fake, is `related`: a
    person decides. An unknown SHA-256 says nothing about the content of the file: the verdict is
    `undecidable`.
    """
    match = next(
        (candidate for candidate in answer.get("matches", ()) if candidate["entry_id"] == str(entry_id)), None
    )
    if match is None:
        unknown = answer["verdict"] == "undecidable" or answer.get("scope") == "exact_only"
        return ("undecidable" if unknown else "no_match"), None
    if answer.get("mixed") and match["verdict"] == "known_fake":
        return "related", match
    return match["verdict"], match


BEFORE_READY: Final = (
    "no_signatory",
    "elements_missing",
    "authentic_original",
    "no_match",
    "ground_unconfirmed",
    "scope_unasked",
    "out_of_scope",
    "excepted",
)
"""Hindrances that block `ready`. The rest of `HINDRANCES` blocks the sending of a ready notice."""
MOST_SHOWN: Final = 1_000


def prepare_notices(
    service: Service,
    caller: Caller,
    campaign_id: UUID,
    *,
    notice_ids: Sequence[UUID] | None = None,
    dry_run: bool = False,
) -> Preparation:
    """Check what these notices lack, and make the complete ones ready.

    Reports missing elements that the regime requires, open questions, and hindrances. `notice_ids` None: all
    notices that were not sent. `dry_run`: change nothing. Needs `takedown`.

    Raises `NotFound` (`unknown_campaign`, `unknown_notice`), `Conflict` (`campaign_closed`, `client_erased`),
    `BadInput` (`which_notices`).
    """
    caller.require("takedown")
    with service.pool.transaction() as connection:
        campaign = access.find_campaign(connection, caller, campaign_id, lock=True, is_open=not dry_run)
        key = access.key_of(service, campaign.client_id)
        ids = (
            named(notice_ids)
            if notice_ids is not None
            else notices.chosen(connection, campaign_id, states=sorted(EDITABLE))
        )
        access.lock_notices(connection, caller, campaign_id, ids)
        checks = _check(service, connection, caller, key, ids)
        ready = set() if dry_run else _prepare(connection, caller, checks)
    shown = [_shown(check, "ready" if check.row.notice_id in ready else check.row.stands) for check in checks]
    lacking = [notice for notice in shown if notice.hindrances]
    return Preparation(
        campaign_id=campaign_id,
        checked=len(shown),
        prepared=len(ready),
        sendable=len(shown) - len(lacking),
        hindrances=Counter(code for notice in shown for code in notice.hindrances),
        notices=lacking[:MOST_SHOWN],
    )


@dataclass(frozen=True, slots=True, repr=False)
class _Check:
    """A notice, and what it lacks. `regime` None: the deployment does not know it any more."""

    row: FullNotice
    regime: Regime | None
    facts: Facts
    url: str | None
    faults: Sequence[ElementFault]


def _check(
    service: Service, connection: Connection, caller: Caller, key: Key, ids: Sequence[UUID]
) -> list[_Check]:
    rows = notices.full(connection, caller.organization_id, ids)
    if not rows:
        return []
    common = access.shared(key, rows[0])
    facts = notices.facts(connection, ids)
    regimes, now = access.all_regimes(service), datetime.now(UTC)
    checks = []
    for row in rows:
        regime = regimes.get(row.regime)
        values = access.values(key, row, common, now=now)
        current, faults = facts[row.notice_id], list[ElementFault]()
        if row.state in EDITABLE:
            faults = _faults(regime, values)
            current = replace(current, complete=not faults and regime is not None)
        url = values.get("url")
        checks.append(_Check(row, regime, current, str(url) if url else None, faults))
    return checks


def _faults(regime: Regime | None, values: Elements) -> list[ElementFault]:
    if regime is None:
        message = "The regime is no longer known."
        return [ElementFault(element="regime", code="unknown_regime", message=message)]
    # A missing ground is left out: it is confirmed later, and is reported as a hindrance of its own.
    return [
        ElementFault.from_row(fault)
        for fault in regime.faults(values)
        if not (fault.element == "ground" and fault.code == "element_missing")
    ]


def _shown(check: _Check, state: Stand) -> Lacking:
    facts = check.facts
    possible = facts if facts.state not in EDITABLE or _blocked(facts) else replace(facts, state="ready")
    codes = hindrances(possible)
    return Lacking.from_row(
        check.row,
        url=check.url,
        state=state,
        hindrances=codes,
        said=[HINDRANCES[code] for code in codes],
        elements=check.faults,
        questions=check.regime.open_questions(check.row.answers) if check.regime else [],
    )


def _blocked(facts: Facts) -> bool:
    return any(code in BEFORE_READY for code in hindrances(facts))


def _prepare(connection: Connection, caller: Caller, checks: Sequence[_Check]) -> set[UUID]:
    """Store whether the notices are complete, make ready those that may be, and return the ids of these."""
    stale = [check.row for check in checks if check.row.state == "ready" and _blocked(check.facts)]
    access.editable(connection, caller, stale)
    notices.set_complete(
        connection,
        {
            check.row.notice_id: (check.facts.complete, check.regime.version if check.regime else "")
            for check in checks
            if check.row.state in EDITABLE
        },
    )
    ready = [
        check.row.notice_id
        for check in checks
        if check.row.state in {"draft", "reopened"} and not _blocked(check.facts)
    ]
    if ready:
        notices.move(connection, ready, Move("prepare", "ready", "complete", caller_id=caller.caller_id))
    return set(ready)

"""Prepare notices: confirm addresses and grounds, attach matches, check completeness."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any, Final
from uuid import UUID

from registry.catalogue.entries.model.verdict import Verdict
from registry.core.audit.service import event, record_events
from registry.core.crypto.keys import Key
from registry.core.database.pool import Connection
from registry.core.service import Service
from registry.identity.callers.model import Caller
from registry.matching import lookups
from registry.matching.lookups.errors import NotAnswered, UnknownLookup
from registry.takedown.campaigns.model import MOST_AT_ONCE
from registry.takedown.campaigns.service import takedown
from registry.takedown.errors import WhichNotices
from registry.takedown.notices.errors import GroundRefused, RepeatedNotice, TooManyMatches
from registry.takedown.notices.model import notice
from registry.takedown.notices.model.notice import EDITABLE, HINDRANCES, Facts, Ground, hindrances
from registry.takedown.notices.store import notices
from registry.takedown.notices.store.notices import Found
from registry.takedown.regimes.model.regime import Regime


def confirm_grounds(
    service: Service, caller: Caller, campaign_id: UUID, notice_ids: Sequence[UUID], ground: Ground
) -> dict[str, Any]:
    """Confirm a ground for these notices: a lookup `match`, or a person has `seen` the fake there.

    Confirms all of the notices, or none. Needs `takedown`.

    Raises `NotFound` (`unknown_campaign`, `unknown_notice`), `BadInput` (`which_notices`), `Conflict`
    (`campaign_closed`, `wrong_state`, or `ground_refused` if the lookup contradicts the ground or is
    missing).
    """
    caller.require("takedown")
    wanted = named(notice_ids)
    with service.pool.transaction() as connection:
        takedown.find_campaign(connection, caller, campaign_id, lock=True, is_open=True)
        rows = takedown.lock_notices(connection, caller, campaign_id, wanted)
        refused = [row for row in rows if not notice.may_stand(row["verdict"], ground)]
        if refused:
            said = refused[0]["verdict"] or "there was none"
            raise GroundRefused(
                f"The ground `{ground}` does not stand for {len(refused)} notices: of "
                f"{refused[0]['notice_id']} a lookup says: {said}.",
                extra={"notice_ids": [str(row["notice_id"]) for row in refused[:100]]},
            )
        takedown.editable(connection, caller, rows)
        notices.confirm(connection, wanted, ground, caller.caller_id)
        record_events(
            connection,
            [
                event(
                    caller,
                    "notice.confirmed",
                    entry_id=row["entry_id"],
                    subject={"notice_id": row["notice_id"], "campaign_id": campaign_id},
                    said={"ground": ground, "verdict": row["verdict"]},
                )
                for row in rows
            ],
        )
    return {"confirmed": len(rows), "ground": ground}


def named(notice_ids: Sequence[UUID]) -> list[UUID]:
    """Return the notice ids without duplicates. Raises `BadInput` (`which_notices`) for none or too many."""
    wanted = list(dict.fromkeys(notice_ids))
    if not 1 <= len(wanted) <= MOST_AT_ONCE:
        raise WhichNotices(f"Name 1 to {MOST_AT_ONCE} notices.")
    return wanted


def confirm_addresses(
    service: Service, caller: Caller, campaign_id: UUID, notice_ids: Sequence[UUID]
) -> dict[str, Any]:
    """Confirm that the addresses of these notices are the intended ones.

    The marks of a confirmed address (`url_list.LOOKED_AT`) no longer block sending. Confirms all of the
    notices, or none. Needs `takedown`.

    Raises `NotFound` (`unknown_campaign`, `unknown_notice`), `Conflict` (`campaign_closed`, `client_erased`,
    `wrong_state`), `BadInput` (`which_notices`).
    """
    caller.require("takedown")
    wanted = named(notice_ids)
    with service.pool.transaction() as connection:
        campaign = takedown.find_campaign(connection, caller, campaign_id, lock=True, is_open=True)
        key = takedown.key_of(service, campaign["client_id"])
        rows = takedown.lock_notices(connection, caller, campaign_id, wanted)
        for row in rows:
            takedown.require_editable(row)
        notices.confirm_addresses(connection, wanted, caller.caller_id)
        marked = [row for row in rows if row["address_marks"]]
        record_events(
            connection,
            [
                event(
                    caller,
                    "notice.address_confirmed",
                    entry_id=row["entry_id"],
                    subject={"notice_id": row["notice_id"], "campaign_id": campaign_id},
                    said={"marks": row["address_marks"], "place": row["place_digest"]},
                )
                for row in marked
            ],
        )
    places = {
        row["notice_id"]: takedown.open_sealed(key, row["place_sealed"], takedown.PLACE) or {}
        for row in marked
    }
    return {
        "confirmed": len(marked),
        "unmarked": len(rows) - len(marked),
        "addresses": [
            {
                "notice_id": str(row["notice_id"]),
                "url": places[row["notice_id"]].get("url"),
                "marks": row["address_marks"],
            }
            for row in marked[:1000]
        ],
    }


MOST: Final = 1_000
"""Maximum number of lookups that one request attaches."""
_KEPT: Final = ("relation", "confidence", "coverage", "spans", "reasons", "exact", "tier")


def attach_matches(
    service: Service, caller: Caller, campaign_id: UUID, given: Sequence[tuple[UUID, UUID]]
) -> dict[str, Any]:
    """Attach lookups to notices: store what each lookup says about the notice's entry.

    `given`: pairs of notice and lookup; the lookups belong to the caller's organization. A ready notice
    becomes a draft again. An earlier confirmation of a ground stays valid only if the lookup supports it.
    Needs `takedown`.

    Raises `NotFound` (`unknown_campaign`, `unknown_notice`, `unknown_lookup`), `Conflict` (`campaign_closed`,
    `wrong_state`, `not_answered`), `BadInput` (`too_many_matches`, `repeated_notice`).
    """
    caller.require("takedown")
    wanted = _distinct(given)
    with service.pool.transaction() as connection:
        takedown.find_campaign(connection, caller, campaign_id, lock=True, is_open=True)
        rows = takedown.lock_notices(connection, caller, campaign_id, list(wanted))
        takedown.editable(connection, caller, rows)
        found = [_found(connection, caller, row, wanted[row["notice_id"]]) for row in rows]
        notices.set_matches(connection, found)
        record_events(
            connection,
            [
                event(
                    caller,
                    "notice.checked",
                    entry_id=row["entry_id"],
                    subject={"notice_id": one.notice_id, "lookup_id": wanted[one.notice_id]},
                    said={"verdict": one.verdict},
                )
                for row, one in zip(rows, found, strict=True)
            ],
        )
    return {
        "matches": [
            {
                "notice_id": str(row.notice_id),
                "verdict": row.verdict,
                "asset_id": str(row.asset_id) if row.asset_id else None,
                "confidence": row.match.get("confidence") if row.match else None,
            }
            for row in found
        ]
    }


def _distinct(given: Sequence[tuple[UUID, UUID]]) -> dict[UUID, UUID]:
    if not 1 <= len(given) <= MOST:
        raise TooManyMatches(f"One request attaches 1 to {MOST} lookups.")
    wanted = dict(given)
    if len(wanted) < len(given):
        raise RepeatedNotice
    return wanted


def _found(connection: Connection, caller: Caller, row: Mapping[str, Any], lookup_id: UUID) -> Found:
    lookup = lookups.find_lookup(connection, caller.organization_id, lookup_id)
    if lookup is None:
        raise UnknownLookup(f"There is no lookup {lookup_id} of your organization.")
    if lookup["status"] != "answered":
        raise NotAnswered(f"The lookup {lookup_id} is {lookup['status']}.")
    answer = lookup["answer"]
    verdict, match = said_of(answer, row["entry_id"])
    if verdict == "no_match" and not notices.was_asked(connection, lookup_id, row["entry_id"]):
        verdict = "undecidable"
    kept = {name: match[name] for name in _KEPT if name in match} if match else {}
    kept |= {"lookup_id": str(lookup_id), "mixed": bool(answer.get("mixed"))}
    kept |= {"sha256": lookup["sha256"]} if lookup["sha256"] else {}
    asset_id = UUID(match["asset_id"]) if match else None
    stands = row["ground"] is not None and notice.may_stand(verdict, row["ground"])
    stands = stands and (row["ground"] == "seen" or row["asset_id"] == asset_id)
    return Found(row["notice_id"], verdict, asset_id, kept, stands)


def said_of(answer: Mapping[str, Any], entry_id: UUID) -> tuple[Verdict, Mapping[str, Any] | None]:
    """Return a lookup's verdict on one entry, and its most serious match with that entry.

    A file that holds both the fake and its original, for example a news report on a fake, is `related`: a
    person decides. An unknown SHA-256 says nothing about the content of the file: the verdict is
    `undecidable`.
    """
    found = next((match for match in answer.get("matches", ()) if match["entry_id"] == str(entry_id)), None)
    if found is None:
        unknown = answer["verdict"] == "undecidable" or answer.get("scope") == "exact_only"
        return ("undecidable" if unknown else "no_match"), None
    if answer.get("mixed") and found["verdict"] == "known_fake":
        return "related", found
    return found["verdict"], found


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
) -> dict[str, Any]:
    """Check what these notices lack, and make the complete ones ready.

    Reports missing elements that the regime requires, open questions, and hindrances. `notice_ids` None: all
    notices that were not sent. `dry_run`: change nothing. Needs `takedown`.

    Raises `NotFound` (`unknown_campaign`, `unknown_notice`), `Conflict` (`campaign_closed`, `client_erased`),
    `BadInput` (`which_notices`).
    """
    caller.require("takedown")
    with service.pool.transaction() as connection:
        campaign = takedown.find_campaign(connection, caller, campaign_id, lock=True, is_open=not dry_run)
        key = takedown.key_of(service, campaign["client_id"])
        wanted = (
            named(notice_ids)
            if notice_ids is not None
            else notices.chosen(connection, campaign_id, states=sorted(EDITABLE))
        )
        takedown.lock_notices(connection, caller, campaign_id, wanted)
        seen = _look(service, connection, caller, key, wanted)
        ready = [] if dry_run else _prepare(connection, caller, seen)
    made = {str(item) for item in ready}
    shown = [
        item["shown"] | ({"state": "ready"} if item["shown"]["notice_id"] in made else {}) for item in seen
    ]
    lacking = [item for item in shown if item["hindrances"]]
    return {
        "campaign_id": str(campaign_id),
        "checked": len(shown),
        "prepared": len(ready),
        "sendable": len(shown) - len(lacking),
        "hindrances": dict(Counter(code for item in shown for code in item["hindrances"])),
        "notices": lacking[:MOST_SHOWN],
    }


def _look(
    service: Service, connection: Connection, caller: Caller, key: Key, wanted: Sequence[UUID]
) -> list[dict[str, Any]]:
    """Return each notice with its shortcomings: `row`, `regime`, `facts`, `shown`."""
    rows = notices.full(connection, caller.organization_id, wanted)
    facts = notices.facts(connection, wanted)
    common = takedown.shared(key, rows[0]) if rows else {}
    known = takedown.known(service)
    found = []
    for row in rows:
        regime = known.get(row["regime"])
        said = takedown.values(key, row, common)
        faults = _faults(regime, said) if row["state"] in EDITABLE else []
        now = facts[row["notice_id"]]
        if row["state"] in EDITABLE:
            now = replace(now, complete=not faults and regime is not None)
        one = {"row": row, "regime": regime, "facts": now}
        found.append(one | {"shown": _shown(row, regime, said, faults, now)})
    return found


def _faults(regime: Regime | None, said: Mapping[str, Any]) -> list[dict[str, str]]:
    if regime is None:
        return [{"element": "regime", "code": "unknown_regime", "message": "The regime is no longer known."}]
    # A missing ground is left out: it is confirmed later, and is reported as a hindrance of its own.
    return [
        {"element": fault.element, "code": fault.code, "message": fault.message}
        for fault in regime.faults(said)
        if not (fault.element == "ground" and fault.code == "element_missing")
    ]


def _shown(
    row: Mapping[str, Any],
    regime: Regime | None,
    said: Mapping[str, Any],
    faults: Sequence[Mapping[str, str]],
    facts: Facts,
) -> dict[str, Any]:
    would = facts if facts.state not in EDITABLE or _blocked(facts) else replace(facts, state="ready")
    codes = hindrances(would)
    return {
        "notice_id": str(row["notice_id"]),
        "url": said.get("url"),
        "platform": row["platform"],
        "regime": row["regime"],
        "state": row["stands"],
        "hindrances": codes,
        "said": [HINDRANCES[code] for code in codes],
        "elements": list(faults),
        "questions": regime.open_questions(row["answers"]) if regime else [],
    }


def _blocked(facts: Facts) -> bool:
    return any(code in BEFORE_READY for code in hindrances(facts))


def _prepare(connection: Connection, caller: Caller, seen: Sequence[Mapping[str, Any]]) -> list[UUID]:
    """Store whether the notices are complete, make ready those that may be, and return the ids of these."""
    fresh = [row for row in seen if row["row"]["state"] in {"draft", "reopened"}]
    stale = [row["row"] for row in seen if row["row"]["state"] == "ready" and _blocked(row["facts"])]
    takedown.editable(connection, caller, stale)
    notices.set_complete(
        connection,
        {
            row["row"]["notice_id"]: (row["facts"].complete, row["regime"].version if row["regime"] else "")
            for row in seen
            if row["row"]["state"] in EDITABLE
        },
    )
    ready = [item["row"]["notice_id"] for item in fresh if not _blocked(item["facts"])]
    if ready:
        notices.move(connection, ready, "prepare", "ready", "complete", caller_id=caller.caller_id)
    return ready

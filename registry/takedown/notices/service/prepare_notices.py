"""Say what notices lack, and make those ready that lack nothing."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any, Final
from uuid import UUID

from registry.core.crypto.keys import Key
from registry.core.database.pool import Connection
from registry.core.service import Service
from registry.identity.callers.model import Caller
from registry.takedown.campaigns.service import takedown
from registry.takedown.notices.model.notice import EDITABLE, HINDRANCES, Facts, hindrances
from registry.takedown.notices.service.confirm_grounds import named
from registry.takedown.notices.store import notices
from registry.takedown.regimes.model.regime import Regime

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
"""What keeps a notice from being ready; the rest of HINDRANCES keeps one that is ready from being sent."""
MOST_SHOWN: Final = 1_000


def prepare_notices(
    service: Service,
    caller: Caller,
    campaign_id: UUID,
    *,
    notice_ids: Sequence[UUID] | None = None,
    dry_run: bool = False,
) -> dict[str, Any]:
    """What each of these notices lacks, or each that was not sent: elements that its regime requires,
    questions that are open, and why it could not be sent now. Those that lack nothing become ready,
    unless it is a `dry_run`, which changes nothing. Needs `takedown`.

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
    made = {str(one) for one in ready}
    shown = [one["shown"] | ({"state": "ready"} if one["shown"]["notice_id"] in made else {}) for one in seen]
    lacking = [one for one in shown if one["hindrances"]]
    return {
        "campaign_id": str(campaign_id),
        "checked": len(shown),
        "prepared": len(ready),
        "sendable": len(shown) - len(lacking),
        "hindrances": dict(Counter(code for one in shown for code in one["hindrances"])),
        "notices": lacking[:MOST_SHOWN],
    }


def _look(
    service: Service, connection: Connection, caller: Caller, key: Key, wanted: Sequence[UUID]
) -> list[dict[str, Any]]:
    """Each notice with what it lacks: `row`, `faults`, `facts`, `shown`."""
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
    # What is confirmed later than it is worded counts as its own hindrance.
    return [
        {"element": one.element, "code": one.code, "message": one.message}
        for one in regime.faults(said)
        if not (one.element == "ground" and one.code == "element_missing")
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
    """Keep whether they are complete, and move those that may be: which they are."""
    fresh = [one for one in seen if one["row"]["state"] in {"draft", "reopened"}]
    stale = [one["row"] for one in seen if one["row"]["state"] == "ready" and _blocked(one["facts"])]
    takedown.editable(connection, caller, stale)
    notices.set_complete(
        connection,
        {
            one["row"]["notice_id"]: (one["facts"].complete, one["regime"].version if one["regime"] else "")
            for one in seen
            if one["row"]["state"] in EDITABLE
        },
    )
    ready = [one["row"]["notice_id"] for one in fresh if not _blocked(one["facts"])]
    if ready:
        notices.move(connection, ready, "prepare", "ready", "complete", caller_id=caller.caller_id)
    return ready

"""Attach to notices what lookups said of the media at their places."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final
from uuid import UUID

from registry.core.audit.service.record_event import event, record_events
from registry.core.database.pool import Connection
from registry.core.errors import BadInput, Conflict, NotFound
from registry.core.service import Service
from registry.identity.callers.model import Caller
from registry.matching.decision.model.decision import Verdict
from registry.matching.lookups.store import lookups
from registry.takedown.campaigns.service import takedown
from registry.takedown.notices.model import notice
from registry.takedown.notices.store import notices
from registry.takedown.notices.store.notices import Found

MOST: Final = 1_000
"""Lookups that one request attaches."""
_KEPT: Final = ("relation", "confidence", "coverage", "spans", "reasons", "exact", "tier")


def attach_matches(
    service: Service, caller: Caller, campaign_id: UUID, given: Sequence[tuple[UUID, UUID]]
) -> dict[str, Any]:
    """Of each notice what its lookup, of the caller's organization, said of the notice's entry. `given`:
    notice and lookup. A notice that is ready becomes a draft again. What a person has confirmed before stands
    only where the lookup bears it out. Needs `takedown`.

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
                "notice_id": str(one.notice_id),
                "verdict": one.verdict,
                "asset_id": str(one.asset_id) if one.asset_id else None,
                "confidence": one.match.get("confidence") if one.match else None,
            }
            for one in found
        ]
    }


def _distinct(given: Sequence[tuple[UUID, UUID]]) -> dict[UUID, UUID]:
    if not 1 <= len(given) <= MOST:
        raise BadInput(f"One request attaches 1 to {MOST} lookups.", code="too_many_matches")
    wanted = dict(given)
    if len(wanted) < len(given):
        raise BadInput("A notice is named twice.", code="repeated_notice")
    return wanted


def _found(connection: Connection, caller: Caller, row: Mapping[str, Any], lookup_id: UUID) -> Found:
    lookup = lookups.show(connection, caller.organization_id, lookup_id)
    if lookup is None:
        raise NotFound(f"There is no lookup {lookup_id} of your organization.", code="unknown_lookup")
    if lookup["status"] != "answered":
        raise Conflict(f"The lookup {lookup_id} is {lookup['status']}.", code="not_answered")
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
    """What a lookup's answer says of one entry, and its gravest match with that.

    Where a file holds the fake and its original, as reports on a fake do, it is `related`: a person decides.
    A sha256 that nobody knows says nothing of what is in the file: `undecidable`."""
    found = next((one for one in answer.get("matches", ()) if one["entry_id"] == str(entry_id)), None)
    if found is None:
        unknown = answer["verdict"] == "undecidable" or answer.get("scope") == "exact_only"
        return ("undecidable" if unknown else "no_match"), None
    if answer.get("mixed") and found["verdict"] == "known_fake":
        return "related", found
    return found["verdict"], found

"""Show a notice: what it is about, what it lacks, and all that was done with it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

from registry.core.crypto.keys import Key
from registry.core.errors import NotFound
from registry.core.service import Service
from registry.identity.callers.model import Caller
from registry.takedown.campaigns.service import takedown
from registry.takedown.notices.model.notice import Facts, hindrances, stand_of
from registry.takedown.notices.store import notices
from registry.takedown.regimes.service.classified import classified
from registry.takedown.replies.service import list_replies
from registry.takedown.replies.store import notice_statements

_TIMES = (
    "checked_at",
    "confirmed_at",
    "address_confirmed_at",
    "answered_at",
    "created_at",
    "despite_dispute_at",
    "due_at",
    "handed_over_at",
    "delivered_at",
    "acknowledged_at",
    "removed_at",
)


def show_notice(service: Service, caller: Caller, campaign_id: UUID, notice_id: UUID) -> dict[str, Any]:
    """A notice of the caller's organization with its history. Needs `takedown`. Raises `NotFound`
    (`unknown_campaign`, `unknown_notice`)."""
    caller.require("takedown")
    with service.pool.transaction() as connection:
        takedown.find_campaign(connection, caller, campaign_id)
        found = notices.full(connection, caller.organization_id, [notice_id])
        if not found or found[0]["campaign_id"] != campaign_id:
            raise NotFound(f"There is no notice {notice_id} in that campaign.", code="unknown_notice")
        row = found[0]
        facts = notices.facts(connection, [notice_id])[notice_id]
        moves = notices.moves(connection, notice_id)
        media = notice_statements.media(connection, [notice_id])[notice_id]
        said = notice_statements.of_notice(connection, notice_id)
    key = takedown.keys(service).find(row["client_id"])
    elements = takedown.open_sealed(key, row["elements_sealed"], takedown.ELEMENTS) or {}
    values = takedown.values_of(service, row) or {}
    return shown(key, row, facts) | {
        "elements": elements,
        "moves": history(key, moves),
        "dsa": classified(row | media, values),
        "statements": [list_replies.shown(service, one)["statement"] for one in said if one["sealed"]],
    }


def shown(key: Key | None, row: Mapping[str, Any], facts: Facts) -> dict[str, Any]:
    """A notice as it is shown in a list. `key`: the client's; without it its place is not known."""
    place = takedown.open_sealed(key, row["place_sealed"], takedown.PLACE) or {}
    return {
        "notice_id": str(row["notice_id"]),
        "campaign_id": str(row["campaign_id"]),
        "entry_id": str(row["entry_id"]),
        "regime": row["regime"],
        "platform": row["platform"],
        "url": place.get("url"),
        "content_id": place.get("content_id"),
        "note": place.get("note"),
        "seen_at": place.get("seen_at"),
        "state": row["stands"],
        "paused_for": row["paused_for"],
        "hindrances": hindrances(facts),
        "complete": row["complete"],
        "verdict": row["verdict"],
        "match": row["match"],
        "ground": row["ground"],
        "address_marks": row["address_marks"],
        "answers": row["answers"],
        "in_scope": row["in_scope"],
        "excepted": row["excepted"],
        "dispute_id": str(row["dispute_id"]) if row["dispute_id"] else None,
        "prepared_at": row["sent_at"].isoformat() if row["sent_at"] else None,
        **{name: row[name].isoformat() if row[name] else None for name in _TIMES},
    }


def history(key: Key | None, moves: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """Who moved it, when and why; the words are null once they were erased."""
    return [
        {
            "number": one["move_no"],
            "act": one["act"],
            "from_state": stand_of(one["from_state"]) if one["from_state"] else None,
            "to_state": stand_of(one["to_state"]),
            "caller_id": str(one["caller_id"]) if one["caller_id"] else None,
            "caller": one["caller"],
            "reason_code": one["reason_code"],
            "dispute_id": str(one["dispute_id"]) if one["dispute_id"] else None,
            "words": (takedown.open_sealed(key, one["sealed"], takedown.WORDS) or {}).get("words"),
            "at": one["at"].isoformat(),
        }
        for one in moves
    ]

"""List what came back to notices."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from registry.core import cursor
from registry.core.service import Service
from registry.identity.callers.model import Caller
from registry.takedown.campaigns.service import takedown
from registry.takedown.replies.model import reasons
from registry.takedown.replies.model.reply import State
from registry.takedown.replies.service.take_replies import REPLY
from registry.takedown.replies.store import notice_replies


def list_replies(
    service: Service,
    caller: Caller,
    *,
    state: State | None = None,
    notice_id: UUID | None = None,
    limit: int = 50,
    after: str | None = None,
) -> dict[str, Any]:
    """A page of the organization's replies, newest first; those that are `unmatched` wait for a person. Needs
    `takedown`. Raises `BadInput` (`bad_cursor`)."""
    caller.require("takedown")
    with service.pool.transaction() as connection:
        rows = notice_replies.page(
            connection,
            caller.organization_id,
            state=state,
            notice_id=notice_id,
            after=cursor.place(after) if after else None,
            limit=limit + 1,
        )
    more = len(rows) > limit
    rows = rows[:limit]
    ends = cursor.encode(rows[-1]["created_at"].isoformat(), rows[-1]["reply_id"]) if more else None
    return {"replies": [shown(service, row) for row in rows], "next": ends}


def shown(service: Service, row: Mapping[str, Any]) -> dict[str, Any]:
    """A reply as it is shown; what it said is null once it was dismissed, or its client erased."""
    key = takedown.keys(service).find(row["key_id"]) if row["sealed"] else None
    said = takedown.open_sealed(key, row["sealed"], REPLY) or {}
    return {
        "reply_id": str(row["reply_id"]),
        "state": row["state"],
        "notice_id": str(row["notice_id"]) if row["notice_id"] else None,
        "matched_by": row["matched_by"],
        "candidates": [str(one) for one in row["candidates"]],
        "automatic": row["automatic"],
        "source": row["source"],
        "sender": said.get("from"),
        "subject": said.get("subject"),
        "text": said.get("text"),
        "attached": said.get("attached", []),
        "sha256": said.get("sha256"),
        "statement": statement(said.get("statement"), row),
        "said_at": row["said_at"].isoformat() if row["said_at"] else None,
        "created_at": row["created_at"].isoformat(),
    }


def statement(said: Mapping[str, Any] | None, row: Mapping[str, Any]) -> dict[str, Any] | None:
    """What a platform's statement of reasons says, in short and whole; None: the reply is none."""
    if not said:
        return None
    return {
        "puid": said["puid"],
        "outcome": reasons.outcome(said),
        "ground": reasons.ground(said),
        "legal_ground": said.get("illegal_content_legal_ground") or said.get("incompatible_content_ground"),
        "facts": said["decision_facts"],
        "automated_detection": said["automated_detection"] == "Yes",
        "automated_decision": reasons.automated(said),
        "application_date": said["application_date"],
        "accepted_at": row["accepted_at"].isoformat() if row["accepted_at"] else None,
        "fields": dict(said),
    }

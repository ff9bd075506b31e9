"""Take in what came back to notices, and match it with the notice that it answers."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any
from uuid import UUID, uuid4

from registry.core.audit.service.record_event import record_event
from registry.core.crypto.keys import Key
from registry.core.database.pool import Connection
from registry.core.service import Service
from registry.identity.callers.model import Caller
from registry.takedown.campaigns.service import takedown
from registry.takedown.replies.model import reply
from registry.takedown.replies.model.reply import Reply
from registry.takedown.replies.store import notice_replies
from registry.takedown.replies.store.notice_replies import New

REPLY = "reply"
"""For what a reply is sealed."""


def take_replies(service: Service, caller: Caller, replies: Iterable[Reply], source: str) -> dict[str, Any]:
    """What became of each: `matched` where it names one notice of the organization that was sent, by our
    Message-ID in its thread, the mark of a subject or the notice's number; `unmatched`, for a person, where
    it names none or several; `known` where it is there already; `faulty`, and not kept, where it names only
    notices of clients that were erased (`client_erased`). No notice moves by it. Needs `takedown`.

    Raises `Unavailable` (`keys_unavailable`).
    """
    caller.require("takedown")
    own = organization_key(service, caller.organization_id)
    taken = [_take(service, caller, own, one, source) for one in replies]
    counted = {state: sum(one["state"] == state for one in taken) for state in _STATES}
    return {**counted, "replies": taken}


_STATES = ("matched", "unmatched", "known", "faulty")


def take_mailbox(service: Service, caller: Caller, raw: bytes) -> dict[str, Any]:
    """As `take_replies`, of a mailbox file (mbox) or one message (EML). Raises as `reply.mailbox` too."""
    caller.require("takedown")
    return take_replies(service, caller, reply.mailbox(raw), "mailbox")


def organization_key(service: Service, organization_id: UUID) -> Key:
    """The key of what an organization was told and of which nobody knows yet whom it concerns."""
    folder = takedown.keys(service)
    return folder.find(organization_id) or folder.create(organization_id)


def _take(service: Service, caller: Caller, own: Key, one: Reply, source: str) -> dict[str, Any]:
    if one.fault is not None or one.said is None:
        return _not_kept(one, one.fault.code if one.fault else "not_a_message")
    with service.pool.transaction() as connection:
        found = notice_replies.named(connection, caller.organization_id, one.names) if one.names else []
        return _keep(service, connection, caller, own, one, source, found)


def _not_kept(one: Reply, code: str) -> dict[str, Any]:
    return {"message": one.line, "state": "faulty", "reply_id": None, "notice_id": None, "code": code}


def _keep(
    service: Service,
    connection: Connection,
    caller: Caller,
    own: Key,
    one: Reply,
    source: str,
    found: list[tuple[UUID, UUID, str]],
) -> dict[str, Any]:
    notice_id, key, how = None, own, None
    keys = [takedown.keys(service).find(client_id) for client_id in {each[1] for each in found}]
    if found and not any(keys):
        return _not_kept(one, "client_erased")
    if len(found) == 1 and keys[0] is not None:
        notice_id, key, how = found[0][0], keys[0], found[0][2]
    new = New(
        reply_id=uuid4(),
        digest=own.digest(one.identity),
        source=source,
        notice_id=notice_id,
        matched_by=how,
        candidates=[] if notice_id else [named for named, _, _ in found[: reply.MOST_NAMED]],
        automatic=one.automatic,
        key_id=key.subject_id,
        sealed=takedown.seal(key, dict(one.said or {}), REPLY)[0],
        said_at=one.said_at,
    )
    fresh = notice_replies.add(
        connection, new, organization_id=caller.organization_id, caller_id=caller.caller_id
    )
    if fresh:
        record_event(
            connection,
            caller,
            "notice.replied",
            subject={"reply_id": new.reply_id} | ({"notice_id": notice_id} if notice_id else {}),
            said={"state": "matched" if notice_id else "unmatched", "automatic": one.automatic},
        )
    state = "known" if not fresh else "matched" if notice_id else "unmatched"
    return {
        "message": one.line,
        "state": state,
        "reply_id": str(new.reply_id) if fresh else None,
        "notice_id": str(notice_id) if notice_id else None,
        "matched_by": how,
        "candidates": [str(named) for named in new.candidates],
        "code": None,
    }

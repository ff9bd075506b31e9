"""Import replies of platforms, match them with notices, and list them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any
from uuid import UUID, uuid4

from registry.core import cursor
from registry.core.audit.service import record_event
from registry.core.crypto.keys import Key
from registry.core.database.pool import Connection
from registry.core.service import Service
from registry.identity.callers.model import Caller
from registry.identity.organizations.service.operator import client_keys, organization_key
from registry.takedown.campaigns.service import takedown
from registry.takedown.errors import ClientErased, UnknownNotice
from registry.takedown.notices.store import notices
from registry.takedown.replies.errors import ReplyDismissed, UnknownReply
from registry.takedown.replies.model import reasons, reply
from registry.takedown.replies.model.reply import Reply, State
from registry.takedown.replies.store import notice_replies
from registry.takedown.replies.store.notice_replies import New

REPLY = "reply"
"""Purpose under which a reply is encrypted."""


def take_replies(service: Service, caller: Caller, replies: Iterable[Reply], source: str) -> dict[str, Any]:
    """Import replies, and report the state of each. Moves no notice. Needs `takedown`.

    - `matched`: it names one sent notice of the organization, by our Message-ID in its thread, by a subject
      mark or by the notice's number.
    - `unmatched`: it names none or several, and waits for a person.
    - `known`: it was imported before.
    - `faulty`: it is not stored, because it is unreadable or names only notices of erased clients
      (`client_erased`).

    Raises `Unavailable` (`keys_unavailable`).
    """
    caller.require("takedown")
    own = organization_key(service, caller.organization_id)
    taken = [_take(service, caller, own, item, source) for item in replies]
    counted = {state: sum(item["state"] == state for item in taken) for state in _STATES}
    return {**counted, "replies": taken}


_STATES = ("matched", "unmatched", "known", "faulty")


def take_mailbox(service: Service, caller: Caller, raw: bytes) -> dict[str, Any]:
    """Import replies, as `take_replies`, from a mailbox file (mbox) or one message (EML).

    Also raises the errors of `reply.mailbox`.
    """
    caller.require("takedown")
    return take_replies(service, caller, reply.mailbox(raw), "mailbox")


def _take(service: Service, caller: Caller, own: Key, item: Reply, source: str) -> dict[str, Any]:
    if item.fault is not None or item.said is None:
        return _not_kept(item, item.fault.code if item.fault else "not_a_message")
    with service.pool.transaction() as connection:
        found = notice_replies.named(connection, caller.organization_id, item.names) if item.names else []
        return _keep(service, connection, caller, own, item, source, found)


def _not_kept(item: Reply, code: str) -> dict[str, Any]:
    return {"message": item.line, "state": "faulty", "reply_id": None, "notice_id": None, "code": code}


def _keep(
    service: Service,
    connection: Connection,
    caller: Caller,
    own: Key,
    item: Reply,
    source: str,
    found: list[tuple[UUID, UUID, str]],
) -> dict[str, Any]:
    notice_id, key, how = None, own, None
    keys = [client_keys(service).find(client_id) for client_id in {each[1] for each in found}]
    if found and not any(keys):
        return _not_kept(item, "client_erased")
    if len(found) == 1 and keys[0] is not None:
        notice_id, key, how = found[0][0], keys[0], found[0][2]
    new = New(
        reply_id=uuid4(),
        digest=own.digest(item.identity),
        source=source,
        notice_id=notice_id,
        matched_by=how,
        candidates=[] if notice_id else [named for named, _, _ in found[: reply.MOST_NAMED]],
        automatic=item.automatic,
        key_id=key.subject_id,
        sealed=takedown.seal(key, dict(item.said or {}), REPLY)[0],
        said_at=item.said_at,
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
            said={"state": "matched" if notice_id else "unmatched", "automatic": item.automatic},
        )
    state = "known" if not fresh else "matched" if notice_id else "unmatched"
    return {
        "message": item.line,
        "state": state,
        "reply_id": str(new.reply_id) if fresh else None,
        "notice_id": str(notice_id) if notice_id else None,
        "matched_by": how,
        "candidates": [str(named) for named in new.candidates],
        "code": None,
    }


def list_replies(
    service: Service,
    caller: Caller,
    *,
    state: State | None = None,
    notice_id: UUID | None = None,
    limit: int = 50,
    after: str | None = None,
) -> dict[str, Any]:
    """Return a page of the organization's replies, newest first. Those `unmatched` wait for a person.

    Needs `takedown`. Raises `BadInput` (`bad_cursor`).
    """
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
    """Return a reply as it is shown. Its content is None once it was dismissed or its client erased."""
    key = client_keys(service).find(row["key_id"]) if row["sealed"] else None
    said = takedown.open_sealed(key, row["sealed"], REPLY) or {}
    return {
        "reply_id": str(row["reply_id"]),
        "state": row["state"],
        "notice_id": str(row["notice_id"]) if row["notice_id"] else None,
        "matched_by": row["matched_by"],
        "candidates": [str(candidate) for candidate in row["candidates"]],
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
    """Return a statement of reasons in short and in full; None if the reply is not a statement."""
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


def match_reply(service: Service, caller: Caller, reply_id: UUID, notice_id: UUID | None) -> dict[str, Any]:
    """Match a reply with a notice and return the reply. `notice_id` None: dismiss it and delete its content.

    Does not move the notice; a person does that separately. Needs `takedown`.

    Raises `NotFound` (`unknown_reply`, `unknown_notice`), `Conflict` (`reply_dismissed`, `client_erased`).
    """
    caller.require("takedown")
    with service.pool.transaction() as connection:
        if notice_id is not None and not (
            found := notices.lock(connection, caller.organization_id, [notice_id])
        ):
            raise UnknownNotice(f"There is no notice {notice_id} of your organization.")
        row = notice_replies.lock(connection, caller.organization_id, reply_id)
        if row is None:
            raise UnknownReply(f"There is no reply {reply_id} of your organization.")
        if row["state"] == "dismissed":
            raise ReplyDismissed
        if notice_id is None:
            notice_replies.dismiss(connection, reply_id, caller.caller_id)
        else:
            said = takedown.open_sealed(client_keys(service).find(row["key_id"]), row["sealed"], REPLY)
            if said is None:
                raise ClientErased
            key = takedown.key_of(service, found[0]["client_id"])
            notice_replies.match(
                connection,
                reply_id,
                notice_id=notice_id,
                key_id=key.subject_id,
                sealed=takedown.seal(key, said, REPLY)[0],
                caller_id=caller.caller_id,
            )
        changed = notice_replies.lock(connection, caller.organization_id, reply_id)
    return shown(service, changed or row)

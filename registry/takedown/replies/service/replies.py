"""Import replies of platforms, match them with notices, and list them."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import asdict
from typing import Final
from uuid import UUID, uuid4

from pydantic import TypeAdapter

from registry.core import cursor
from registry.core.audit.service import record_event
from registry.core.crypto.keys import Key
from registry.core.database.pool import Connection
from registry.core.service import Service
from registry.core.tally import Tally
from registry.identity.callers.model import Caller
from registry.identity.organizations.service.operator import client_keys, organization_key
from registry.takedown.campaigns.service import access
from registry.takedown.campaigns.service.texts import EncryptedText
from registry.takedown.errors import ClientErased, UnknownNotice
from registry.takedown.notices.store import notices
from registry.takedown.replies.errors import ReplyDismissed, UnknownReply
from registry.takedown.replies.model import mail, reasons, reply
from registry.takedown.replies.model.reply import STATES, Reply, ReplyContent, Source, State
from registry.takedown.replies.schemas import (
    NoticeReply,
    NoticeReplyPage,
    StatementSaid,
    TakenReplies,
    TakenReply,
)
from registry.takedown.replies.store import notice_replies
from registry.takedown.replies.store.notice_replies import New, StoredReply

REPLY: Final = EncryptedText("reply", TypeAdapter(ReplyContent))


def import_replies(
    service: Service, caller: Caller, replies: Iterable[Reply], source: Source
) -> TakenReplies:
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
    results = [_import(service, caller, own, message, source) for message in replies]
    counts = {state: sum(result.state == state for result in results) for state in STATES}
    return TakenReplies(**counts, replies=results)


def import_mailbox(service: Service, caller: Caller, raw: bytes) -> TakenReplies:
    """Import replies, as `import_replies`, from a mailbox file (mbox) or one message (EML).

    Also raises the errors of `mail.mailbox`.
    """
    caller.require("takedown")
    return import_replies(service, caller, mail.mailbox(raw), "mailbox")


def _import(service: Service, caller: Caller, own: Key, message: Reply, source: Source) -> TakenReply:
    if message.fault is not None or message.content is None:
        return _faulty(message, message.fault.code if message.fault else "not_a_message")
    with service.pool.transaction() as connection:
        named_notices = (
            notice_replies.named(connection, caller.organization_id, message.names) if message.names else []
        )
        keys = [
            client_keys(service).find(client_id)
            for client_id in {client_id for _, client_id, _ in named_notices}
        ]
        if named_notices and not any(keys):
            return _faulty(message, "client_erased")
        notice_id, key, matched_by = None, own, None
        if len(named_notices) == 1 and keys[0] is not None:
            notice_id, key, matched_by = named_notices[0][0], keys[0], named_notices[0][2]
        new = New(
            reply_id=uuid4(),
            digest=own.digest(message.identity),
            source=source,
            notice_id=notice_id,
            matched_by=matched_by,
            candidates=[] if notice_id else [named for named, _, _ in named_notices[: reply.MOST_NAMED]],
            automatic=message.automatic,
            key_id=key.subject_id,
            sealed=REPLY.encrypt(key, message.content)[0],
            said_at=message.said_at,
        )
        return _add(connection, caller, message, new)


def _faulty(message: Reply, code: str) -> TakenReply:
    return TakenReply(message=message.line, state="faulty", reply_id=None, notice_id=None, code=code)


def _add(connection: Connection, caller: Caller, message: Reply, new: New) -> TakenReply:
    is_new = notice_replies.add(
        connection, new, organization_id=caller.organization_id, caller_id=caller.caller_id
    )
    state = "matched" if new.notice_id else "unmatched"
    if is_new:
        record_event(
            connection,
            caller,
            "notice.replied",
            subject={"reply_id": new.reply_id} | ({"notice_id": new.notice_id} if new.notice_id else {}),
            said={"state": state, "automatic": message.automatic},
        )
    return TakenReply.from_row(
        new,
        message=message.line,
        state=state if is_new else "known",
        reply_id=new.reply_id if is_new else None,
        code=None,
    )


def list_replies(
    service: Service,
    caller: Caller,
    *,
    state: State | None = None,
    notice_id: UUID | None = None,
    limit: int = 50,
    after: str | None = None,
) -> NoticeReplyPage:
    """Return a page of the organization's replies, newest first. A person matches those that are `unmatched`.

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
    more, rows = len(rows) > limit, rows[:limit]
    ends = cursor.encode(rows[-1].created_at.isoformat(), rows[-1].reply_id) if more else None
    return NoticeReplyPage(replies=[shown(service, row) for row in rows], next=ends)


def count_unmatched(service: Service, caller: Caller) -> Tally:
    """Count the organization's unmatched replies. Needs `takedown`."""
    caller.require("takedown")
    with service.pool.transaction() as connection:
        return notice_replies.count_unmatched(connection, caller.organization_id)


def shown(service: Service, row: StoredReply) -> NoticeReply:
    """Return a reply as it is shown. Its content is None once it was dismissed or its client erased."""
    content = _content(service, row)
    texts = asdict(content) if content else {"sender": None, "subject": None, "text": None, "sha256": None}
    attached = content.attached if content else []
    statement = _statement(content, row)
    return NoticeReply.from_row(row, **texts | {"attached": attached, "statement": statement})


def statement(service: Service, row: StoredReply) -> StatementSaid | None:
    """Return a statement of reasons in short and in full; None if the reply is not a statement."""
    return _statement(_content(service, row), row)


def _content(service: Service, row: StoredReply) -> ReplyContent | None:
    return REPLY.decrypt(client_keys(service).find(row.key_id), row.sealed) if row.sealed else None


def _statement(content: ReplyContent | None, row: StoredReply) -> StatementSaid | None:
    if content is None or not content.statement:
        return None
    fields = content.statement
    return StatementSaid(
        puid=fields["puid"],
        outcome=reasons.outcome(fields),
        ground=reasons.ground(fields),
        legal_ground=fields.get("illegal_content_legal_ground") or fields.get("incompatible_content_ground"),
        facts=fields["decision_facts"],
        automated_detection=fields["automated_detection"] == "Yes",
        automated_decision=reasons.automated(fields),
        application_date=fields["application_date"],
        accepted_at=row.accepted_at,
        fields=fields,
    )


def match_reply(service: Service, caller: Caller, reply_id: UUID, notice_id: UUID | None) -> NoticeReply:
    """Match a reply with a notice and return the reply. `notice_id` None: dismiss it and delete its content.

    Does not move the notice; a person does that separately. Needs `takedown`.

    Raises `NotFound` (`unknown_reply`, `unknown_notice`), `Conflict` (`reply_dismissed`, `client_erased`).
    """
    caller.require("takedown")
    with service.pool.transaction() as connection:
        if notice_id is not None and not (
            locked := notices.lock(connection, caller.organization_id, [notice_id])
        ):
            raise UnknownNotice(f"There is no notice {notice_id} of your organization.")
        row = notice_replies.lock(connection, caller.organization_id, reply_id)
        if row is None:
            raise UnknownReply(f"There is no reply {reply_id} of your organization.")
        if row.state == "dismissed":
            raise ReplyDismissed
        if notice_id is None:
            notice_replies.dismiss(connection, reply_id, caller.caller_id)
        else:
            content = _content(service, row)
            if content is None:
                raise ClientErased
            key = access.key_of(service, locked[0].client_id)
            notice_replies.match(
                connection,
                reply_id,
                notice_id=notice_id,
                key_id=key.subject_id,
                sealed=REPLY.encrypt(key, content)[0],
                caller_id=caller.caller_id,
            )
        changed = notice_replies.lock(connection, caller.organization_id, reply_id)
    return shown(service, changed or row)


def delete_unmatched_replies(service: Service) -> None:
    """Dismiss the unmatched replies of closed organizations, and delete their content."""
    with service.pool.transaction() as connection:
        closed = notice_replies.of_closed(connection)
    for organization_id in closed:
        client_keys(service).destroy(organization_id)
        with service.pool.transaction() as connection:
            notice_replies.delete_unmatched(connection, organization_id)

"""Import statements of reasons, and accept them."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from uuid import UUID, uuid4

from registry.catalogue import platforms
from registry.catalogue.platforms.errors import UnknownPlatform
from registry.catalogue.platforms.model import web_address
from registry.catalogue.platforms.model.platforms import Table
from registry.core.audit.model.ledger import canonical
from registry.core.audit.service import record_event
from registry.core.crypto.keys import Key
from registry.core.database.pool import Connection
from registry.core.errors import Conflict
from registry.core.service import Service
from registry.identity.callers.model import Caller
from registry.identity.organizations.service.operator import client_keys, organization_key
from registry.takedown.errors import ClientErased
from registry.takedown.notices.model import notice
from registry.takedown.notices.model.notice import Done
from registry.takedown.notices.schemas.notices import NoticeWithHistory
from registry.takedown.notices.service.moves import move_locked
from registry.takedown.notices.service.notices import show_notice
from registry.takedown.notices.store import notices
from registry.takedown.notices.store.notices import StoredNotice
from registry.takedown.replies.errors import (
    BadStatement,
    NoStatement,
    NothingProposed,
    NotMatched,
    StatementAccepted,
    StatementConflict,
    StatementOutdated,
    UnknownReply,
)
from registry.takedown.replies.model import reasons, reply
from registry.takedown.replies.model.reasons import Statement
from registry.takedown.replies.model.reply import STATES, MatchedBy, ReplyContent
from registry.takedown.replies.schemas import StatementFault, TakenStatement, TakenStatements
from registry.takedown.replies.service.replies import REPLY
from registry.takedown.replies.store import notice_replies, notice_statements
from registry.takedown.replies.store.notice_replies import StoredReply


def accept_statement(service: Service, caller: Caller, reply_id: UUID) -> NoticeWithHistory:
    """Accept a statement once: move its notice as the statement says, and return the notice. Needs
    `takedown`.

    The notice becomes removed if the content was removed or disabled everywhere. It becomes refused if the
    content was only restricted.

    Raises `NotFound` (`unknown_reply`), `Conflict` (`no_statement`, `not_matched`, `nothing_proposed`,
    `statement_accepted`, `statement_outdated`, `client_erased`, and those of `move_notice`).
    """
    caller.require("takedown")
    with service.pool.transaction() as connection:
        # Locks are always taken in the order notice, reply. The reply's notice may change before the second
        # lock.
        about = _answered(connection, caller, reply_id)
        row = notice_replies.lock(connection, caller.organization_id, reply_id)
        if row is None or row.notice_id != about.notice_id:
            raise NotMatched(
                "Somebody has matched the statement anew meanwhile.",
                next_step="`fakeprint takedown replies` shows with which notice: accept it again.",
            )
        if row.accepted_at is not None:
            raise StatementAccepted("The statement was accepted already.")
        act = _proposed(service, row)
        if about.state in notice.UNSENT or (about.sent_at and row.created_at < about.sent_at):
            raise StatementOutdated("The statement came before the notice was sent anew.")
        move_locked(connection, caller, about, act, reason_code="statement_of_reasons")
        notice_statements.accept(connection, reply_id, caller.caller_id)
    return show_notice(service, caller, about.campaign_id, about.notice_id)


def _answered(connection: Connection, caller: Caller, reply_id: UUID) -> StoredNotice:
    """Return the notice that the statement answers, locked."""
    row = notice_replies.find(connection, caller.organization_id, reply_id)
    if row is None:
        raise UnknownReply(f"There is no reply {reply_id} of your organization.")
    if row["source"] != "statement":
        raise NoStatement("That reply is no statement of reasons.")
    if row["notice_id"] is None:
        raise NotMatched(
            "Nobody has said yet which notice the statement answers.",
            next_step="`fakeprint takedown replies --match REPLY --notice NOTICE` says so.",
        )
    return notices.lock(connection, caller.organization_id, [row["notice_id"]])[0]


def _proposed(service: Service, row: StoredReply) -> Done:
    content = REPLY.decrypt(client_keys(service).find(row.key_id), row.sealed)
    if content is None or content.statement is None:
        raise ClientErased
    act = reasons.proposed(content.statement, datetime.now(UTC).date())
    if act is None:
        raise NothingProposed("The statement does not say plainly, or not yet, what became of what is there.")
    return act


@dataclass(slots=True)
class _Taking:
    """State shared by all statements of an import. `keys`: keys of the organization's clients, loaded when
    needed."""

    service: Service
    caller: Caller
    own: Key
    table: Table
    platform: str | None
    keys: list[Key] | None = field(default=None)


def take_statements(
    service: Service, caller: Caller, raw: bytes, *, platform: str | None = None, accept: bool = False
) -> TakenStatements:
    """Import statements, and report the state of each. Needs `takedown`.

    - `matched`: it names one sent notice, by our reference or by its URL.
    - `unmatched`: it names none, several, or a notice to another platform, and waits for a person.
    - `known`: the same statement was imported before.
    - `faulty`: it has faults, its number belongs to another statement (`statement_conflict`), or it names
      only notices of erased clients (`client_erased`).

    `platform`: the platform that sent them. A statement moves no notice by itself. `accept`: also accept the
    statements matched now, if their decision is clear.

    Raises the errors of `reasons.read`, and `BadInput` (`unknown_platform`), `Unavailable`
    (`keys_unavailable`).
    """
    caller.require("takedown")
    table = platforms.table()
    whose = _platform(table, platform) if platform else None
    if platform and whose is None:
        raise UnknownPlatform(
            "There is no such platform, and it is no host either.",
            next_step="Name it as its notices do: `fakeprint takedown status CAMPAIGN` lists them.",
        )
    statements = reasons.read(raw)
    taking = _Taking(service, caller, organization_key(service, caller.organization_id), table, whose)
    taken = [_take(taking, statement) for statement in statements]
    if accept:
        taken = [_accepted(service, caller, statement) for statement in taken]
    counted = {state: sum(statement.state == state for statement in taken) for state in STATES}
    moved = sum(statement.moved is not None for statement in taken)
    return TakenStatements(**counted, moved=moved, statements=taken)


def _accepted(service: Service, caller: Caller, statement: TakenStatement) -> TakenStatement:
    """Accept a statement that was matched and proposes an act; return it with the result."""
    if statement.state != "matched" or not statement.proposes or statement.reply_id is None:
        return statement
    try:
        moved = accept_statement(service, caller, UUID(statement.reply_id)).state
    except Conflict as error:
        return statement.model_copy(update={"code": error.code})
    return statement.model_copy(update={"moved": moved})


def _platform(table: Table, name: str) -> str | None:
    """Return a platform's id, given its id, its name or a host. An unknown host is its own id."""
    word = name.strip().casefold()
    for item in table:
        if word in {item.id, item.name.casefold()}:
            return item.id
    if "." not in word or " " in word:
        return None
    address = web_address.normalised(f"https://{word}/", table)
    return None if address.fault else address.platform or address.host


def _take(taking: _Taking, statement: Statement) -> TakenStatement:
    faulty = TakenStatement(
        row=statement.row,
        state="faulty",
        puid=statement.fields.get("puid"),
        outcome=None,
        proposes=None,
        reply_id=None,
        notice_id=None,
        matched_by=None,
        candidates=[],
        moved=None,
        code=BadStatement.code,
        faults=[StatementFault.from_row(fault) for fault in statement.faults],
    )
    if statement.faults:
        return faulty
    proposes = reasons.proposed(statement.fields, datetime.now(UTC).date())
    read = TakenStatement.from_row(faulty, outcome=reasons.outcome(statement.fields), proposes=proposes)
    with taking.service.pool.transaction() as connection:
        try:
            return _keep(taking, connection, statement, read)
        except Conflict as error:
            return TakenStatement.from_row(read, code=error.code)


def _keep(
    taking: _Taking, connection: Connection, statement: Statement, read: TakenStatement
) -> TakenStatement:
    named = statement.fields.get("platform_name")
    whose = taking.platform or (_platform(taking.table, named) if named else None)
    content = canonical(statement.fields)
    number, digest = taking.own.digest(f"puid\0{statement.puid}".encode()), taking.own.digest(content)
    notice_statements.lock_number(connection, number)
    held = notice_statements.same_number(connection, taking.caller.organization_id, number, whose)
    if held is not None:
        same = bytes(held["content_digest"]) == digest
        return TakenStatement.from_row(
            read,
            state="known" if same else "faulty",
            code=None if same else StatementConflict.code,
            reply_id=held["reply_id"],
            notice_id=held["notice_id"],
        )
    notice_id, key, how, candidates = _whom(taking, connection, statement, whose)
    new = notice_replies.New(
        reply_id=uuid4(),
        digest=taking.own.digest(f"statement\0{whose or ''}\0{statement.puid}".encode()),
        source="statement",
        notice_id=notice_id,
        matched_by=how,
        candidates=candidates[: reply.MOST_NAMED],
        automatic=statement.fields["automated_decision"] == "AUTOMATED_DECISION_FULLY",
        key_id=key.subject_id,
        sealed=REPLY.encrypt(key, _content(statement, whose, content))[0],
        said_at=None,
    )
    caller = taking.caller
    notice_replies.add(connection, new, organization_id=caller.organization_id, caller_id=caller.caller_id)
    notice_statements.add(
        connection, _kept(statement, new.reply_id, whose, number, digest), caller.organization_id
    )
    state = "matched" if notice_id else "unmatched"
    record_event(
        connection,
        caller,
        "notice.replied",
        subject={"reply_id": new.reply_id} | ({"notice_id": notice_id} if notice_id else {}),
        said={"state": state, "automatic": new.automatic, "outcome": reasons.outcome(statement.fields)},
    )
    return TakenStatement.from_row(
        read,
        state=state,
        reply_id=new.reply_id,
        notice_id=notice_id,
        matched_by=how,
        candidates=new.candidates,
        code=None,
    )


def _content(statement: Statement, whose: str | None, content: bytes) -> ReplyContent:
    return ReplyContent(
        sender=whose or statement.fields.get("platform_name") or "",
        subject=f"Statement of reasons {statement.puid}"[: reply.LONGEST_LINE],
        text=reasons.summary(statement.fields),
        sha256=hashlib.sha256(content).hexdigest(),
        statement=dict(statement.fields),
    )


def _kept(
    statement: Statement, reply_id: UUID, whose: str | None, number: bytes, digest: bytes
) -> notice_statements.New:
    return notice_statements.New(
        reply_id=reply_id,
        platform=whose,
        puid_digest=number,
        content_digest=digest,
        outcome=reasons.outcome(statement.fields),
        ground=reasons.ground(statement.fields),
        category=statement.fields["category"],
        keywords=statement.fields.get("category_specification", []),
        source_type=statement.fields["source_type"],
        automated_detection=statement.fields["automated_detection"] == "Yes",
        automated_decision=reasons.automated(statement.fields),
        applied_on=date.fromisoformat(statement.fields["application_date"]),
    )


def _whom(
    taking: _Taking, connection: Connection, statement: Statement, whose: str | None
) -> tuple[UUID | None, Key, MatchedBy | None, list[UUID]]:
    """Return the notice that a statement answers, its client's key and how it was identified; else the
    candidates.

    If both a reference and the URL name notices, the notice that both name is chosen.

    Raises `Conflict` (`client_erased`) if it names only notices of erased clients.
    """
    organization_id = taking.caller.organization_id
    names = reply.named(*reasons.texts(statement.fields))
    by_mark = notice_replies.named(connection, organization_id, names) if names else []
    by_place = notice_statements.at_places(
        connection, organization_id, _digests(taking, connection, statement)
    )
    found = {notice_id: (client_id, how) for notice_id, client_id, how in (*by_place, *by_mark)}
    folder = client_keys(taking.service)
    if found and not any(
        folder.find(client_id) for client_id in {client_id for client_id, _ in found.values()}
    ):
        raise ClientErased
    both = {named[0] for named in by_mark} & {named[0] for named in by_place}
    chosen = both if by_mark and by_place else set(found)
    if len(chosen) == 1:
        (notice_id,) = chosen
        client_id, how = found[notice_id]
        goes_to = notice_statements.platforms(connection, [notice_id])[notice_id]
        key = folder.find(client_id)
        if key is not None and whose in {None, goes_to}:
            return notice_id, key, how, []
    return None, taking.own, None, sorted(found, key=str)


def _digests(taking: _Taking, connection: Connection, statement: Statement) -> Sequence[bytes]:
    """Return the digests of its URL under each client's key; none if it has no readable URL."""
    url = statement.fields.get("url")
    if not url:
        return []
    address = web_address.normalised(url, taking.table)
    if address.fault is not None:
        return []
    if taking.keys is None:
        folder = client_keys(taking.service)
        clients = notice_statements.clients(connection, taking.caller.organization_id)
        taking.keys = [key for client_id in clients if (key := folder.find(client_id)) is not None]
    return [key.digest(address.key.encode()) for key in taking.keys]

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
                "Somebody has matched the statement with another notice meanwhile.",
                next_step="`fakeprint takedown replies` shows the notice. Accept the statement again.",
            )
        if row.accepted_at is not None:
            raise StatementAccepted("The statement was accepted already.")
        act = _proposed(service, row)
        if about.state in notice.UNSENT or (about.sent_at and row.created_at < about.sent_at):
            raise StatementOutdated("The statement is older than the last sending of the notice.")
        move_locked(connection, caller, about, act, reason_code="statement_of_reasons")
        notice_statements.accept(connection, reply_id, caller.caller_id)
    return show_notice(service, caller, about.campaign_id, about.notice_id)


def _answered(connection: Connection, caller: Caller, reply_id: UUID) -> StoredNotice:
    """Return the notice that the statement answers, locked."""
    row = notice_replies.find(connection, caller.organization_id, reply_id)
    if row is None:
        raise UnknownReply(f"There is no reply {reply_id} of your organization.")
    if row["source"] != "statement":
        raise NoStatement("That reply is not a statement of reasons.")
    if row["notice_id"] is None:
        raise NotMatched(
            "The statement is not matched with a notice yet.",
            next_step="Match it: `fakeprint takedown replies --match REPLY --notice NOTICE`.",
        )
    return notices.lock(connection, caller.organization_id, [row["notice_id"]])[0]


def _proposed(service: Service, row: StoredReply) -> Done:
    content = REPLY.decrypt(client_keys(service).find(row.key_id), row.sealed)
    if content is None or content.statement is None:
        raise ClientErased
    act = reasons.proposed(content.statement, datetime.now(UTC).date())
    if act is None:
        raise NothingProposed(
            "The statement does not clearly say what was decided on the content, or is not in force yet."
        )
    return act


@dataclass(slots=True)
class _Import:
    """State shared by all statements of an import. `keys`: keys of the organization's clients, loaded when
    needed."""

    service: Service
    caller: Caller
    own: Key
    table: Table
    platform: str | None
    keys: list[Key] | None = field(default=None)


@dataclass(frozen=True, slots=True)
class _Match:
    """The notice that a statement answers, or the candidates. `key`: of the notice's client, else the
    organization's own."""

    key: Key
    notice_id: UUID | None = None
    matched_by: MatchedBy | None = None
    candidates: Sequence[UUID] = ()


def import_statements(
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
    sender = _platform(table, platform) if platform else None
    if platform and sender is None:
        raise UnknownPlatform(
            "There is no such platform, and the name is not a host.",
            next_step="Use the name that its notices have: `fakeprint takedown status CAMPAIGN` lists them.",
        )
    statements = reasons.read(raw)
    batch = _Import(service, caller, organization_key(service, caller.organization_id), table, sender)
    results = [_import(batch, statement) for statement in statements]
    if accept:
        results = [_accepted(service, caller, result) for result in results]
    counts = {state: sum(result.state == state for result in results) for state in STATES}
    moved = sum(result.moved is not None for result in results)
    return TakenStatements(**counts, moved=moved, statements=results)


def _accepted(service: Service, caller: Caller, result: TakenStatement) -> TakenStatement:
    """Accept a statement that was matched and proposes an act; return it with the result."""
    if result.state != "matched" or not result.proposes or result.reply_id is None:
        return result
    try:
        moved = accept_statement(service, caller, UUID(result.reply_id)).state
    except Conflict as error:
        return result.model_copy(update={"code": error.code})
    return result.model_copy(update={"moved": moved})


def _platform(table: Table, name: str) -> str | None:
    """Return a platform's id, given its id, its name or a host. An unknown host is its own id."""
    folded = name.strip().casefold()
    for platform in table:
        if folded in {platform.id, platform.name.casefold()}:
            return platform.id
    if "." not in folded or " " in folded:
        return None
    address = web_address.normalised(f"https://{folded}/", table)
    return None if address.fault else address.platform or address.host


def _import(batch: _Import, statement: Statement) -> TakenStatement:
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
        warnings=[StatementFault.from_row(fault) for fault in statement.warnings],
    )
    if statement.faults:
        return faulty
    proposes = reasons.proposed(statement.fields, datetime.now(UTC).date())
    read = TakenStatement.from_row(faulty, outcome=reasons.outcome(statement.fields), proposes=proposes)
    with batch.service.pool.transaction() as connection:
        try:
            return _save(batch, connection, statement, read)
        except Conflict as error:
            return TakenStatement.from_row(read, code=error.code)


def _save(
    batch: _Import, connection: Connection, statement: Statement, read: TakenStatement
) -> TakenStatement:
    """Store a statement that was not imported before; return its result."""
    name = statement.fields.get("platform_name")
    platform = batch.platform or (_platform(batch.table, name) if name else None)
    caller = batch.caller
    row = _new_statement(batch.own, statement, uuid4(), platform)
    notice_statements.lock_number(connection, row.puid_digest)
    stored = notice_statements.same_number(connection, caller.organization_id, row.puid_digest, platform)
    if stored is not None:
        same = bytes(stored["content_digest"]) == row.content_digest
        return TakenStatement.from_row(
            read,
            state="known" if same else "faulty",
            code=None if same else StatementConflict.code,
            reply_id=stored["reply_id"],
            notice_id=stored["notice_id"],
        )
    match = _match(batch, connection, statement, platform)
    new = _new_reply(batch.own, statement, row, match)
    notice_replies.add(connection, new, organization_id=caller.organization_id, caller_id=caller.caller_id)
    notice_statements.add(connection, row, caller.organization_id)
    state = "matched" if match.notice_id else "unmatched"
    record_event(
        connection,
        caller,
        "notice.replied",
        subject={"reply_id": new.reply_id} | ({"notice_id": match.notice_id} if match.notice_id else {}),
        said={"state": state, "automatic": new.automatic, "outcome": row.outcome},
    )
    return TakenStatement.from_row(
        read,
        state=state,
        reply_id=new.reply_id,
        notice_id=match.notice_id,
        matched_by=match.matched_by,
        candidates=new.candidates,
        code=None,
    )


def _new_statement(
    own: Key, statement: Statement, reply_id: UUID, platform: str | None
) -> notice_statements.New:
    fields = statement.fields
    return notice_statements.New(
        reply_id=reply_id,
        platform=platform,
        puid_digest=own.digest(f"puid\0{statement.puid}".encode()),
        content_digest=own.digest(canonical(fields)),
        outcome=reasons.outcome(fields),
        ground=reasons.ground(fields),
        category=fields["category"],
        keywords=fields.get("category_specification", []),
        source_type=fields["source_type"],
        automated_detection=fields["automated_detection"] == "Yes",
        automated_decision=reasons.automated(fields),
        applied_on=date.fromisoformat(fields["application_date"]),
    )


def _new_reply(
    own: Key, statement: Statement, row: notice_statements.New, match: _Match
) -> notice_replies.New:
    fields = statement.fields
    content = ReplyContent(
        sender=row.platform or fields.get("platform_name") or "",
        subject=f"Statement of reasons {statement.puid}"[: reply.LONGEST_LINE],
        text=reasons.summary(fields),
        sha256=hashlib.sha256(canonical(fields)).hexdigest(),
        statement=dict(fields),
    )
    return notice_replies.New(
        reply_id=row.reply_id,
        digest=own.digest(f"statement\0{row.platform or ''}\0{statement.puid}".encode()),
        source="statement",
        notice_id=match.notice_id,
        matched_by=match.matched_by,
        candidates=match.candidates[: reply.MOST_NAMED],
        automatic=fields["automated_decision"] == "AUTOMATED_DECISION_FULLY",
        key_id=match.key.subject_id,
        sealed=REPLY.encrypt(match.key, content)[0],
        said_at=None,
    )


def _match(batch: _Import, connection: Connection, statement: Statement, platform: str | None) -> _Match:
    """Return the notice that a statement answers, else the candidates.

    If both a reference and the URL name notices, the notice that both name is chosen.

    Raises `Conflict` (`client_erased`) if it names only notices of erased clients.
    """
    organization_id = batch.caller.organization_id
    names = reply.named(*reasons.texts(statement.fields))
    by_mark = notice_replies.named(connection, organization_id, names) if names else []
    by_place = notice_statements.at_places(
        connection, organization_id, _digests(batch, connection, statement)
    )
    sent_notices = {notice_id: (client_id, how) for notice_id, client_id, how in (*by_place, *by_mark)}
    folder = client_keys(batch.service)
    if sent_notices and not any(
        folder.find(client_id) for client_id in {client_id for client_id, _ in sent_notices.values()}
    ):
        raise ClientErased
    both = {row[0] for row in by_mark} & {row[0] for row in by_place}
    chosen = both if by_mark and by_place else set(sent_notices)
    if len(chosen) == 1:
        (notice_id,) = chosen
        client_id, matched_by = sent_notices[notice_id]
        recipient = notice_statements.platforms(connection, [notice_id])[notice_id]
        key = folder.find(client_id)
        if key is not None and platform in {None, recipient}:
            return _Match(key, notice_id, matched_by)
    return _Match(batch.own, candidates=sorted(sent_notices, key=str))


def _digests(batch: _Import, connection: Connection, statement: Statement) -> Sequence[bytes]:
    """Return the digests of its URL under each client's key; none if it has no readable URL."""
    url = statement.fields.get("url")
    if not url:
        return []
    address = web_address.normalised(url, batch.table)
    if address.fault is not None:
        return []
    if batch.keys is None:
        folder = client_keys(batch.service)
        clients = notice_statements.clients(connection, batch.caller.organization_id)
        batch.keys = [key for client_id in clients if (key := folder.find(client_id)) is not None]
    return [key.digest(address.key.encode()) for key in batch.keys]

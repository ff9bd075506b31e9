"""A person accepts what a platform's statement of reasons says of a notice, which moves by it."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from registry.core.database.pool import Connection
from registry.core.errors import Conflict, NotFound
from registry.core.service import Service
from registry.identity.callers.model import Caller
from registry.takedown.campaigns.service import takedown
from registry.takedown.notices.model import notice
from registry.takedown.notices.model.notice import Done
from registry.takedown.notices.service.move_notice import move_locked
from registry.takedown.notices.service.show_notice import show_notice
from registry.takedown.notices.store import notices
from registry.takedown.replies.model import reasons
from registry.takedown.replies.service.take_replies import REPLY
from registry.takedown.replies.store import notice_replies, notice_statements


def accept_statement(service: Service, caller: Caller, reply_id: UUID) -> dict[str, Any]:
    """The notice, moved: removed where the content was removed or disabled everywhere, refused where it was
    only restricted. Once. Needs `takedown`.

    Raises `NotFound` (`unknown_reply`), `Conflict` (`no_statement`, `not_matched`, `nothing_proposed`,
    `statement_accepted`, `statement_outdated`, `client_erased`, and those of `move_notice`).
    """
    caller.require("takedown")
    with service.pool.transaction() as connection:
        # Locks are taken in the order notice, reply, by everybody; which notice it is may change up to then.
        about = _answered(connection, caller, reply_id)
        row = notice_replies.lock(connection, caller.organization_id, reply_id)
        if row is None or row["notice_id"] != about["notice_id"]:
            raise Conflict(
                "Somebody has matched the statement anew meanwhile.",
                code="not_matched",
                next_step="`fakeprint takedown replies` shows with which notice: accept it again.",
            )
        if row["accepted_at"] is not None:
            raise Conflict("The statement was accepted already.", code="statement_accepted")
        act = _proposed(service, row)
        if about["state"] in notice.UNSENT or row["created_at"] < about["sent_at"]:
            raise Conflict(
                "The statement came before the notice was sent anew.",
                code="statement_outdated",
                next_step="Look at the place, and say what became of the notice by moving that.",
            )
        move_locked(connection, caller, about, act, reason_code="statement_of_reasons")
        notice_statements.accept(connection, reply_id, caller.caller_id)
    return show_notice(service, caller, about["campaign_id"], about["notice_id"])


def _answered(connection: Connection, caller: Caller, reply_id: UUID) -> dict[str, Any]:
    """The notice that the statement answers, locked."""
    row = notice_replies.find(connection, caller.organization_id, reply_id)
    if row is None:
        raise NotFound(f"There is no reply {reply_id} of your organization.", code="unknown_reply")
    if row["source"] != "statement":
        raise Conflict(
            "That reply is no statement of reasons.",
            code="no_statement",
            next_step="Read it, and say what became of the notice by moving that.",
        )
    if row["notice_id"] is None:
        raise Conflict(
            "Nobody has said yet which notice the statement answers.",
            code="not_matched",
            next_step="`fakeprint takedown replies --match REPLY --notice NOTICE` says so.",
        )
    return notices.lock(connection, caller.organization_id, [row["notice_id"]])[0]


def _proposed(service: Service, row: Mapping[str, Any]) -> Done:
    said = takedown.open_sealed(takedown.keys(service).find(row["key_id"]), row["sealed"], REPLY)
    if said is None:
        raise Conflict("What was personal of the client was erased.", code="client_erased")
    act = reasons.proposed(said["statement"], datetime.now(UTC).date())
    if act is None:
        raise Conflict(
            "The statement does not say plainly, or not yet, what became of what is there.",
            code="nothing_proposed",
            next_step="Look at the place, and say what became of the notice by moving that.",
        )
    return act

"""A person says which notice a reply answers, or that it answers none."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from registry.core.errors import Conflict, NotFound
from registry.core.service import Service
from registry.identity.callers.model import Caller
from registry.takedown.campaigns.service import takedown
from registry.takedown.notices.store import notices
from registry.takedown.replies.service.list_replies import shown
from registry.takedown.replies.service.take_replies import REPLY
from registry.takedown.replies.store import notice_replies


def match_reply(service: Service, caller: Caller, reply_id: UUID, notice_id: UUID | None) -> dict[str, Any]:
    """The reply, which answers that notice from now on; `notice_id` None: none, and it is forgotten. What it
    means for the notice is said by moving that. Needs `takedown`.

    Raises `NotFound` (`unknown_reply`, `unknown_notice`), `Conflict` (`reply_dismissed`, `client_erased`).
    """
    caller.require("takedown")
    with service.pool.transaction() as connection:
        if notice_id is not None and not (
            found := notices.lock(connection, caller.organization_id, [notice_id])
        ):
            raise NotFound(f"There is no notice {notice_id} of your organization.", code="unknown_notice")
        row = notice_replies.lock(connection, caller.organization_id, reply_id)
        if row is None:
            raise NotFound(f"There is no reply {reply_id} of your organization.", code="unknown_reply")
        if row["state"] == "dismissed":
            raise Conflict("The reply was dismissed, and what it said is gone.", code="reply_dismissed")
        if notice_id is None:
            notice_replies.dismiss(connection, reply_id, caller.caller_id)
        else:
            said = takedown.open_sealed(takedown.keys(service).find(row["key_id"]), row["sealed"], REPLY)
            if said is None:
                raise Conflict("What was personal of the client was erased.", code="client_erased")
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

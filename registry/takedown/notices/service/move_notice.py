"""What people do with a notice: what its platform said, holding it, closing it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final
from uuid import UUID

from registry.core.database.pool import Connection
from registry.core.errors import Conflict
from registry.core.service import Service
from registry.identity.callers.model import Caller
from registry.persons.model import prose
from registry.review.disputes import store as disputes
from registry.takedown.campaigns.service import takedown
from registry.takedown.notices.model import notice
from registry.takedown.notices.model.notice import Act, Done, Pause
from registry.takedown.notices.service.show_notice import show_notice
from registry.takedown.notices.store import notices

_ACTS: Final[Mapping[Done, Act]] = {"hold": "pause"}


def move_notice(
    service: Service,
    caller: Caller,
    campaign_id: UUID,
    notice_id: UUID,
    act: Done,
    *,
    reason_code: str,
    words: str | None = None,
) -> dict[str, Any]:
    """The notice, moved; `words` are kept sealed. `hold`: nothing of it is sent or escalated until `resume`,
    which also ends what a counter-notice began, once nobody hears that any more. Needs `takedown`.

    Raises `NotFound` (`unknown_campaign`, `unknown_notice`), `Conflict` (`wrong_state`, `notice_paused`,
    `not_paused`, `dispute_open`, `client_erased` where there are words), `BadInput` (`bad_label`).
    """
    caller.require("takedown")
    said = prose(words, "words") if words else None
    with service.pool.transaction() as connection:
        campaign = takedown.find_campaign(connection, caller, campaign_id)
        row = takedown.lock_notices(connection, caller, campaign_id, [notice_id])[0]
        sealed = None
        if said is not None:
            key = takedown.key_of(service, campaign["client_id"])
            sealed = takedown.seal(key, {"words": said}, takedown.WORDS)[0]
        move_locked(connection, caller, row, act, reason_code=reason_code, words=sealed)
    return show_notice(service, caller, campaign_id, notice_id)


def move_locked(
    connection: Connection,
    caller: Caller,
    row: Mapping[str, Any],
    act: Done,
    *,
    reason_code: str,
    words: bytes | None = None,
) -> None:
    """Move a notice that is locked, in the commit of whoever has more to write by it. Raises `Conflict` as
    `move_notice` does."""
    doing: Act = _ACTS.get(act, act)  # type: ignore[arg-type]
    after = notice.move(row["state"], doing)
    notice.require_running(doing, row["paused_for"])
    notices.move(
        connection,
        [row["notice_id"]],
        doing,
        after,
        reason_code,
        caller_id=caller.caller_id,
        pause=_pause(connection, caller, row, act),
        words=words,
    )


def _pause(connection: Connection, caller: Caller, row: Mapping[str, Any], act: Done) -> Pause | None:
    if act == "hold":
        return "held"
    if act != "resume":
        return None
    if "held" in row["paused_for"]:
        return "held"
    if "counter_notice" not in row["paused_for"]:
        raise Conflict(
            "The notice waits for nothing that a person ends.",
            code="not_paused",
            extra={"paused_for": row["paused_for"]},
        )
    if row["dispute_id"] is not None:
        found = disputes.show(connection, caller.organization_id, row["dispute_id"])
        if found is not None and found["outcome"] is None:
            raise Conflict(
                f"The dispute {row['dispute_id']} is not decided.",
                code="dispute_open",
                next_step="Its outcome ends the pause: `fakeprint dispute show` tells how it stands.",
            )
    return "counter_notice"

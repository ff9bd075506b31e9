"""A counter-notice: what a notice asks to take down is defended."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final
from uuid import UUID

from registry.core.audit.service.record_event import record_event
from registry.core.database.pool import Connection
from registry.core.errors import Conflict
from registry.core.service import Service
from registry.identity.callers.model import Caller
from registry.persons.model import prose
from registry.review.disputes import store as disputes
from registry.review.disputes.service.open_dispute import Contest, open_dispute
from registry.takedown.campaigns.service import takedown
from registry.takedown.notices.model import notice
from registry.takedown.notices.service.show_notice import show_notice
from registry.takedown.notices.store import notices

_NO_HEARING: Final = frozenset({"dispute_repeated", "wrong_status"})


def contest_notice(
    service: Service, caller: Caller, campaign_id: UUID, notice_id: UUID, said: Contest
) -> dict[str, Any]:
    """The notice, paused until what was said is decided: it is heard as a dispute of the entry, the one that
    the organization has open, or a new one. Upheld, it closes the notice; rejected or withdrawn, the
    notice goes on. Where no dispute can be opened (decided lately, entry withdrawn) the notice waits for a
    person. Needs `takedown`.

    Raises `NotFound` (`unknown_campaign`, `unknown_notice`), `Conflict` (`wrong_state`, `client_erased`),
    `TooMany` (`too_many_disputes`), `BadInput` (`bad_label`).
    """
    caller.require("takedown")
    words = prose(said.statement, "statement")
    with service.pool.transaction() as connection:
        row = _open_one(connection, caller, campaign_id, notice_id)
        takedown.key_of(service, row["client_id"])
    _open_hearing(service, caller, row, said)
    with service.pool.transaction() as connection:
        row = _open_one(connection, caller, campaign_id, notice_id)
        key = takedown.key_of(service, row["client_id"])
        sealed, bound = takedown.seal(
            key, {"words": words, "kind": said.kind, "standing": said.standing}, takedown.WORDS
        )
        dispute_id = _pause(connection, caller, row, sealed)
        record_event(
            connection,
            caller,
            "notice.contested",
            entry_id=row["entry_id"],
            subject={"notice_id": notice_id} | ({"dispute_id": dispute_id} if dispute_id else {}),
            said={"kind": said.kind, "standing": said.standing, "statement": bound.digest},
        )
    return show_notice(service, caller, campaign_id, notice_id)


def _open_one(connection: Connection, caller: Caller, campaign_id: UUID, notice_id: UUID) -> dict[str, Any]:
    takedown.find_campaign(connection, caller, campaign_id)
    row = takedown.lock_notices(connection, caller, campaign_id, [notice_id])[0]
    notice.move(row["state"], "pause")
    return row


def _open_hearing(service: Service, caller: Caller, row: Mapping[str, Any], said: Contest) -> None:
    """A dispute of the entry, where there is none and one can be opened; in a commit of its own."""
    with service.pool.transaction() as connection:
        found = notices.dispute_of(connection, row["entry_id"], caller.organization_id)
    if found is not None and found["outcome"] is None:
        return
    try:
        open_dispute(service, caller, row["entry_id"], said)
    except Conflict as error:
        if error.code not in _NO_HEARING:
            raise


def _pause(connection: Connection, caller: Caller, row: Mapping[str, Any], sealed: bytes) -> UUID | None:
    """The dispute that decides; None: there is none. The entry is locked: what was decided is seen."""
    found = notices.dispute_of(connection, row["entry_id"], caller.organization_id)
    shown = disputes.show(connection, caller.organization_id, found["dispute_id"]) if found else None
    dispute_id = shown["dispute_id"] if shown and shown["outcome"] is None else None
    notices.move(
        connection,
        [row["notice_id"]],
        "pause",
        row["state"],
        "counter_notice",
        caller_id=caller.caller_id,
        pause="counter_notice",
        dispute_id=dispute_id,
        words=sealed,
    )
    return dispute_id

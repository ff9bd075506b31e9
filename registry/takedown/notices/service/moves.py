"""Move notices through their states: acts of people, counter-notices."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final
from uuid import UUID

from registry.core.audit.service import event, record_event, record_events
from registry.core.database.pool import Connection
from registry.core.errors import Conflict
from registry.core.service import Service
from registry.identity.callers.model import Caller
from registry.persons.model import prose
from registry.review import disputes
from registry.review.disputes.service.disputes import Contest, open_dispute
from registry.takedown.campaigns.service import access, texts
from registry.takedown.notices.errors import DisputeOpen, NotPaused
from registry.takedown.notices.model import notice
from registry.takedown.notices.model.notice import Act, Done, Pause, PersonMove
from registry.takedown.notices.model.texts import MoveWords
from registry.takedown.notices.schemas.notices import GoneOn, NoticeWithHistory
from registry.takedown.notices.service.notices import show_notice
from registry.takedown.notices.service.preparation import named
from registry.takedown.notices.store import notices
from registry.takedown.notices.store.notices import Move, StoredNotice


def go_on(service: Service, caller: Caller, campaign_id: UUID, notice_ids: Sequence[UUID]) -> GoneOn:
    """Continue with these notices although a dispute of their entry is undecided (`entry_disputed`).

    An audit event names the caller and the disputes. A dispute opened later, or accepted, blocks the notices
    again. Changes all of the notices, or none. Needs `takedown`.

    Raises `NotFound` (`unknown_campaign`, `unknown_notice`), `Conflict` (`campaign_closed`), `BadInput`
    (`which_notices`).
    """
    caller.require("takedown")
    chosen = named(notice_ids)
    with service.pool.transaction() as connection:
        access.find_campaign(connection, caller, campaign_id, lock=True, is_open=True)
        rows = access.lock_notices(connection, caller, campaign_id, chosen)
        disputes = notices.open_disputes(connection, [row.entry_id for row in rows])
        disputed = [row for row in rows if row.entry_id in disputes]
        notices.go_on_despite_dispute(connection, [row.notice_id for row in disputed], caller.caller_id)
        record_events(
            connection,
            [
                event(
                    caller,
                    "notice.despite_dispute",
                    entry_id=row.entry_id,
                    subject={"notice_id": row.notice_id, "campaign_id": campaign_id},
                    said={"disputes": disputes[row.entry_id]},
                )
                for row in disputed
            ],
        )
    return GoneOn(
        campaign_id=campaign_id,
        gone_on=len(disputed),
        undisputed=len(rows) - len(disputed),
        disputes=sorted({str(dispute_id) for ids in disputes.values() for dispute_id in ids}),
    )


_ACTS: Final[Mapping[Done, Act]] = {"hold": "pause"}


def move_notice(
    service: Service, caller: Caller, campaign_id: UUID, notice_id: UUID, move: PersonMove
) -> NoticeWithHistory:
    """Move a notice and return it.

    `hold` stops sending and escalation until `resume`. `resume` also ends the pause of a counter-notice, once
    its dispute is closed. Needs `takedown`.

    Raises `NotFound` (`unknown_campaign`, `unknown_notice`), `Conflict` (`wrong_state`, `notice_paused`,
    `not_paused`, `dispute_open`, or `client_erased` if words are given), `BadInput` (`bad_label`).
    """
    caller.require("takedown")
    words = prose(move.words, "words") if move.words else None
    with service.pool.transaction() as connection:
        campaign = access.find_campaign(connection, caller, campaign_id)
        row = access.lock_notices(connection, caller, campaign_id, [notice_id])[0]
        sealed = None
        if words is not None:
            key = access.key_of(service, campaign.client_id)
            sealed = texts.WORDS.encrypt(key, MoveWords(words))[0]
        move_locked(connection, caller, row, move.act, reason_code=move.reason_code, words=sealed)
    return show_notice(service, caller, campaign_id, notice_id)


def move_locked(
    connection: Connection,
    caller: Caller,
    row: StoredNotice,
    act: Done,
    *,
    reason_code: str,
    words: bytes | None = None,
) -> None:
    """Move a locked notice within the caller's transaction. Raises `Conflict` as `move_notice` does."""
    moving: Act = _ACTS.get(act, act)  # type: ignore[arg-type]
    after = notice.move(row.state, moving)
    notice.require_running(moving, row.paused_for)
    pause = _pause(connection, caller, row, act)
    move = Move(moving, after, reason_code, caller_id=caller.caller_id, pause=pause, words=words)
    notices.move(connection, [row.notice_id], move)


def _pause(connection: Connection, caller: Caller, row: StoredNotice, act: Done) -> Pause | None:
    if act == "hold":
        return "held"
    if act != "resume":
        return None
    if "held" in row.paused_for:
        return "held"
    if "counter_notice" not in row.paused_for:
        raise NotPaused(extra={"paused_for": row.paused_for})
    if row.dispute_id is not None:
        dispute = disputes.get_dispute(connection, caller.organization_id, row.dispute_id)
        if dispute is not None and dispute.outcome is None:
            raise DisputeOpen(f"The dispute {row.dispute_id} is not decided.")
    return "counter_notice"


_NO_DISPUTE: Final = frozenset({"dispute_repeated", "wrong_status"})


def contest_notice(
    service: Service, caller: Caller, campaign_id: UUID, notice_id: UUID, counter_notice: Contest
) -> NoticeWithHistory:
    """Pause a notice after a counter-notice, and open a dispute of the entry.

    An open dispute of the organization is used if there is one. If the dispute is upheld, the notice is
    closed. If it is rejected or withdrawn, the notice goes on. If no dispute can be opened (decided recently,
    or the entry was withdrawn), the notice waits for a person. Needs `takedown`.

    Raises `NotFound` (`unknown_campaign`, `unknown_notice`), `Conflict` (`wrong_state`, `client_erased`),
    `TooMany` (`too_many_disputes`), `BadInput` (`bad_label`).
    """
    caller.require("takedown")
    words = prose(counter_notice.statement, "statement")
    with service.pool.transaction() as connection:
        row = _contestable(connection, caller, campaign_id, notice_id)
        access.key_of(service, row.client_id)
    _open_dispute(service, caller, row, counter_notice)
    with service.pool.transaction() as connection:
        row = _contestable(connection, caller, campaign_id, notice_id)
        key = access.key_of(service, row.client_id)
        sealed, bound = texts.WORDS.encrypt(
            key, MoveWords(words, counter_notice.kind, counter_notice.standing)
        )
        dispute_id = _pause_by_dispute(connection, caller, row, sealed)
        record_event(
            connection,
            caller,
            "notice.contested",
            entry_id=row.entry_id,
            subject={"notice_id": notice_id} | ({"dispute_id": dispute_id} if dispute_id else {}),
            said={
                "kind": counter_notice.kind,
                "standing": counter_notice.standing,
                "statement": bound.digest,
            },
        )
    return show_notice(service, caller, campaign_id, notice_id)


def _contestable(connection: Connection, caller: Caller, campaign_id: UUID, notice_id: UUID) -> StoredNotice:
    access.find_campaign(connection, caller, campaign_id)
    row = access.lock_notices(connection, caller, campaign_id, [notice_id])[0]
    notice.move(row.state, "pause")
    return row


def _open_dispute(service: Service, caller: Caller, row: StoredNotice, counter_notice: Contest) -> None:
    """Open a dispute of the entry, if none is open and one can be opened. Commits in its own transaction."""
    with service.pool.transaction() as connection:
        dispute = notices.dispute_of(connection, row.entry_id, caller.organization_id)
    if dispute is not None and dispute["outcome"] is None:
        return
    try:
        open_dispute(service, caller, row.entry_id, counter_notice)
    except Conflict as error:
        if error.code not in _NO_DISPUTE:
            raise


def _pause_by_dispute(
    connection: Connection, caller: Caller, row: StoredNotice, sealed: bytes
) -> UUID | None:
    """Pause the notice and return the dispute that decides about it, or None.

    The entry is locked, so a decision made meanwhile is visible.
    """
    latest = notices.dispute_of(connection, row.entry_id, caller.organization_id)
    dispute = (
        disputes.get_dispute(connection, caller.organization_id, latest["dispute_id"]) if latest else None
    )
    dispute_id = dispute.dispute_id if dispute and dispute.outcome is None else None
    move = Move(
        "pause",
        row.state,
        "counter_notice",
        caller_id=caller.caller_id,
        pause="counter_notice",
        dispute_id=dispute_id,
        words=sealed,
    )
    notices.move(connection, [row.notice_id], move)
    return dispute_id

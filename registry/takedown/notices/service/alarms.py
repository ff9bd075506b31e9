"""Raise the alarms of notices: reminders before a deadline, and breaches after it."""

from __future__ import annotations

from collections import defaultdict
from typing import Any, Final
from uuid import UUID

from registry.core.audit.service import event, record_events
from registry.core.database.pool import Connection
from registry.core.service import Service
from registry.takedown.notices.store import notice_alarms, notices
from registry.takedown.notices.store.notices import Move

_AT_ONCE: Final = 200
_KINDS: Final = {"reminder": "notice.reminded", "breach": "notice.breached", "overdue": "notice.overdue"}
_ENDS: Final = frozenset({"breach", "overdue"})


def raise_alarms(service: Service) -> int:
    """Raise the alarms that are due, and return their number.

    Each alarm is raised exactly once, together with its record, however many processes run this. Due times
    are compared with the database's clock. A passed term moves the notice to `expired` in the same
    transaction. Alarms of a paused notice wait until it is resumed. If an answer came after the term but
    before this ran, the breach is raised and the notice keeps its state.
    """
    raised = 0
    with service.pool.transaction() as connection:
        due = notice_alarms.due(connection, limit=_AT_ONCE)
    notices_of: dict[UUID, set[UUID]] = defaultdict(set)
    deliveries: dict[UUID, set[UUID]] = defaultdict(set)
    for alarm in due:
        notices_of[alarm["organization_id"]].add(alarm["notice_id"])
        deliveries[alarm["organization_id"]].add(alarm["delivery_id"])
    for organization_id, notice_ids in notices_of.items():
        with service.pool.transaction() as connection:
            notices.lock(connection, organization_id, sorted(notice_ids))
            raised += _raise(connection, sorted(deliveries[organization_id]))
    return raised


def _raise(connection: Connection, delivery_ids: list[UUID]) -> int:
    alarms = notice_alarms.lock_due(connection, delivery_ids)
    fates: dict[str, list[dict[str, Any]]] = defaultdict(list)
    for alarm in alarms:
        fates[alarm["fate"]].append(alarm)
    expired = [alarm["notice_id"] for alarm in fates["raise"] if alarm["kind"] in _ENDS]
    if expired:
        notices.move(connection, expired, Move("expire", "expired", "deadline_passed"))
    raised = fates["raise"] + fates["late"]
    for fate, rows in (("raise", raised), ("drop", fates["drop"])):
        if rows:
            notice_alarms.mark_settled(connection, fate, rows)
    record_events(
        connection,
        [
            event(
                None,
                _KINDS[alarm["kind"]],
                alarm["organization_id"],
                alarm["entry_id"],
                {"notice_id": alarm["notice_id"], "campaign_id": alarm["campaign_id"]},
                {"due_at": alarm["due_at"].isoformat(), "step": alarm["step"]},
            )
            for alarm in raised
        ],
    )
    return len(raised)

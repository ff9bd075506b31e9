"""Raise reminders and breaches whose moment has come, and have deliveries tried again."""

from __future__ import annotations

from collections import defaultdict
from typing import Any, Final
from uuid import UUID

from registry.core.audit.service.record_event import event, record_events
from registry.core.database.pool import Connection
from registry.core.service import Service
from registry.jobs.service.relay_outbox import wake_workers
from registry.jobs.store import jobs
from registry.takedown.campaigns.service import takedown
from registry.takedown.delivery import store as notice_deliveries
from registry.takedown.notices.store import notice_alarms, notices
from registry.takedown.replies.store import notice_replies

_AT_ONCE: Final = 200
_KINDS: Final = {"reminder": "notice.reminded", "breach": "notice.breached", "overdue": "notice.overdue"}
_ENDS: Final = frozenset({"breach", "overdue"})


def watch_notices(service: Service) -> int:
    """How many alarms were raised. Each is raised once, in the commit that says so, however often this runs
    and by how many at once; its moment is compared with the database's clock. A term that is over takes the
    notice to `expired` in that commit. The alarms of a notice that is paused wait until it goes on. Of what
    was answered after its term and before this ran again, the breach is raised too, and it stays answered.
    """
    raised = 0
    with service.pool.transaction() as connection:
        found = notice_alarms.due(connection, limit=_AT_ONCE)
    whose: dict[UUID, set[UUID]] = defaultdict(set)
    deliveries: dict[UUID, set[UUID]] = defaultdict(set)
    for one in found:
        whose[one["organization_id"]].add(one["notice_id"])
        deliveries[one["organization_id"]].add(one["delivery_id"])
    for organization_id, notice_ids in whose.items():
        with service.pool.transaction() as connection:
            notices.lock(connection, organization_id, sorted(notice_ids))
            raised += _raise(connection, sorted(deliveries[organization_id]))
    with service.pool.transaction() as connection:
        due = notice_deliveries.due(connection, limit=_AT_ONCE)
        for delivery_id in due:
            jobs.enqueue(connection, "deliver_notice", delivery_id)
        notice_deliveries.forget_jobs(connection)
    if due:
        wake_workers(service)
    _forget_closed(service)
    return raised


def _forget_closed(service: Service) -> None:
    """What came to organizations that were closed, and was matched with no client, is forgotten."""
    with service.pool.transaction() as connection:
        closed = notice_replies.of_closed(connection)
    for organization_id in closed:
        takedown.keys(service).destroy(organization_id)
        with service.pool.transaction() as connection:
            notice_replies.forget(connection, organization_id)


def _raise(connection: Connection, delivery_ids: list[UUID]) -> int:
    taken = notice_alarms.take(connection, delivery_ids)
    fates: dict[str, list[dict[str, Any]]] = defaultdict(list)
    for one in taken:
        fates[one["fate"]].append(one)
    over = [one["notice_id"] for one in fates["raise"] if one["kind"] in _ENDS]
    if over:
        notices.move(connection, over, "expire", "expired", "deadline_passed")
    told = fates["raise"] + fates["late"]
    for fate, rows in (("raise", told), ("drop", fates["drop"])):
        if rows:
            notice_alarms.put(connection, fate, rows)
    record_events(
        connection,
        [
            event(
                None,
                _KINDS[one["kind"]],
                one["organization_id"],
                one["entry_id"],
                {"notice_id": one["notice_id"], "campaign_id": one["campaign_id"]},
                {"due_at": one["due_at"].isoformat(), "step": one["step"]},
            )
            for one in told
        ],
    )
    return len(told)

"""Notifications: each event once, nobody's own acts, no private case without the role, each reader apart."""

from __future__ import annotations

from dataclasses import replace
from uuid import UUID

from registry.app.service.notification_kinds import TEXTS
from registry.core.audit.service import record_event
from registry.core.service import Service
from registry.identity.accounts.model import Signed
from registry.identity.callers.model import Caller
from registry.sharing.notifications.model import KEPT_DAYS, KINDS
from registry.sharing.notifications.service import count_unread, list_notifications, mark_read
from registry.sharing.webhooks.model import SENT_KINDS
from registry.sharing.webhooks.service.events import dispatch_events, sweep_webhooks
from tests.support.matching.watches import put
from tests.support.media import drawn
from tests.support.sharing.notifications import account_of, let_notifications_age, make_private
from tests.support.steps import join


def person(service: Service, caller: Caller) -> Signed:
    """Somebody else of the caller's organization."""
    return account_of(service, caller)


def happen(service: Service, caller: Caller | None, owner: Caller, kind: str, entry_id: UUID | None) -> None:
    with service.pool.transaction() as connection:
        record_event(connection, caller, kind, organization_id=owner.organization_id, entry_id=entry_id)
    while dispatch_events(service):
        pass


def listed(service: Service, signed: Signed) -> list[str]:
    return [row.kind for row in list_notifications(service, signed, KINDS).notifications]


def test_every_kind_has_words_and_is_sent_to_webhooks_too() -> None:
    assert set(TEXTS) == KINDS
    assert KINDS <= SENT_KINDS


def test_events_of_others_are_listed_once_the_newest_first(service: Service, owner: Caller) -> None:
    entry_id, reader = put(service, owner, drawn.clip("a")), person(service, owner)
    happen(service, owner, owner, "entry.suspended", entry_id)
    happen(service, None, owner, "entry.restored", entry_id)
    happen(service, owner, owner, "entry.changed", entry_id)
    happen(service, reader.caller, owner, "entry.withdrawn", entry_id)
    assert listed(service, reader) == ["entry.restored", "entry.suspended"], "not one's own act"
    assert count_unread(service, reader, KINDS).count == 2
    assert count_unread(service, reader, ["dispute.opened"]).count == 0
    stranger = account_of(service, join(service, owner, "Others"))
    assert listed(service, stranger) == []


def test_what_is_read_stays_listed_and_what_follows_is_unread(service: Service, owner: Caller) -> None:
    entry_id, reader, other = (
        put(service, owner, drawn.clip("a")),
        person(service, owner),
        person(service, owner),
    )
    happen(service, owner, owner, "entry.suspended", entry_id)
    (shown,) = list_notifications(service, reader, KINDS).notifications
    mark_read(service, reader, shown.notification_no)
    happen(service, owner, owner, "entry.restored", entry_id)
    rows = list_notifications(service, reader, KINDS).notifications
    assert [row.is_read for row in rows] == [False, True]
    assert (count_unread(service, reader, KINDS).count, count_unread(service, other, KINDS).count) == (1, 2)
    mark_read(service, reader, 0)
    assert count_unread(service, reader, KINDS).count == 1, "reading is never undone"


def test_private_cases_are_for_reviewers(service: Service, owner: Caller) -> None:
    entry_id, reader = put(service, owner, drawn.clip("a")), person(service, owner)
    make_private(service, entry_id)
    happen(service, owner, owner, "entry.reviewed", entry_id)
    assert listed(service, reader) == ["entry.reviewed"]
    lookup = replace(reader, caller=replace(reader.caller, roles=frozenset({"lookup", "register"})))
    assert (listed(service, lookup), count_unread(service, lookup, KINDS).count) == ([], 0)


def test_old_notifications_are_deleted(service: Service, owner: Caller) -> None:
    entry_id, reader = put(service, owner, drawn.clip("a")), person(service, owner)
    happen(service, owner, owner, "entry.suspended", entry_id)
    let_notifications_age(service, days=KEPT_DAYS + 1)
    sweep_webhooks(service)
    assert listed(service, reader) == []

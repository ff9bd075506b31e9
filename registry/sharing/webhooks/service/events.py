"""Turn events into messages for the webhooks that subscribe to them, and into notifications for people."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final
from uuid import UUID

import orjson

from registry import jobs
from registry.core.audit.model.event import Event
from registry.core.audit.service import record_events
from registry.core.database.pool import Connection
from registry.core.service import Service
from registry.jobs.service.queue import wake_workers
from registry.matching import watches
from registry.matching.watches.model import EVERYBODY
from registry.sharing import notifications
from registry.sharing.federation.service.feeds import KIND as FEED_PUBLISHED
from registry.sharing.federation.store import feeds
from registry.sharing.notifications.model import KINDS
from registry.sharing.webhooks import model
from registry.sharing.webhooks.store import deliveries, webhooks
from registry.sharing.webhooks.store.deliveries import MatchedLookup, Message, PendingEvent
from registry.sharing.webhooks.store.webhooks import Subscriber
from registry.transparency import ledger

BATCH: Final = 500
"""Events that are processed in one transaction."""
_FOUND: Final = "match.found"
_ENTRY_STATES: Final = frozenset({"entry.suspended", "entry.withdrawn", "entry.restored"})
"""Events about an entry that are also sent to organizations whose watched lookups have matched it."""


def dispatch_events(service: Service) -> int:
    """Create messages and notifications for new events and return how many events were processed.

    One process runs this at a time, in the order of the events. An event and its messages are committed
    together, and no message is created twice. The function also enqueues work that is due: messages to send
    and watched lookups to answer again.

    An organization receives its own events. If another organization's lookup matched its entries, it learns
    which entries and nothing else, provided that the other organization shares matches with owners. It also
    learns when another's entry is suspended, withdrawn or restored, if a watched lookup of its own matched
    that entry. Followers of a feed are notified of its newest page.
    """
    watches_due = False
    with service.pool.transaction() as connection:
        if not deliveries.lock_dispatch(connection):
            return 0
        _record_matches(connection)
        events = deliveries.pending_events(connection, limit=BATCH)
        if events:
            messages = list(_messages(connection, events))
            if messages:
                deliveries.add(connection, messages)
            notifications.save(connection, [event.event_id for event in events if event.kind in KINDS])
            deliveries.mark_processed(connection, [event.event_id for event in events])
        if feed_messages := list(_feed_messages(connection)):
            deliveries.add(connection, feed_messages)
        if watches.is_due(connection):
            jobs.enqueue(connection, "answer_watches", EVERYBODY)
            watches_due = True
        due = deliveries.due_webhooks(connection)
        for webhook_id in due:
            jobs.enqueue(connection, "deliver_messages", webhook_id)
    if due or watches_due:
        wake_workers(service)
    return len(events)


def _record_matches(connection: Connection) -> None:
    """Record a `match.found` event for each lookup with matches that a webhook or an owner is interested in.

    This runs apart from the lookups, so that they do not wait for it. Each lookup is visited once.
    """
    lookups = deliveries.take_matches(connection, limit=BATCH)
    events = [
        Event(
            _FOUND,
            organization_id=match.organization_id,
            caller_id=match.caller_id,
            subject={"lookup_id": match.lookup_id},
            said={"verdict": match.verdict, "entries": list(match.entries)},
        )
        for match in lookups
        if match.wanted
    ]
    record_events(connection, [*events, *_case_matches(connection, lookups)])


def _case_matches(connection: Connection, lookups: Sequence[MatchedLookup]) -> Iterator[Event]:
    """Yield a `case.matched` event for each intake case that a lookup matched, for the case's owner
    (`follow_case`).

    This covers lookups of the organization that handles the case, and of organizations that share matches
    with owners. The event does not name the lookup, its caller or other matches.
    """
    entry_ids = {UUID(entry_id) for matched in lookups for entry_id in matched.entries}
    cases = deliveries.open_cases(connection, entry_ids) if entry_ids else {}
    for matched in lookups:
        for entry_id in map(UUID, matched.entries):
            owner = cases.get(entry_id)
            if owner and (matched.tells_matches or owner == matched.organization_id):
                yield Event("case.matched", organization_id=owner, entry_id=entry_id)


def _messages(connection: Connection, events: Sequence[PendingEvent]) -> Iterator[Message]:
    matched = {event.event_id: _owners(connection, event) for event in events if event.kind == _FOUND}
    concerned = {event.organization_id for event in events if event.organization_id}
    concerned |= {owner for owners in matched.values() for owner in owners}
    holding = _watch_owners(connection, events)
    concerned |= {holder for holders in holding.values() for holder in holders}
    subscribers: dict[UUID, list[Subscriber]] = defaultdict(list)
    if concerned:
        for subscriber in webhooks.subscribers(connection, concerned):
            subscribers[subscriber.organization_id].append(subscriber)
    if not subscribers:
        return
    for event in events:
        holders = holding.get(event.entry_id, {}) if event.kind in _ENTRY_STATES else {}
        for organization_id, data in _recipients(event, matched.get(event.event_id, {}), holders):
            body = _body(event, {**data, **_answer(connection, event)})
            for subscriber in subscribers[organization_id]:
                if model.wanted(subscriber.kinds, event.kind):
                    dead = subscriber.state == "disabled"
                    yield Message(subscriber.webhook_id, event.event_id, event.kind, body, dead)


def _recipients(
    event: PendingEvent, owners: Mapping[UUID, Sequence[UUID]], holders: Mapping[UUID, Sequence[str]]
) -> Iterator[tuple[UUID, Mapping[str, Any]]]:
    """Yield each organization that receives an event, with the data it may see.

    An organization sees all of its own events. Of another's lookup it sees the entries that were matched. Of
    another's entry that was suspended, withdrawn or restored, it sees which of its watched lookups had
    matched it.
    """
    if event.organization_id:
        yield (
            event.organization_id,
            {
                "event_id": event.event_id,
                "caller_id": event.caller_id and str(event.caller_id),
                "entry_id": event.entry_id and str(event.entry_id),
                **event.subject,
                "said": event.said,
            },
        )
    for owner, entry_ids in owners.items():
        yield owner, {"event_id": event.event_id, "entry_ids": [str(id_) for id_ in entry_ids]}
    for holder, watch_ids in holders.items():
        if holder != event.organization_id:
            data = {"event_id": event.event_id, "entry_id": str(event.entry_id), "watch_ids": watch_ids}
            yield holder, data


def _watch_owners(
    connection: Connection, events: Sequence[PendingEvent]
) -> dict[UUID | None, dict[UUID, list[str]]]:
    """Return the organizations and their watched lookups that matched each entry of an `_ENTRY_STATES`
    event."""
    entries = {event.entry_id for event in events if event.kind in _ENTRY_STATES and event.entry_id}
    by_entry: dict[UUID | None, dict[UUID, list[str]]] = defaultdict(dict)
    for row in watches.watchers_of(connection, entries) if entries else ():
        by_entry[row["entry_id"]][row["organization_id"]] = row["watch_ids"]
    return by_entry


def _feed_messages(connection: Connection) -> Iterator[Message]:
    """Yield messages about the newest page of a feed, for registries that follow the feed.

    The signed checkpoint that covers the page proves the message, so followers need no shared secret.
    """
    signed = ledger.checkpoint(connection)
    if signed is None:
        return
    for row in feeds.unreported_pages(connection, size=signed.size):
        data = {"feed": str(row["bank_id"]), "page": row["page_no"], "checkpoint": signed.note}
        body = orjson.dumps(model.message(FEED_PUBLISHED, signed.signed_at, data)).decode()
        yield Message(row["webhook_id"], row["event_id"], FEED_PUBLISHED, body, False)


def _answer(connection: Connection, event: PendingEvent) -> Mapping[str, Any]:
    """Return the new answer to a watched lookup, if it is still stored."""
    if event.kind != "watch.matched" or event.entry_id is None:
        return {}
    watch_id = UUID(event.subject["watch_id"])
    match, unreviewed = event.said["match"], bool(event.said.get("unreviewed"))
    return {"answer": watches.find_answer(connection, watch_id, event.entry_id, match, unreviewed=unreviewed)}


def _owners(connection: Connection, event: PendingEvent) -> Mapping[UUID, Sequence[UUID]]:
    """Return the owners of the entries that another organization's lookup matched, if it shares matches."""
    entries_by_owner: dict[UUID, list[UUID]] = defaultdict(list)
    entry_ids = [UUID(entry) for entry in event.said.get("entries", ())]
    if event.organization_id and entry_ids:
        for entry_id, owner in deliveries.notified_owners(connection, event.organization_id, entry_ids):
            entries_by_owner[owner].append(entry_id)
    return entries_by_owner


def _body(event: PendingEvent, data: Mapping[str, Any]) -> str:
    return orjson.dumps(model.message(event.kind, event.at, data)).decode()


def sweep_webhooks(service: Service) -> int:
    """Delete old messages and return how many. Safe to run at any time and concurrently.

    Also deletes expired secrets and the webhooks of closed organizations. Raises `Unavailable` if the keys of
    those webhooks cannot be destroyed now.
    """
    with service.pool.transaction() as connection:
        deleted = deliveries.delete_ended(connection, days=model.KEPT_DAYS)
        notifications.delete_old(connection)
        webhooks.delete_ended_jobs(connection)
        webhooks.delete_expired_secrets(connection)
        closed = webhooks.of_closed(connection)
    for webhook_id in closed:
        service.keys.destroy(webhook_id)
        with service.pool.transaction() as connection:
            webhooks.delete(connection, webhook_id)
    return deleted

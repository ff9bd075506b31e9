"""Say in the feeds of published banks what has changed in them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any, Final
from uuid import UUID

from registry.core.audit.service.record_event import record_event
from registry.core.database.pool import Connection
from registry.core.service import Service
from registry.sharing.federation.model import feed, feed_item
from registry.sharing.federation.store import feeds
from registry.sharing.lists.store import exports
from registry.transparency.ledger.model.merkle import leaf_hash

ROUNDS: Final = 500
"""Pages of one call; the next goes on."""


def publish_feeds(service: Service, *, rounds: int = ROUNDS) -> int:
    """How many pages were written; one at a time does it. A page is an event of the bank's organization, so
    that it can be read once the ledger was signed with it. What is said of an entry already is not said
    again.
    """
    written = 0
    for _ in range(rounds):
        with service.pool.transaction() as connection:
            if not feeds.lock(connection):
                return written
            bank_id, changed = feeds.take(connection, feed.MOST_ITEMS)
            if bank_id is None:
                return written
            written += _publish(connection, bank_id, changed)
    return written


def _publish(connection: Connection, bank_id: UUID, changed: Sequence[UUID]) -> bool:
    """Whether there was anything to say. A bank that is published no longer says nothing: its feed stays
    where it is until it is published again."""
    bank = feeds.bank(connection, bank_id)
    if bank is None or not bank["published"]:
        return False
    items, short, rest = _items(connection, bank["policy"], changed)
    if rest:
        feeds.put_back(connection, bank_id, rest)
    if not items:
        return False
    page_no = bank["pages"] + 1
    hashes = [one[1] for one in items]
    subject, said = feed.committed(bank_id, page_no, hashes, [one[0] for one in items])
    event_id = record_event(
        connection,
        None,
        "feed.published",
        organization_id=bank["organization_id"],
        subject=subject,
        said=said | short,
    )
    feeds.add_page(connection, bank_id, page_no, event_id, said["root"], items)
    return True


def _items(
    connection: Connection, policy: Mapping[str, Any], changed: Sequence[UUID]
) -> tuple[list[tuple[UUID, bytes, bytes]], dict[str, int], list[UUID]]:
    """Entry, hash and content of a page's items; how many media they name by hash alone or not at all, where
    any; and the entries for which the page has no room."""
    share_claims = bool(policy.get("share_claims", False))
    now = feeds.entries(connection, changed, beginning=feed_item.BEGINNING if share_claims else 0)
    found = {one.entry_id: one for one in exports.entries(connection, list(now))}
    items: list[tuple[UUID, bytes, bytes]] = []
    short: Counter[str] = Counter()
    size = 0
    for place, entry_id in enumerate(changed):
        if size > feed.PAGE_BYTES:
            return items, dict(short), list(changed[place:])
        row = now.get(entry_id)
        # What never answered has never been said, and is not told of when it ends.
        if row is None or row["status"] is None or (row["hash"] is None and row["status"] != "matchable"):
            continue
        line = feed_item.item(
            found[entry_id],
            row["status"],
            licence=policy.get("licence"),
            share_claims=share_claims,
            salt=feed_item.salt_of(row["beginning"]) if share_claims else "",
        )
        if (hashed := leaf_hash(line.content)) == row["hash"]:
            continue
        items.append((entry_id, hashed, line.content))
        size += len(line.content)
        short += Counter(by_hash=line.by_hash, left_out=line.left_out)
    return items, dict(short), []

"""Publish and read the feeds of published banks."""

from __future__ import annotations

import secrets
from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any, Final
from uuid import UUID, uuid4

from registry.core.audit.model.ledger import event_leaf
from registry.core.audit.service import record_event
from registry.core.database.pool import Connection
from registry.core.service import Service
from registry.identity.callers.model import Caller
from registry.sharing.errors import UnknownFeed
from registry.sharing.federation.errors import WebhookPaused
from registry.sharing.federation.model import feed, feed_item
from registry.sharing.federation.model.feed import Head
from registry.sharing.federation.schemas.peer import Feed, FeedList, Following
from registry.sharing.federation.store import feeds
from registry.sharing.lists.store import exports
from registry.sharing.webhooks import model as webhook
from registry.sharing.webhooks.service.webhooks import encrypt_secret, insert_webhook
from registry.sharing.webhooks.store import webhooks
from registry.sharing.webhooks.store.webhooks import Settings
from registry.transparency import ledger
from registry.transparency.ledger.errors import BadRange
from registry.transparency.ledger.model import merkle
from registry.transparency.ledger.model.merkle import leaf_hash
from registry.transparency.ledger.service.ledger import newest, proof_of


def require_feed(connection: Connection, caller: Caller, bank_id: UUID) -> None:
    """Raise `NotFound` (`unknown_feed`) if the caller's organization cannot read a feed of the bank."""
    if not feeds.readable(connection, bank_id, caller.organization_id):
        raise UnknownFeed(
            "The bank has no feed that you may read.", next_step="List feeds with GET /v1/feeds."
        )


def list_feeds(service: Service, caller: Caller) -> FeedList:
    """List the ledger's name and keys, and the published banks that the caller's organization may see.

    Needs the scope `peer`. A reader that takes the keys only from here has to trust this service.
    """
    caller.require("peer")
    with service.pool.transaction() as connection:
        keys = ledger.keys(connection)
        rows = feeds.published(connection, caller.organization_id)
    return FeedList(
        origin=service.settings.ledger_origin,
        keys=[row.verifier_key for row in keys],
        feeds=[Feed.model_validate(row) for row in rows],
    )


ROUNDS: Final = 500
"""Maximum pages written by one call. The next call continues."""


def publish_feeds(service: Service, *, rounds: int = ROUNDS) -> int:
    """Write new feed pages and return how many. One process does this at a time.

    Each page is an event of the bank's organization. It can be read as soon as a signed ledger contains the
    event. Unchanged items are not published again.
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
    """Write a page of changed entries. Return False if there was nothing to publish.

    The feed of a bank that is no longer published stops until the bank is published again.
    """
    bank = feeds.bank(connection, bank_id)
    if bank is None or not bank["published"]:
        return False
    items, shortened, remaining = _items(connection, bank["policy"], changed)
    if remaining:
        feeds.put_back(connection, bank_id, remaining)
    if not items:
        return False
    page_no = bank["pages"] + 1
    hashes = [item[1] for item in items]
    subject, commitment = feed.committed(bank_id, page_no, hashes, [item[0] for item in items])
    event_id = record_event(
        connection,
        None,
        "feed.published",
        organization_id=bank["organization_id"],
        subject=subject,
        said=commitment | shortened,
    )
    feeds.add_page(connection, bank_id, page_no, event_id, commitment["root"], items)
    return True


def _items(
    connection: Connection, policy: Mapping[str, Any], changed: Sequence[UUID]
) -> tuple[list[tuple[UUID, bytes, bytes]], dict[str, int], list[UUID]]:
    """Return the items of a page, counts of shortened media, and the entries that did not fit on the page.

    An item is entry, hash and content. The counts are `by_hash` and `left_out`, without zeros.
    """
    share_claims = bool(policy.get("share_claims", False))
    published = feeds.entries(connection, changed, beginning=feed_item.BEGINNING if share_claims else 0)
    exported = {entry.entry_id: entry for entry in exports.entries(connection, list(published))}
    items: list[tuple[UUID, bytes, bytes]] = []
    shortened: Counter[str] = Counter()
    size = 0
    for index, entry_id in enumerate(changed):
        if size > feed.PAGE_BYTES:
            return items, dict(shortened), list(changed[index:])
        row = published.get(entry_id)
        # An entry that was never matchable was never published, so its end is not published either.
        if row is None or row["status"] is None or (row["hash"] is None and row["status"] != "matchable"):
            continue
        line = feed_item.item(
            exported[entry_id],
            row["status"],
            licence=policy.get("licence"),
            share_claims=share_claims,
            salt=feed_item.salt_of(row["beginning"]) if share_claims else "",
        )
        if (item_hash := leaf_hash(line.content)) == row["hash"]:
            continue
        items.append((entry_id, item_hash, line.content))
        size += len(line.content)
        shortened += Counter(by_hash=line.by_hash, left_out=line.left_out)
    return items, dict(shortened), []


def read_feed(service: Service, caller: Caller, bank_id: UUID, *, after: int, seen: int) -> bytes:
    """Return the page after page `after`: a head line and a line for each item, see
    `sharing.federation.model.feed`.

    `seen`: size of a checkpoint that the reader has verified; the response proves that the newest one extends
    it. 0: none.

    Needs the scope `peer`, and a bank that the caller's organization may see. Raises `NotFound`
    (`unknown_feed`, `no_checkpoint`), `BadInput` (`bad_range`), `Unavailable` (`ledger_damaged`).
    """
    caller.require("peer")
    with service.pool.transaction() as connection:
        require_feed(connection, caller, bank_id)
        signed = newest(connection)
        whole, _ = ledger.sizes(connection)
        if not 0 <= seen <= whole:
            raise BadRange(
                f"The ledger has {whole} leaves; `seen` cannot be larger.",
                next_step="If you verified a larger one, the ledger was replaced: inform its operator.",
            )
        grown = merkle.consistency_ranges(seen, signed.size) if seen < signed.size else []
        consistency = tuple(proof_of(connection, grown))
        page = feeds.page(connection, bank_id, after + 1, size=signed.size)
        if page is None:
            return feed.head_line(Head(signed.note, consistency)) + b"\n"
        index = page["leaf_index"]
        items = feeds.items(connection, bank_id, page["page_no"])
        head = Head(
            signed.note,
            consistency,
            page["page_no"],
            index,
            event_leaf(page).decode(),
            tuple(proof_of(connection, merkle.inclusion_ranges(index, signed.size))),
            page["items"],
            tuple(entry_id for entry_id, _, content in items if content is None),
        )
    lines = [feed.hash_line(hashed) if content is None else content for _, hashed, content in items]
    return b"".join(line + b"\n" for line in (feed.head_line(head), *lines))


KIND: Final = "feed.published"


def follow_feed(service: Service, caller: Caller, bank_id: UUID, *, url: str) -> Following:
    """Notify `url` of new feed pages, by a webhook of the caller's organization for the kind
    `feed.published`.

    An existing webhook with this URL is reused and activated again if it was disabled, so that repeated calls
    have no further effect. A webhook that an administrator paused stays paused. It reports every feed that
    the organization may read. Needs the scope `peer`.

    Raises `NotFound` (`unknown_feed`), `BadInput` (`bad_webhook_url`), `Conflict` (`too_many_webhooks`,
    `webhook_paused`), `Unavailable`.
    """
    caller.require("peer")
    url = webhook.checked_url(url, private=service.settings.webhook_private)
    with service.pool.transaction() as connection:
        require_feed(connection, caller, bank_id)
        existing = _activate_existing(connection, caller, url)
        deleted = [] if existing else _delete_gone(connection, caller)
    for webhook_id in deleted:
        service.keys.destroy(webhook_id)
    webhook_id = existing or _create(service, caller, url)
    return Following(webhook_id=webhook_id, url=url)


def _activate_existing(connection: Connection, caller: Caller, url: str) -> UUID | None:
    """Find the organization's webhook of this URL, subscribe it to feed pages and activate it."""
    for row in webhooks.of_organization(connection, caller.organization_id):
        if row["url"] == url:
            if row["state"] == "paused":
                raise WebhookPaused(
                    "An administrator of your organization has paused the webhook with that URL."
                )
            kinds = sorted({*row["kinds"], KIND})
            if (kinds, "active") != (row["kinds"], row["state"]):
                webhooks.change(connection, row["webhook_id"], Settings(url, kinds, "active"))
                details = {"state": "active", "url": False, "kinds": True}
                subject = {"webhook_id": row["webhook_id"]}
                record_event(connection, caller, "webhook.changed", subject=subject, said=details)
            webhook_id: UUID = row["webhook_id"]
            return webhook_id
    return None


def _delete_gone(connection: Connection, caller: Caller) -> list[UUID]:
    """Delete the organization's webhooks for feeds whose endpoints answered 410 (gone)."""
    gone: list[UUID] = [
        row["webhook_id"]
        for row in webhooks.of_organization(connection, caller.organization_id)
        if (row["kinds"], row["state"], row["reason"]) == ([KIND], "disabled", "gone")
    ]
    for webhook_id in gone:
        webhooks.delete(connection, webhook_id)
        record_event(connection, caller, "webhook.deleted", subject={"webhook_id": webhook_id})
    return gone


def _create(service: Service, caller: Caller, url: str) -> UUID:
    """Create a webhook. Its secret is not shown to anybody, because the checkpoint proves each message."""
    webhook_id, secret = uuid4(), secrets.token_bytes(webhook.SECRET_BYTES)
    with service.keys.making(webhook_id) as key, service.pool.transaction() as connection:
        insert_webhook(connection, caller, webhook_id, url, [KIND])
        webhooks.add_secret(connection, webhook_id, encrypt_secret(key, secret))
        record_event(connection, caller, "webhook.created", subject={"webhook_id": webhook_id})
    return webhook_id

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
            "There is no feed of that bank.", next_step="List those that you may read with GET /v1/feeds."
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
    items, short, rest = _items(connection, bank["policy"], changed)
    if rest:
        feeds.put_back(connection, bank_id, rest)
    if not items:
        return False
    page_no = bank["pages"] + 1
    hashes = [item[1] for item in items]
    subject, said = feed.committed(bank_id, page_no, hashes, [item[0] for item in items])
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
    """Return the items of a page, counts of shortened media, and the entries that did not fit on the page.

    An item is entry, hash and content. The counts are `by_hash` and `left_out`, without zeros.
    """
    share_claims = bool(policy.get("share_claims", False))
    now = feeds.entries(connection, changed, beginning=feed_item.BEGINNING if share_claims else 0)
    found = {entry.entry_id: entry for entry in exports.entries(connection, list(now))}
    items: list[tuple[UUID, bytes, bytes]] = []
    short: Counter[str] = Counter()
    size = 0
    for place, entry_id in enumerate(changed):
        if size > feed.PAGE_BYTES:
            return items, dict(short), list(changed[place:])
        row = now.get(entry_id)
        # An entry that was never matchable was never published, so its end is not published either.
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
                f"The ledger has {whole} leaves; `seen` is a size up to that.",
                next_step="Whoever has seen more has seen another ledger: tell its operator.",
            )
        grown = merkle.consistency_ranges(seen, signed.size) if seen < signed.size else []
        consistency = tuple(proof_of(connection, grown))
        found = feeds.page(connection, bank_id, after + 1, size=signed.size)
        if found is None:
            return feed.head_line(Head(signed.note, consistency)) + b"\n"
        index = found["leaf_index"]
        items = feeds.items(connection, bank_id, found["page_no"])
        head = Head(
            signed.note,
            consistency,
            found["page_no"],
            index,
            event_leaf(found).decode(),
            tuple(proof_of(connection, merkle.inclusion_ranges(index, signed.size))),
            found["items"],
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
        found = _awake(connection, caller, url)
        gone = [] if found else _forget_gone(connection, caller)
    for webhook_id in gone:
        service.keys.destroy(webhook_id)
    webhook_id = found or _made(service, caller, url)
    return Following(webhook_id=webhook_id, url=url)


def _awake(connection: Connection, caller: Caller, url: str) -> UUID | None:
    """Find the organization's webhook of this URL, subscribe it to feed pages and activate it."""
    for item in webhooks.of_organization(connection, caller.organization_id):
        if item["url"] == url:
            if item["state"] == "paused":
                raise WebhookPaused(
                    "An administrator of your organization has paused the webhook of that address."
                )
            kinds = sorted({*item["kinds"], KIND})
            if (kinds, "active") != (item["kinds"], item["state"]):
                webhooks.change(connection, item["webhook_id"], Settings(url, kinds, "active"))
                said = {"state": "active", "url": False, "kinds": True}
                subject = {"webhook_id": item["webhook_id"]}
                record_event(connection, caller, "webhook.changed", subject=subject, said=said)
            identity: UUID = item["webhook_id"]
            return identity
    return None


def _forget_gone(connection: Connection, caller: Caller) -> list[UUID]:
    """Delete the organization's webhooks for feeds whose endpoints answered 410 (gone)."""
    gone: list[UUID] = [
        item["webhook_id"]
        for item in webhooks.of_organization(connection, caller.organization_id)
        if (item["kinds"], item["state"], item["reason"]) == ([KIND], "disabled", "gone")
    ]
    for webhook_id in gone:
        webhooks.delete(connection, webhook_id)
        record_event(connection, caller, "webhook.deleted", subject={"webhook_id": webhook_id})
    return gone


def _made(service: Service, caller: Caller, url: str) -> UUID:
    """Create a webhook. Its secret is not shown to anybody, because the checkpoint proves each message."""
    webhook_id, secret = uuid4(), secrets.token_bytes(webhook.SECRET_BYTES)
    with service.keys.making(webhook_id) as key, service.pool.transaction() as connection:
        insert_webhook(connection, caller, webhook_id, url, [KIND])
        webhooks.add_secret(connection, webhook_id, encrypt_secret(key, secret))
        record_event(connection, caller, "webhook.created", subject={"webhook_id": webhook_id})
    return webhook_id

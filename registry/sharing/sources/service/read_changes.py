"""What changed in a published bank, for readers of other exchanges' words."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from registry.catalogue.banks.model import TIERS, Tier, rank
from registry.core.database.pool import Connection
from registry.core.errors import BadInput, NotFound
from registry.core.service import Service
from registry.identity.callers.model import Caller
from registry.sharing.federation.model import foreign_feed
from registry.sharing.federation.model.foreign_feed import Change
from registry.sharing.federation.store import foreign_feeds
from registry.sharing.lists.model.export_lines import Exported, Medium
from registry.sharing.lists.store import exports

MOST = 1000
"""Entries of a page."""


@dataclass(frozen=True, slots=True)
class Changes:
    """A page. `still`: hashes of what is said no longer that other entries say. `owner`, `source`: number and
    name of the organization that publishes. `after`: where the next page begins; None: this is the last."""

    changes: tuple[Change, ...]
    still: frozenset[str]
    owner: int
    source: str
    after: str | None


def read_changes(
    service: Service, caller: Caller, group: int, *, since: int, after: str | None, limit: int
) -> Changes:
    """The entries of a published bank that changed at `since` (seconds since 1970) or later, each once, in
    the order in which they changed. `group`: the bank's number
    (`sharing.federation.model.foreign_feed.number`).

    Needs the scope `peer`, and a bank that the caller's organization may see. Entries that nobody has
    reviewed are said to nobody. Raises `NotFound` (`unknown_feed`), `BadInput` (`bad_cursor`, `bad_time`).
    """
    caller.require("peer")
    place = _place(after)
    begin = _moment(since)
    limit = max(1, min(limit, MOST))
    with service.pool.transaction() as connection:
        bank = _bank(connection, caller, group)
        rows = foreign_feeds.page(connection, bank["bank_id"], since=begin, after=place, limit=limit + 1)
        shown, more = rows[:limit], len(rows) > limit
        least = _least(bank["answer_tier"])
        live = {row["entry_id"]: foreign_feed.live(row["status"], row["tier"], least=least) for row in shown}
        entries = {one.entry_id: one for one in exports.entries(connection, list(live))}
        media = exports.media(connection, [one for one, is_live in live.items() if not is_live])
        changes = tuple(
            Change(_with(entries[row["entry_id"]], media), live[row["entry_id"]], row["made_at"])
            for row in shown
            if row["said"]
        )
        ended = [one for change in changes if not change.live for one in foreign_feed.signals(change.entry)]
        tiers = [one for one in TIERS if rank(one) >= rank(least)]
        still = foreign_feeds.still(connection, bank["bank_id"], ended, tiers) if ended else frozenset()
    last = f"{shown[-1]['page_no']}.{shown[-1]['position']}" if more else None
    return Changes(changes, still, foreign_feed.number(bank["organization_id"]), bank["organization"], last)


def require_feed(service: Service, caller: Caller, group: int) -> None:
    """Raise `NotFound` (`unknown_feed`) where `read_changes` would. Needs the scope `peer`."""
    caller.require("peer")
    with service.pool.transaction() as connection:
        _bank(connection, caller, group)


def _bank(connection: Connection, caller: Caller, group: int) -> dict[str, Any]:
    with suppress(ValueError):
        if bank := foreign_feeds.bank(connection, caller.organization_id, foreign_feed.numbered(group)):
            return bank
    raise NotFound(
        "There is no feed of that number.",
        code="unknown_feed",
        next_step="Ask for `threat_privacy_groups_member`: it lists those that you may read.",
    )


def find_entry(service: Service, caller: Caller, number: int) -> UUID:
    """The entry that a descriptor's number stands for. Raises `NotFound` (`unknown_entry`)."""
    caller.require("peer")
    try:
        span = foreign_feed.numbered(number)
    except ValueError:
        span = None
    with service.pool.transaction() as connection:
        found = foreign_feeds.entry(connection, caller.organization_id, span) if span else None
    if found is None:
        raise NotFound("No entry of a feed has that number.", code="unknown_entry")
    return found


def _with(entry: Exported, media: Mapping[UUID, Sequence[Medium]]) -> Exported:
    """An entry that is said no longer, with the media by which it was."""
    return replace(entry, media=media[entry.entry_id]) if entry.entry_id in media else entry


def _least(answer_tier: Tier | None) -> Tier:
    return max(foreign_feed.LEAST, answer_tier or foreign_feed.LEAST, key=rank)


def _place(after: str | None) -> tuple[int, int]:
    if not after:
        return (0, -1)
    page_no, dot, position = after.partition(".")
    if not (dot and page_no.isdecimal() and position.isdecimal() and len(after) <= 20):
        raise BadInput("That is no cursor of this feed.", code="bad_cursor", next_step="Begin anew.")
    return min(int(page_no), 2**31 - 1), min(int(position), 2**15 - 1)


def _moment(since: int) -> datetime:
    try:
        return datetime.fromtimestamp(since, UTC)
    except (OverflowError, OSError, ValueError):
        raise BadInput("A time is in seconds since 1970.", code="bad_time") from None

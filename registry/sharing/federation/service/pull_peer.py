"""Read a peer's feed: verify each page, and commit it together with the new position."""

from __future__ import annotations

import ssl
import time
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from typing import Final
from uuid import UUID

from registry.catalogue import entries
from registry.catalogue.entries.model.entry import Tier
from registry.catalogue.entries.service.status import record_statuses
from registry.core.database.pool import Connection
from registry.core.errors import Conflict, FakeprintError, Unavailable
from registry.core.net import outbound
from registry.core.service import Service
from registry.jobs import Job
from registry.sharing.errors import ExchangeAddressRefused, ExchangeRefused, ExchangeUnreachable
from registry.sharing.federation.errors import PeerBehind, PeerForked, PeerUnpublished, PeerWithholds
from registry.sharing.federation.model import feed, feed_item, peer
from registry.sharing.federation.model.feed import Diverged, Fork, Head, Position
from registry.sharing.federation.model.feed_item import FeedEntry
from registry.sharing.federation.model.peer import PeerTerms
from registry.sharing.federation.service.forks import MESSAGE, report_fork
from registry.sharing.federation.store import peers
from registry.sharing.lists.model.listed import Row
from registry.sharing.lists.model.listing import Plan, Planner
from registry.sharing.lists.service.imports import require_capacity
from registry.sharing.lists.store import listings
from registry.sharing.lists.store.listings import Origin
from registry.sharing.sources import store as exchanges
from registry.sharing.sources.service.exchanges import hold_exchange, open_credentials
from registry.sharing.sources.store import Source
from registry.transparency.ledger.model import merkle
from registry.transparency.ledger.model.merkle import Unproven
from registry.transparency.ledger.model.witness import Seen

SECONDS: Final = 60.0
"""Timeout of a page in seconds, however slowly its bytes arrive."""
TURN_SECONDS: Final = 1800.0
"""Maximum seconds of one job, so that an endless or slow feed does not occupy a worker for ever."""
AWAITED_SECONDS: Final = 300.0
"""Seconds after which a missing replacement counts as withheld. A peer writes and signs it within seconds."""


@dataclass(frozen=True, slots=True)
class _Page:
    """A verified page. `rejected`: entries with invalid items. `replaced`: entries sent as a hash only."""

    position: Position
    entries: tuple[FeedEntry, ...]
    rejected: tuple[UUID | None, ...]
    replaced: tuple[UUID, ...]
    last: bool


@dataclass(frozen=True, slots=True)
class _Reader:
    """Request pages from a peer and verify them. `trusted`: TLS certificates."""

    terms: PeerTerms
    token: str
    private: bool
    trusted: ssl.SSLContext | None

    def read(self, before: Position) -> _Page:
        """Read and verify the page after `before`. Raises `Diverged`, `Unavailable`."""
        head, lines = self._request(before)
        try:
            after = feed.follow(before, head, lines, self.terms.keys, self.terms.feed)
        except Diverged as fork:
            if fork.reason == "same_size":
                raise _Forked(Fork("same_size", (before.note, head.checkpoint))) from fork
            after, head, lines = self._read_again(before, head)
        read: list[FeedEntry] = []
        rejected: list[UUID | None] = []
        for number, line in enumerate(lines):
            if line[:1] == b'"':
                continue
            try:
                read.append(feed_item.read_item(number, line, self.terms.origin))
            except FakeprintError:
                rejected.append(feed_item.entry_of(line))
        newest = tuple(feed_item.newest(read).values())
        return _Page(after, newest, tuple(rejected), head.replaced, head.page is None)

    def _read_again(self, before: Position, first: Head) -> tuple[Position, Head, list[bytes]]:
        """Read a page again after an inconsistent proof: an error in transit disappears, a rewritten ledger
        does not. The second response must be consistent with the signed checkpoint of the `first` head as
        well."""
        head, lines = self._request(before)
        after = self._follow(before, head, lines)
        shown = feed.signed(first.checkpoint, self.terms.keys)
        self.agree(replace(before, size=shown.size, root=shown.root, note=first.checkpoint), after)
        return after, head, lines

    def _follow(self, before: Position, head: Head, lines: Sequence[bytes]) -> Position:
        try:
            return feed.follow(before, head, lines, self.terms.keys, self.terms.feed)
        except Diverged as fork:
            raise _Forked(Fork(fork.reason, (before.note, head.checkpoint), fork.proof)) from fork

    def agree(self, position: Position, other: Position) -> None:
        """Have the peer prove that two checkpoints belong to one ledger. Raises `_Forked`, `Unavailable`."""
        first, second = sorted((position, other), key=lambda checkpoint: checkpoint.size)
        if first.size == second.size:
            if first.root != second.root:
                raise _Forked(Fork("same_size", (position.note, other.note)))
            return
        url = f"/v1/ledger/proof/consistency?from={first.size}&to={second.size}"
        proof = feed.read_proof(self._get(url, other))
        try:
            merkle.verify_consistency(first.size, second.size, proof, first.root, second.root)
        except Unproven as error:
            shown = tuple(hash_.hex() for hash_ in proof)
            raise _Forked(Fork("inconsistent", (position.note, other.note), shown)) from error

    def _request(self, before: Position) -> tuple[Head, list[bytes]]:
        url = f"/v1/feeds/{self.terms.feed}?after={before.page}&seen={before.size}"
        return feed.read_answer(self._get(url, before))

    def _get(self, path: str, before: Position) -> bytes:
        headers = {"Authorization": f"Bearer {self.token}"} if self.token else {}
        attempt, body = outbound.get(
            self.terms.address + path,
            headers,
            private=self.private,
            most=feed.MOST_BYTES,
            seconds=SECONDS,
            network=outbound.Network(trusted=self.trusted),
        )
        if attempt.outcome != "delivered":
            raise _not_read(attempt, before)
        return body


class _Forked(Exception):
    """The peer has signed two contradicting notes."""

    def __init__(self, fork: Fork) -> None:
        super().__init__(fork.reason)
        self.fork = fork


def pull_peer(
    service: Service,
    job: Job,
    source: Source,
    progress: Callable[[float], None],
    totals: dict[str, int],
) -> None:
    """Read a feed to its end or for `TURN_SECONDS`; the next job continues. Pages before an error are kept.

    If the peer has forked, it is suspended and both notes are stored. Raises `Removed`, `Conflict`
    (`lease_lost`, `bank_full`, `bank_closed`), `Unavailable` (`peer_forked`, the codes of `feed.follow`, and
    those of a failed request).
    """
    terms = peer.stored(source.address, source.options)
    token = open_credentials(service, source).get("token", "")
    trusted = ssl.create_default_context() if terms.address.startswith("https:") else None
    reader = _Reader(terms, token, service.settings.exchange_private, trusted)
    try:
        _read(service, job, reader, feed.position(source.checkpoint), progress, totals)
    except _Forked as found:
        _suspend(service, job, found)
        raise PeerForked(MESSAGE) from found


def _read(
    service: Service,
    job: Job,
    reader: _Reader,
    begin: Position,
    progress: Callable[[float], None],
    totals: dict[str, int],
) -> None:
    """Read pages; request the next one while storing the current one. At the end the peer must prove that its
    ledger is consistent with what other readers here were shown."""
    with service.pool.transaction() as connection:
        shown = peers.newest_checkpoint(connection, str(reader.terms.keys[0]))
    until = time.monotonic() + TURN_SECONDS
    with ThreadPoolExecutor(1, thread_name_prefix="peer") as pool:
        page = reader.read(begin)
        number = 0
        while True:
            over = page.last or time.monotonic() > until
            following = None if over else pool.submit(reader.read, page.position)
            try:
                _store_page(service, job, reader.terms, page, totals)
            except Conflict as refused:
                if refused.code == "bank_full":
                    _withdraw_only(service, job, reader, page, until, totals)
                raise
            number += 1
            progress(1 - 1 / (number + 1))
            if following is None:
                break
            page = following.result()
    if page.last and shown is not None and shown[0] not in {begin.size, page.position.size}:
        size, root, note = shown
        reader.agree(replace(begin, size=size, root=root, note=note), page.position)
    if page.last:
        _verify_reports(service, job, reader, page.position)
        _dispute_missing(service, job, totals)


def _withdraw_only(
    service: Service, job: Job, reader: _Reader, page: _Page, until: float, totals: dict[str, int]
) -> None:
    """Apply only withdrawals and disputes up to the feed's end, because the bank is full. The position does
    not advance, so everything is read again once the bank has room."""
    while True:
        changes = peer.changes(page.entries)
        with service.pool.transaction() as connection:
            source = hold_exchange(connection, job)
            entries.lock_registrations(connection, source.bank_id)
            ended = _end_entries(connection, source, changes.withdrawn, changes.disputed)
        totals["withdrawn"] += ended
        if page.last or time.monotonic() > until:
            return
        page = reader.read(page.position)


def _end_entries(
    connection: Connection, source: Source, withdrawn: Sequence[str], disputed: Sequence[str]
) -> int:
    """Apply withdrawals and disputes. Return how many entries are no longer matchable."""
    statuses = listings.save_sources(connection, source.exchange_id, Plan(), withdrawn, disputed)
    _record(connection, source, statuses)
    ended = sum(status != "matchable" for status in statuses.values())
    exchanges.advance(connection, source.exchange_id, {}, added=0, withdrawn=ended, rejected=0)
    return ended


def _verify_reports(service: Service, job: Job, reader: _Reader, position: Position) -> None:
    """Have the peer prove that other readers were shown the same ledger. Raises `_Forked`, `Unavailable`."""
    with service.pool.transaction() as connection:
        reports = peers.reports(connection, job.subject_id, size=position.size, seconds=AWAITED_SECONDS)
    for reporter_id, seen in reports:
        try:
            reader.agree(position, replace(position, size=seen.size, root=seen.root, note=seen.note))
        except _Forked as found:
            raise _Forked(replace(found.fork, reported_by=reporter_id)) from found
        with service.pool.transaction() as connection:
            hold_exchange(connection, job)
            peers.save_checkpoint(connection, str(reader.terms.keys[0]), seen)
            peers.delete_report(connection, job.subject_id, seen)


def _dispute_missing(service: Service, job: Job, totals: dict[str, int]) -> None:
    """Dispute entries whose replacement was announced but not sent, because it may be a withdrawal. They
    match again when the replacement arrives. Raises `Unavailable` (`peer_withholds`)."""
    after, count = None, 0
    while True:
        with service.pool.transaction() as connection:
            missing = peers.missing(
                connection, job.subject_id, seconds=AWAITED_SECONDS, after=after, limit=feed.MOST_ITEMS
            )
            if not missing:
                break
            source = hold_exchange(connection, job)
            entries.lock_registrations(connection, source.bank_id)
            totals["withdrawn"] += _end_entries(connection, source, (), list(map(str, missing)))
        after, count = missing[-1], count + len(missing)
    if count:
        raise PeerWithholds(f"The peer announced replacements of {count} entries and has not sent them.")


def _store_page(service: Service, job: Job, terms: PeerTerms, page: _Page, totals: dict[str, int]) -> None:
    """Store a page and the new position in one commit."""
    position = page.position
    with service.pool.transaction() as connection:
        source = hold_exchange(connection, job)
        key = str(terms.keys[0])
        first = peers.find_checkpoint(connection, key, position.size)
        if first is None:
            # If two workers read at once, the second waits here and sees what the first was shown.
            peers.save_checkpoint(connection, key, Seen(position.size, position.root, position.note))
            first = peers.find_checkpoint(connection, key, position.size)
        if first is not None and first[0] != position.root:
            raise _Forked(Fork("same_size", (first[1], position.note)))
        added, withdrawn = _store_entries(connection, source, terms, page)
        counts = {"added": added, "withdrawn": withdrawn, "rejected": len(page.rejected)}
        arrived = [*(entry.entry_id for entry in page.entries), *filter(None, page.rejected)]
        peers.record_page(connection, job.subject_id, position.page, page.replaced, arrived)
        exchanges.advance(connection, job.subject_id, position.stored(), **counts)
    for name, count in counts.items():
        totals[name] += count


def _store_entries(connection: Connection, source: Source, terms: PeerTerms, page: _Page) -> tuple[int, int]:
    """Store a page's entries. Return how many are new or matchable again, and how many match no longer."""
    if not page.entries:
        return 0, 0
    exchange_id, bank_id = source.exchange_id, source.bank_id
    changes = peer.changes(page.entries)
    rows = [entry.row for entry in changes.matchable if entry.row is not None]
    entries.lock_registrations(connection, bank_id)
    published = peers.published(connection, exchange_id, [entry.entry_id for entry in page.entries])
    plan = Planner(listings.held_media(connection, bank_id, rows)).add(rows)
    require_capacity(connection, bank_id, len(plan.entries))
    local = {entry.entry_id: plan.sources[str(entry.entry_id)][0] for entry in changes.matchable}
    new_tiers = _new_tiers(terms, changes.matchable, local, plan)
    origin = Origin(bank_id, source.created_by, exchange_id=exchange_id)
    statuses = listings.write(connection, origin, plan, tiers=new_tiers)
    existing = frozenset(map(str, published))
    statuses |= listings.save_sources(
        connection, exchange_id, plan, changes.withdrawn, changes.disputed, existing=existing
    )
    if changed := _other_roles(plan, rows):
        again = Planner(listings.held_media(connection, bank_id, changed)).add(changed)
        local |= {UUID(name): entry_id for name, (entry_id, _) in again.sources.items()}
        statuses |= listings.write(connection, origin, again)
        statuses |= listings.save_sources(connection, exchange_id, again, (), existing=again.sources.keys())
    peers.save(connection, exchange_id, page.entries, local, published, leaf_index=page.position.index)
    if terms.tiers:
        touched = {*local.values(), *(row["entry_id"] for row in published.values())} - {None, *new_tiers}
        peers.set_own_tiers(connection, exchange_id, touched, terms.tiers)
    _record(connection, source, statuses)
    after = list(statuses.values())
    return len(plan.entries) + after.count("matchable"), len(after) - after.count("matchable")


def _new_tiers(
    terms: PeerTerms, published: Sequence[FeedEntry], local: Mapping[UUID, UUID], plan: Plan
) -> dict[UUID, Tier]:
    """Return the tiers of new entries that a single item describes. `local`: the entry here of each item."""
    new = {entry.entry_id for entry in plan.entries}
    items = Counter(local.values())
    return {
        entry_id: terms.trusted(entry.tier)
        for entry in published
        if (entry_id := local[entry.entry_id]) in new and items[entry_id] == 1
    }


def _record(connection: Connection, source: Source, statuses: Mapping[UUID, str]) -> None:
    record_statuses(
        connection,
        None,
        statuses,
        organization_id=source.organization_id,
        subject={"exchange_id": source.exchange_id},
    )


def _other_roles(plan: Plan, rows: Sequence[Row]) -> list[Row]:
    """Return the rows whose media change role between fake and original. They fit once the other rows are
    stored and media without a record are removed."""
    lines = {fault.line for fault in plan.faults if fault.code == "role_conflict"}
    return [row for row in rows if row.line in lines]


def _suspend(service: Service, job: Job, found: _Forked) -> None:
    with service.pool.transaction() as connection:
        report_fork(connection, hold_exchange(connection, job), found.fork)


def _not_read(attempt: outbound.Attempt, before: Position) -> Unavailable:
    """Return the error for a peer's response, without any of its text."""
    status = attempt.status
    if status in {401, 403}:
        return ExchangeRefused(
            f"The peer refuses the key ({status}).",
            next_step="Ask its operator for a key with the scope `peer`, and add it again.",
        )
    if status == 404:
        return PeerUnpublished("The peer has no such feed for this key, or does not sign its ledger.")
    if status == 400 and before.size:
        return PeerBehind(f"The peer's ledger has fewer leaves than the {before.size} that it signed before.")
    if attempt.outcome == "address_refused":
        return ExchangeAddressRefused("The peer's address is not public.")
    failure = f"answers {status}" if status else f"cannot be read ({attempt.outcome})"
    return ExchangeUnreachable(f"The peer {failure}.")

"""Read hash exchanges into banks, page through feeds of published banks, and give opinions on entries."""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Final
from uuid import UUID

from registry import jobs
from registry.catalogue import entries
from registry.catalogue.banks.model import TIERS, Tier, rank
from registry.catalogue.entries.errors import UnknownEntry
from registry.catalogue.entries.service.status import record_statuses
from registry.catalogue.fingerprints.model.algorithms import PDQ
from registry.core.audit.service import record_event
from registry.core.database.pool import Connection
from registry.core.errors import BadCursor, BadTime, FakeprintError
from registry.core.service import Service
from registry.identity.callers.model import Caller
from registry.jobs import Job
from registry.matching.lookups.errors import BadHash
from registry.matching.lookups.model import Answer
from registry.matching.lookups.service.answers import answer_md5, answer_sha256
from registry.matching.lookups.service.hashes import answer_hash
from registry.review.opinions.errors import UnknownMatch
from registry.review.opinions.service import give_opinion
from registry.review.queue.schemas import Opinion
from registry.sharing.errors import UnknownFeed
from registry.sharing.federation.model import foreign_feed
from registry.sharing.federation.model.foreign_feed import Change
from registry.sharing.federation.service.forks import compare_notes
from registry.sharing.federation.service.peers import follow_peer
from registry.sharing.federation.service.pull_peer import pull_peer
from registry.sharing.federation.store import foreign_feeds
from registry.sharing.federation.store.foreign_feeds import PublishedBank
from registry.sharing.lists.model.export_lines import Exported, Medium
from registry.sharing.lists.model.listed import Row
from registry.sharing.lists.model.listing import Planner
from registry.sharing.lists.service.imports import BATCH_ROWS, require_capacity
from registry.sharing.lists.store import exports, listings
from registry.sharing.lists.store.listings import Origin
from registry.sharing.sources import model, readers
from registry.sharing.sources import store as exchanges
from registry.sharing.sources.model import Terms
from registry.sharing.sources.readers import Delta
from registry.sharing.sources.service.exchanges import Removed, hold_exchange, open_credentials
from registry.sharing.sources.store import Source


def judge_entry(service: Service, caller: Caller, entry_id: UUID, opinion: Opinion) -> int:
    """Give an opinion on an entry of a feed. Return how many opinions were stored.

    The opinion refers to a lookup of the entry's first hash. Needs `lookup`. Raises as `judge_hash`.
    """
    caller.require("lookup")
    with service.pool.transaction() as connection:
        entries_ = exports.entries(connection, [entry_id])
    signals = foreign_feed.signals(entries_[0]) if entries_ else []
    if not signals:
        raise UnknownEntry("The feed has no hash of that entry.")
    return judge_hash(service, caller, signals[0].value, opinion, only=entry_id)


def judge_hash(
    service: Service, caller: Caller, value: str, opinion: Opinion, *, only: UUID | None = None
) -> int:
    """Give an opinion on the entries that match a hash. Return how many opinions were stored.

    The hash is looked up and the lookup recorded as usual. The opinion refers to its answer, so it covers
    only entries that the caller may see. `only`: give the opinion on this entry alone. Needs `lookup`.

    Raises `BadInput` (`bad_hash`), `NotFound` (`unknown_match`) if nothing matches.
    """
    caller.require("lookup")
    answer = _answer(service, caller, value)
    entries = dict.fromkeys(UUID(match["entry_id"]) for match in answer["matches"] if match["entry_id"])
    judged = [entry for entry in entries if only in {None, entry}]
    if not judged:
        raise UnknownMatch("No match that you may see has that hash.")
    for entry_id in judged:
        give_opinion(service, caller, UUID(answer["lookup_id"]), entry_id=entry_id, opinion=opinion)
    return len(judged)


def _answer(service: Service, caller: Caller, value: str) -> Answer:
    """Look up a hash of 32 hex digits as MD5, and one of 64 as SHA-256, then as PDQ."""
    if len(value) == 32:
        return answer_md5(service, caller, value)
    if len(value) != 64:
        raise BadHash("A hash has 64 hex digits, or 32.")
    exact = answer_sha256(service, caller, value)
    return exact if exact["matches"] else answer_hash(service, caller, PDQ.name, value)


MOST = 1000
"""Maximum entries of a page."""


@dataclass(frozen=True, slots=True)
class Changes:
    """A page of changes.

    `still`: hashes of ended entries that other entries of the feed still contain. `owner`, `source`: number
    and name of the organization that publishes. `after`: cursor of the next page; None: this is the last.
    """

    changes: tuple[Change, ...]
    still: frozenset[str]
    owner: int
    source: str
    after: str | None


def read_changes(
    service: Service, caller: Caller, group: int, *, since: int, after: str | None, limit: int
) -> Changes:
    """Return the entries of a published bank that changed at or after `since` (seconds since 1970).

    Each entry occurs once, in the order of changes. `group`: the bank's number
    (`sharing.federation.model.foreign_feed.number`).

    Needs the scope `peer`, and a bank that the caller's organization may see. Unreviewed entries are left
    out. Raises `NotFound` (`unknown_feed`), `BadInput` (`bad_cursor`, `bad_time`).
    """
    caller.require("peer")
    position = _place(after)
    since_time = _moment(since)
    limit = max(1, min(limit, MOST))
    with service.pool.transaction() as connection:
        bank = _bank(connection, caller, group)
        rows = foreign_feeds.page(connection, bank.bank_id, since=since_time, after=position, limit=limit + 1)
        listed, more = rows[:limit], len(rows) > limit
        lowest = _least(bank.answer_tier)
        live = {row.entry_id: foreign_feed.live(row.status, row.tier, least=lowest) for row in listed}
        entries = {entry.entry_id: entry for entry in exports.entries(connection, list(live))}
        media = exports.media(connection, [entry_id for entry_id, is_live in live.items() if not is_live])
        changes = tuple(
            Change(_with(entries[row.entry_id], media), live[row.entry_id], row.made_at)
            for row in listed
            if row.said
        )
        ended = [
            signal for change in changes if not change.live for signal in foreign_feed.signals(change.entry)
        ]
        tiers = [tier for tier in TIERS if rank(tier) >= rank(lowest)]
        remaining = foreign_feeds.still(connection, bank.bank_id, ended, tiers) if ended else frozenset()
    cursor_ = f"{listed[-1].page_no}.{listed[-1].position}" if more else None
    return Changes(changes, remaining, foreign_feed.number(bank.organization_id), bank.organization, cursor_)


def require_feed(service: Service, caller: Caller, group: int) -> None:
    """Raise `NotFound` (`unknown_feed`) if `read_changes` would. Needs the scope `peer`."""
    caller.require("peer")
    with service.pool.transaction() as connection:
        _bank(connection, caller, group)


def _bank(connection: Connection, caller: Caller, group: int) -> PublishedBank:
    with suppress(ValueError):
        if bank := foreign_feeds.bank(connection, caller.organization_id, foreign_feed.numbered(group)):
            return bank
    raise UnknownFeed(
        "There is no feed of that number.",
        next_step="GET `threat_privacy_groups_member` lists the feeds that you may read.",
    )


def find_entry(service: Service, caller: Caller, number: int) -> UUID:
    """Return the entry with the number of a descriptor. Raises `NotFound` (`unknown_entry`)."""
    caller.require("peer")
    try:
        span = foreign_feed.numbered(number)
    except ValueError:
        span = None
    with service.pool.transaction() as connection:
        entry_id = foreign_feeds.entry(connection, caller.organization_id, span) if span else None
    if entry_id is None:
        raise UnknownEntry("No entry of a feed has that number.")
    return entry_id


def _with(entry: Exported, media: Mapping[UUID, Sequence[Medium]]) -> Exported:
    """Return an ended entry with the media that the feed listed for it."""
    return replace(entry, media=media[entry.entry_id]) if entry.entry_id in media else entry


def _least(answer_tier: Tier | None) -> Tier:
    return max(foreign_feed.LEAST, answer_tier or foreign_feed.LEAST, key=rank)


def _place(after: str | None) -> tuple[int, int]:
    if not after:
        return (0, -1)
    page_no, dot, position = after.partition(".")
    if not (dot and page_no.isdecimal() and position.isdecimal() and len(after) <= 20):
        raise BadCursor("The cursor is not one of this feed.", next_step="Start again without a cursor.")
    return min(int(page_no), 2**31 - 1), min(int(position), 2**15 - 1)


def _moment(since: int) -> datetime:
    try:
        return datetime.fromtimestamp(since, UTC)
    except (OverflowError, OSError, ValueError):
        raise BadTime("A time is in seconds since 1970.") from None


log = logging.getLogger(__name__)

_PAGE: Final = 1000


def fetch_exchange(service: Service, job: Job, progress: Callable[[float], None]) -> None:
    """Read an exchange from its checkpoint to its end.

    An error is stored with the exchange. What was read before it is kept, and the next reading continues
    there. Raises `Conflict` (`lease_lost`) if another worker has the job.
    """
    totals = {"added": 0, "withdrawn": 0, "rejected": 0}
    failure: FakeprintError | None = None
    active = True
    try:
        _read(service, job, progress, totals)
    except Removed:
        log.info("exchange was removed or suspended")
        active = False
    except FakeprintError as error:
        if error.code == "lease_lost":
            raise
        failure = error
    with service.pool.transaction() as connection:
        source = exchanges.lock(connection, job.subject_id)
        jobs.hold(connection, job)
        jobs.finish(connection, job)
        if source is None:
            return
        code, message = (failure.code, failure.message) if failure else (None, None)
        if active:
            exchanges.record_end(connection, job.subject_id, code=code, message=message)
        if any(totals.values()):
            record_event(
                connection,
                None,
                "import.finished",
                organization_id=source.organization_id,
                subject={"exchange_id": job.subject_id, "bank_id": source.bank_id},
                said=totals,
            )
    if failure is not None:
        log.warning("exchange not read: %s", failure.code)


def _read(service: Service, job: Job, progress: Callable[[float], None], totals: dict[str, int]) -> None:
    with service.pool.transaction() as connection:
        source = exchanges.lock(connection, job.subject_id)
    if source is None or source.state != "active" or not source.open:
        raise Removed
    if source.kind == "registry":
        pull_peer(service, job, source, progress, totals)
        follow_peer(service, source)
        compare_notes(service, source)
        return
    settings = service.settings
    folder = Path(settings.exchange_files) if settings.exchange_files else None
    reading = readers.read(
        _terms(service, source), source.checkpoint, private=settings.exchange_private, folder=folder
    )
    names: set[str] = set()
    for number, delta in enumerate(reading.deltas):
        progress(1 - 1 / (number + 2))
        if reading.whole:
            names |= {row.source_key for row in delta.rows if row.source_key is not None}
        _apply(service, job, delta, totals)
    if reading.whole:
        _drop_unseen(service, job, names, totals)


def _terms(service: Service, source: Source) -> Terms:
    secret = open_credentials(service, source)
    address = secret.pop(model.ADDRESS, source.address)
    return model.terms(source.kind, address, source.options, secret, private=True)


def _apply(service: Service, job: Job, delta: Delta, totals: dict[str, int]) -> None:
    """Store changes in commits of at most `BATCH_ROWS` rows. The last commit contains the checkpoint."""
    stretches: list[Sequence[Row]] = [
        delta.rows[start : start + BATCH_ROWS] for start in range(0, len(delta.rows), BATCH_ROWS)
    ] or [()]
    for index, rows in enumerate(stretches):
        last = index == len(stretches) - 1
        with service.pool.transaction() as connection:
            source = hold_exchange(connection, job)
            added, withdrawn = _store(connection, source, rows, delta.withdrawn if last else ())
            rejected = len(delta.faults) if last else 0
            exchanges.advance(
                connection,
                job.subject_id,
                delta.checkpoint if last else {},
                added=added,
                withdrawn=withdrawn,
                rejected=rejected,
            )
        for name, count in (("added", added), ("withdrawn", withdrawn), ("rejected", rejected)):
            totals[name] += count


def _store(
    connection: Connection, source: Source, rows: Sequence[Row], withdrawn: Sequence[str]
) -> tuple[int, int]:
    """Store rows and withdrawals. Return how many entries are new or matchable again, and how many were
    withdrawn."""
    if not rows and not withdrawn:
        return 0, 0
    entries.lock_registrations(connection, source.bank_id)
    plan = Planner(listings.held_media(connection, source.bank_id, rows)).add(rows)
    require_capacity(connection, source.bank_id, len(plan.entries))
    origin = Origin(source.bank_id, source.created_by, exchange_id=source.exchange_id)
    statuses = listings.write(connection, origin, plan)
    statuses |= listings.save_sources(connection, source.exchange_id, plan, withdrawn)
    record_statuses(
        connection,
        None,
        statuses,
        organization_id=source.organization_id,
        subject={"exchange_id": source.exchange_id},
    )
    after = list(statuses.values())
    return len(plan.entries) + after.count("matchable"), after.count("withdrawn")


def _drop_unseen(service: Service, job: Job, names: set[str], totals: dict[str, int]) -> None:
    """Withdraw the records that a complete reading did not contain."""
    after = ""
    while True:
        with service.pool.transaction() as connection:
            source = hold_exchange(connection, job)
            page = listings.source_keys(connection, job.subject_id, after=after, limit=_PAGE)
            unseen = [key for key in page if key not in names]
            _, withdrawn = _store(connection, source, (), unseen)
            exchanges.advance(connection, job.subject_id, {}, added=0, withdrawn=withdrawn, rejected=0)
        totals["withdrawn"] += withdrawn
        if len(page) < _PAGE:
            return
        after = page[-1]

"""Find, store, recompute and show entries with the same footage."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from registry import jobs
from registry.catalogue import entries, fingerprints
from registry.catalogue.entries.model.entry import Candidate, Manipulation, Policy, Query
from registry.catalogue.entries.service.visibility import find_entry, hidden_cases, own_entry
from registry.catalogue.fingerprints.model import mirroring, timeline
from registry.catalogue.fingerprints.model.fingerprint import Fingerprint
from registry.catalogue.fingerprints.model.sounds import Sounds
from registry.catalogue.previews.schemas import PreviewsOriginal
from registry.core import cursor
from registry.core.database.pool import Connection
from registry.core.errors import BadMedia, Unavailable
from registry.core.service import Service
from registry.identity.callers.model import Caller
from registry.jobs import Job
from registry.jobs.service.queue import wake_workers
from registry.lineage.model import related as rules
from registry.lineage.model.opposite import other_side
from registry.lineage.model.related import MODEL, End, Link, Medium
from registry.lineage.schemas import RelatedEntry, RelatedPage, RelatedSpan, Relinked
from registry.lineage.store import lineage, related
from registry.lineage.store.lineage import Pair
from registry.lineage.store.related import Place, Reader, Waiting
from registry.matching import candidates, lookups
from registry.matching.alignment.model.align import Span
from registry.matching.decision.model.confidence import rounded
from registry.matching.lookups.errors import LookupFailed, UnknownLookup
from registry.matching.lookups.service.pipeline import probe
from registry.matching.lookups.service.records import get_lookup


def seek_relatives(connection: Connection, asset_id: UUID) -> None:
    """Enqueue jobs for the entries of the asset that `entries.settle` opened in this transaction.

    Call `wake_workers` after the commit.
    """
    for entry_id in related.opened(connection, asset_id):
        jobs.enqueue(connection, "relate_entry", entry_id)


MOST_PAIRS: Final = 200
"""Most pairs of an entry that are aligned. Of more, the first ones."""


def derive_media(
    service: Service, job: Job, changed: Collection[UUID], manipulation: Manipulation | None
) -> None:
    """Align the pairs of a fake and an original of the job's entry of which either is among `changed`.

    Each pair has its own commit, and repeating it replaces the result. Raises `Conflict` (`lease_lost`).
    """
    entry_id = job.subject_id
    with service.pool.transaction() as connection:
        pairs = lineage.pairs(connection, entry_id, most=MOST_PAIRS)
    for pair in pairs:
        if pair.fake_id not in changed and pair.original_id not in changed:
            continue
        with service.pool.transaction() as connection:
            fake = fingerprints.read(connection, pair.fake_id, frames=candidates.FRAMES)
            original = fingerprints.read(connection, pair.original_id, frames=candidates.FRAMES)
        derivation = None
        if fake is not None and original is not None:
            derivation = _derived(entry_id, pair, (fake, original), manipulation)
        with service.pool.transaction() as connection:
            jobs.hold(connection, job)
            lineage.replace(connection, entry_id, pair, derivation, model=rules.MODEL)


def _derived(
    entry_id: UUID, pair: Pair, both: tuple[Fingerprint, Fingerprint], manipulation: Manipulation | None
) -> Link | None:
    """Align the pictures of a fake and its original, or their sounds where either has no pictures."""
    fake, original = both
    end = End(entry_id, pair.fake_id, "fake")
    if not fake.frames or not original.frames:
        other = End(entry_id, pair.original_id, "original")
        return rules.align_sounds(end, other, Sounds.of(fake), Sounds.of(original))
    both_orientations = mirroring.with_mirror(fake)
    query = Query.of(both_orientations, *timeline.of_fingerprint(both_orientations))
    candidate = _candidate(entry_id, pair.original_id, original, manipulation)
    return rules.align_with_original(Medium(end, manipulation, query), candidate)


def _candidate(
    entry_id: UUID, asset_id: UUID, stored: Fingerprint, manipulation: Manipulation | None
) -> Candidate:
    frames, faces = timeline.of_fingerprint(stored)
    return Candidate(
        asset_id=asset_id,
        entry_id=entry_id,
        role="original",
        sha256=stored.media.sha256,
        kind=stored.media.kind,
        duration=stored.media.duration,
        title="",
        bank="",
        tier="unreviewed",
        original_tier="unreviewed",
        manipulation=manipulation,
        own=True,
        policy=Policy(),
        references=(),
        frames=frames,
        faces=faces,
    )


def find_original(
    connection: Connection, entry_id: UUID, asset_id: UUID, at: Sequence[float]
) -> PreviewsOriginal | None:
    """Return the original of the entry that shows most of these instants of a fake, and where it shows
    them."""
    media = lineage.media(connection, entry_id)
    pictured = [row for row in media if row["matchable_at"] is not None and row["kind"] != "audio"]
    durations = {row["asset_id"]: row["duration"] or 0.0 for row in pictured}
    best: tuple[int, UUID, list[float | None]] | None = None
    for row in lineage.derivations(connection, entry_id):
        if row["fake_id"] != asset_id or row["original_id"] not in durations:
            continue
        instants = [other_side(row["spans"], second) for second in at]
        instants = [
            None if instant is None else round(min(instant, durations[row["original_id"]]), 3)
            for instant in instants
        ]
        count = sum(instant is not None for instant in instants)
        if count and (best is None or count > best[0]):
            best = count, row["original_id"], instants
    return None if best is None else PreviewsOriginal(asset_id=str(best[1]), at=best[2])


TOLD: Final = ("entry_id", "title", "bank", "relation")
"""Fields of other organizations' entries that a caller without the role `lookup` sees."""


@dataclass(frozen=True, slots=True)
class Near:
    """Matches of a lookup before registration, in the form of a lookup's answer.

    `waits`: no worker has answered yet. `unlooked`: the lookup failed, so it is unknown whether near entries
    exist.
    """

    matches: tuple[Mapping[str, Any], ...] = ()
    waits: bool = False
    unlooked: bool = False


def asking(caller: Caller) -> Caller:
    """Return the caller to use for a lookup before registration. It need not have the role `lookup`.

    The lookup is recorded and counted as the caller's. Only `find_near` shows its answer. Needs `register`.
    Raises `Forbidden`.
    """
    caller.require("register")
    return caller if "lookup" in caller.roles else replace(caller, roles=frozenset({"lookup"}))


def find_near(service: Service, caller: Caller, lookup_id: UUID) -> Near:
    """Return the matches of the caller's own lookup of a file, before registering the file. Needs `register`.

    With the role `lookup`: the whole answer, except private intake cases that the caller may not see. Without
    it: no more than `list_entries` and the `duplicates` of `register_entry` show anyway. These are entries of
    its own organization, without signals and enrolled persons, and id, title and bank of other organizations'
    entries, in banks that answer the caller, that hold the identical file as a fake. An unreadable file gives
    no matches; the registration reports the error.

    Raises `NotFound` (`unknown_lookup`), also for a lookup of another caller.
    """
    asker = asking(caller)
    with service.pool.transaction() as connection:
        recorded = lookups.caller_of_lookup(connection, lookup_id)
    if recorded is None or recorded[0].caller_id != caller.caller_id:
        raise UnknownLookup(f"There is no lookup {lookup_id} of yours.")
    try:
        answer = get_lookup(service, asker, lookup_id)
    except BadMedia:
        return Near()
    except (LookupFailed, Unavailable):
        return Near(unlooked=True)
    if answer is None:
        return Near(waits=True)
    matches: list[Mapping[str, Any]] = [match for match in answer["matches"] if match["entry_id"]]
    hidden = hidden_cases(service, caller, [UUID(match["entry_id"]) for match in matches])
    matches = [match for match in matches if UUID(match["entry_id"]) not in hidden]
    if "lookup" not in caller.roles:
        matches = _readable(service, caller, matches)
    return Near(tuple(matches))


def _readable(service: Service, caller: Caller, matches: list[Mapping[str, Any]]) -> list[Mapping[str, Any]]:
    ids = [UUID(match["entry_id"]) for match in matches]
    with service.pool.transaction() as connection:
        own = entries.owned_by(connection, caller.organization_id, ids, cases=caller.sees_cases)
    readable: list[Mapping[str, Any]] = []
    for match in matches:
        if UUID(match["entry_id"]) in own:
            readable.append({**match, "signals": None})
        elif match.get("exact") and match["relation"] != "original":
            readable.append({name: match[name] for name in TOLD})
    return readable


MOST_IN_FAMILY: Final = 500
"""Most entries that are linked with a medium when it is searched. Later entries find it themselves."""


def relate_entry(service: Service, job: Job, progress: Callable[[float], None]) -> None:
    """Search relatives of each medium of the entry that was not searched yet, and store the links.

    Links are stored whoever owns the other entry; visibility is checked when they are read. Each medium has
    its own commit, so a repeated job continues. Does nothing if the entry is not matchable or is gone. Raises
    `Conflict` (`lease_lost`) if another worker has the job.
    """
    with service.pool.transaction() as connection:
        waiting = related.waiting(connection, job.subject_id, model=rules.MODEL)
    for number, medium in enumerate(waiting):
        progress(number / len(waiting))
        links = _links(service, medium)
        with service.pool.transaction() as connection:
            related.take_turns(connection)
            jobs.hold(connection, job)
            related.replace(connection, medium, links, model=rules.MODEL)
    if waiting:
        derive_media(service, job, [medium.end.asset_id for medium in waiting], waiting[0].manipulation)
    with service.pool.transaction() as connection:
        related.lock(connection, job.subject_id)
        jobs.hold(connection, job)
        jobs.finish(connection, job)
        # Media that opened meanwhile found this job open and enqueued no other.
        if related.waiting(connection, job.subject_id, model=rules.MODEL):
            jobs.enqueue(connection, "relate_entry", job.subject_id)
    wake_workers(service)


def _links(service: Service, waiting: Waiting) -> list[Link]:
    """Return the links of a medium. Fetches candidates until there are no more, or none of them is linked."""
    with service.pool.transaction() as connection:
        stored = fingerprints.read(connection, waiting.end.asset_id, frames=candidates.FRAMES)
    if stored is None or not stored.frames:
        return []
    both_orientations = mirroring.with_mirror(stored)
    medium = _medium(waiting, both_orientations)
    # Fetch all candidates with the footage, not only the most certain ones first.
    surest = probe(both_orientations)
    all_values = replace(surest, first=(), phash256=[*surest.first, *surest.phash256])
    searched = {waiting.end.entry_id}
    links_found: list[Link] = []
    while len(searched) <= MOST_IN_FAMILY:
        with service.pool.transaction() as connection:
            proposed = candidates.propose(
                connection, all_values, organization_id=None, bank_id=None, without=list(searched)
            )
        links = rules.links(medium, proposed)
        links_found += links
        entries = {candidate.entry_id for candidate in proposed}
        if not links or len(entries) < candidates.TRUSTED:
            break
        searched |= entries
    return links_found


def _medium(waiting: Waiting, fingerprint: Fingerprint) -> Medium:
    frames, faces = timeline.of_fingerprint(fingerprint)
    return Medium(waiting.end, waiting.manipulation, Query.of(fingerprint, frames, faces))


OPEN: Final = 50
"""Most open jobs before more are enqueued. New registrations must not wait behind thousands of jobs."""
REST_SECONDS: Final = 24 * 3600.0
"""Seconds before an entry whose job has failed is tried again."""


def relate_backlog(service: Service) -> int:
    """Enqueue jobs for a batch of entries that wait, and return their number. Call again for the next
    batch."""
    with service.pool.transaction() as connection:
        entry_ids = related.backlog(connection, most=OPEN, rest=REST_SECONDS)
        for entry_id in entry_ids:
            jobs.enqueue(connection, "relate_entry", entry_id)
    return len(entry_ids)


MOST_AT_ONCE: Final = 1000
"""Media marked in one call: about as many as are searched in the minute until the next call."""


def outdate_relatives(service: Service) -> int:
    """Mark a batch of media that were searched by rules other than `lineage.model.related.MODEL`. Returns
    their number.

    Their present links stay until they are searched again.
    """
    with service.pool.transaction() as connection:
        return entries.outdate_relatives(connection, model=MODEL, most=MOST_AT_ONCE)


def relink_entries(service: Service, caller: Caller, entry_ids: Sequence[UUID] | None) -> Relinked:
    """Request a new search for these entries at once, or for all of the caller's organization. Needs `admin`.

    For all (None), the sweeper enqueues them in batches. Present links stay meanwhile. Returns `entries`, the
    number of entries concerned; entries that are not matchable are left out.

    Raises `Forbidden`, also (`foreign_bank`), `NotFound` (`unknown_entry`).
    """
    caller.require("admin")
    with service.pool.transaction() as connection:
        for entry_id in entry_ids or ():
            own_entry(connection, caller, entry_id)
        relinked = entries.ask_for_relatives(connection, caller.organization_id, entry_ids)
        if entry_ids is not None:
            for entry_id in relinked:
                jobs.enqueue(connection, "relate_entry", entry_id)
    wake_workers(service)
    return Relinked(entries=len(relinked))


def get_related(
    service: Service, caller: Caller, entry_id: UUID, *, limit: int = 50, after: str | None = None
) -> RelatedPage:
    """Return the relatives of an entry that the caller may see, newest first.

    Relatives are entries with the same footage and, with the scope `faces`, with the same enrolled person.
    `next` continues after this page. `count`: number of related entries in all. `pending`: the search is not
    done yet, or not since a change. Without the scope `signals`, scores are multiples of 0.05.

    Raises `NotFound` (`unknown_entry`), `BadInput` (`bad_cursor`).
    """
    position = _decode(after) if after else None
    with service.pool.transaction() as connection:
        find_entry(connection, caller, entry_id)
        pending = related.pending(connection, entry_id, model=MODEL)
        reader = Reader(caller.organization_id, caller.searches_faces, caller.sees_cases)
        count = related.count(connection, reader, entry_id)
        rows = related.page(connection, reader, entry_id, after=position, limit=limit + 1)
    more = len(rows) > limit
    rows = rows[:limit]
    return RelatedPage(
        entry_id=str(entry_id),
        pending=pending,
        count=count,
        related=[_shape(row, coarse=not caller.sees_signals) for row in rows],
        next=_encode(rows[-1]) if more else None,
    )


def _shape(row: dict[str, Any], *, coarse: bool) -> RelatedEntry:
    score = row["score"]
    if score is not None:
        score = rounded(score) if coarse else round(score, 3)
    spans = [_span(span) for span in row["spans"]]
    return RelatedEntry.model_validate(
        row | {"score": score, "persons": row["persons"] or [], "spans": spans}
    )


def _span(span: Span) -> RelatedSpan:
    return RelatedSpan(entry=span.query, related=span.asset, speed=span.speed, mirrored=span.mirrored)


def _encode(row: dict[str, Any]) -> str:
    return cursor.encode(row["created_at"].isoformat(), row["entry_id"], row["kind"])


def _decode(text: str) -> Place:
    at, entry_id, kind = cursor.decode(text, words=3)
    try:
        return Place(datetime.fromisoformat(at), UUID(entry_id), kind)
    except ValueError as error:
        raise cursor.refused() from error

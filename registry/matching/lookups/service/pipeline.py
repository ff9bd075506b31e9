"""Steps of a lookup, from the query to the recorded answer.

look_up ── answer ── propose ── decide ── answer_json.body_of ── record
           │         │          │         │                └ records.record_lookups
           │         │          │         └ the answer as JSON
           │         │          └ candidates are aligned and decided: matching.decision
           │         └ SQL finds media that may match: matching.candidates
           └ one read transaction, of the primary or a replica
"""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass, replace
from uuid import UUID

from registry.catalogue import media
from registry.catalogue.banks.service.banks import find_bank
from registry.catalogue.entries.model.entry import Candidate, Query, is_partial
from registry.catalogue.fingerprints.model import reframed, timeline
from registry.catalogue.fingerprints.model.fingerprint import Fingerprint
from registry.catalogue.fingerprints.model.whole_file import CodeQuery, WholeFile, is_telling
from registry.catalogue.provenance.model.provenance import Manifest
from registry.core.database.pool import Connection
from registry.core.database.replicas import Source
from registry.core.errors import NotSettled
from registry.core.identifiers import time_ordered_id
from registry.core.service import Service
from registry.identity.callers.model import Caller
from registry.matching.candidates.model import probes
from registry.matching.candidates.service import find_audio_candidates, find_whole_files
from registry.matching.candidates.store import candidates
from registry.matching.candidates.store.candidates import Probe
from registry.matching.candidates.store.near import PostgresIndex
from registry.matching.decision.model import decision, keyframe_answers, rollout
from registry.matching.decision.model.checked import InputKind
from registry.matching.decision.model.keyframe_answers import Effort, Unsettled
from registry.matching.lookups.model import Answer, Origin
from registry.matching.lookups.service.answer_json import body_of, hold_back, mark_as_of, undecidable
from registry.matching.lookups.service.records import record_lookups
from registry.matching.lookups.service.visibility import tell_origins
from registry.matching.watches.model import NewWatch
from registry.matching.watches.service.watches import Note, watching


@dataclass(frozen=True, slots=True)
class Lookup:
    """A query and its caller. `input_kind`: the input that the fingerprint was made from."""

    caller: Caller
    fingerprint: Fingerprint
    input_kind: InputKind
    sha256: str | None = None
    """SHA-256 of the file; None for a hash alone."""
    md5: bytes | None = None
    """If set, registered files are found by this MD5 instead of the fingerprint."""
    file_value: WholeFile | CodeQuery | None = None
    """If set, registered files are found by this value of a whole file instead of the fingerprint."""
    bank: str | UUID | None = None
    """The only bank to search; None: all banks that answer this caller."""
    exact: bool = False
    """Compare with every stored hash and vector, so that none is missed."""
    whole: bool = False
    """Banks of the caller's organization that answer a share of lookups answer this one."""
    notes: Sequence[str] = ()
    """Notes to add to those of the fingerprint."""
    manifest: Manifest | None = None
    """C2PA manifest of the file."""
    watch_days: int | None = None
    """Days for which the query is answered again when similar media are registered."""
    effort: Effort = "standard"


@dataclass(frozen=True, slots=True)
class Proposed:
    """Candidates, and the times (`time.perf_counter`) when the search for them started and ended."""

    candidates: list[Candidate]
    started: float
    fetched: float


def look_up(service: Service, lookup: Lookup) -> Answer:
    """Answer with every signal and record the lookup. The query's fingerprint is kept only if it is watched.

    Raises as `answer`, `BadInput` (`watch_too_long`), and `NotSettled` for a fingerprint of keyframes that do
    not decide.
    """
    if lookup.watch_days is None:
        return _answer_and_record(service, lookup, note=None)
    watch = NewWatch(
        time_ordered_id(),
        lookup.fingerprint,
        lookup.input_kind,
        lookup.sha256,
        lookup.bank,
        lookup.watch_days,
    )
    with watching(service, lookup.caller, watch) as note:
        return _answer_and_record(replace(service, replicas=None), lookup, note=note)


@dataclass(frozen=True, slots=True)
class Answered:
    """An answer with every signal, not recorded, and the one bank searched."""

    body: Answer
    bank_id: UUID | None


def answer(service: Service, lookup: Lookup) -> Answered | Unsettled:
    """Answer without recording. `Unsettled`: the fingerprint holds keyframes, and they do not decide.

    Raises `NotFound` (`unknown_bank`), `Conflict` (`ambiguous_bank`).
    """
    started = time.perf_counter()

    def read(source: Source) -> Answered | Unsettled:
        with source.transaction() as connection:
            bank = find_bank(connection, lookup.caller, lookup.bank)
            bank_id = bank.bank_id if bank else None
            body = decide(lookup, propose(connection, lookup, bank_id, started))
            if isinstance(body, Unsettled):
                return body
            tell_origins(connection, [body], lookup.manifest)
        return Answered(mark_as_of(body, source), bank_id)

    return service.read(read, lookup.caller.organization_id)


def _answer_and_record(service: Service, lookup: Lookup, *, note: Note | None) -> Answer:
    answered = answer(service, lookup)
    if isinstance(answered, Unsettled):
        raise NotSettled("The file's keyframes do not settle the lookup.", wanted=answered.wanted)
    body = answered.body
    body["notes"] += lookup.notes
    if lookup.file_value is not None or lookup.input_kind in {"sha256", "md5"}:
        body["scope"], body["notes"] = "whole_file" if lookup.file_value is not None else "exact_only", []
        says_little = isinstance(lookup.file_value, WholeFile) and not is_telling(
            lookup.file_value.videohash or b""
        )
        if body["verdict"] == "undecidable" and not says_little:
            body["verdict"], body["reasons"] = "no_match", []
    if note is not None:
        note(body)
    sha256 = None if lookup.md5 or lookup.file_value else lookup.sha256
    record_lookups(
        service, [body], Origin(lookup.caller.caller_id, lookup.input_kind, answered.bank_id, sha256)
    )
    return body


def propose(connection: Connection, lookup: Lookup, bank_id: UUID | None, started: float) -> Proposed:
    """Find media that may match, including those with the same sound or MD5."""
    if lookup.file_value is not None:
        return _propose_whole_files(connection, lookup, lookup.file_value, bank_id, started)
    if lookup.md5 is None:
        preselected = find_audio_candidates(connection, lookup.caller, lookup.fingerprint, bank_id)
        values = replace(probe(lookup.fingerprint), sha256=lookup.sha256, preselected=preselected)
    else:
        preselected = media.by_md5(connection, lookup.md5)
        values = Probe([], [], [], lookup.sha256, preselected=preselected)
    index = PostgresIndex(connection, exact=True) if lookup.exact else None
    proposed = candidates.propose(
        connection, values, organization_id=lookup.caller.organization_id, bank_id=bank_id, index=index
    )
    fetched = time.perf_counter()
    if lookup.md5 is not None:
        sha256 = lookup.fingerprint.media.sha256
        proposed = [
            replace(candidate, sha256=sha256) if candidate.asset_id in preselected else candidate
            for candidate in proposed
        ]
    return Proposed(proposed, started, fetched)


def _propose_whole_files(
    connection: Connection, lookup: Lookup, query: WholeFile | CodeQuery, bank_id: UUID | None, started: float
) -> Proposed:
    """Find media by a value of the whole file. A file that it identifies gets the query's digest."""
    near = find_whole_files(connection, lookup.caller, query, bank_id)
    values = Probe([], [], [], None, preselected=list(near))
    organization_id = lookup.caller.organization_id
    proposed = candidates.propose(connection, values, organization_id=organization_id, bank_id=bank_id)
    fetched = time.perf_counter()
    found = []
    for candidate in proposed:
        match = near.get(candidate.asset_id)
        sha256 = lookup.fingerprint.media.sha256 if match is not None and match.exact else candidate.sha256
        found.append(replace(candidate, whole=match, sha256=sha256))
    return Proposed(found, started, fetched)


def decide(lookup: Lookup, proposed: Proposed) -> Answer | Unsettled:
    """Decide about the candidates by the rules of `matching.decision`, and return the answer's JSON."""
    fingerprint = reframed.settled(
        lookup.fingerprint, [candidate.frames for candidate in proposed.candidates]
    )
    query = replace(Query.of(fingerprint, *timeline.of_fingerprint(fingerprint)), sha256=lookup.sha256)
    query_bytes = rollout.query_bytes(fingerprint, lookup.sha256)
    split = rollout.split(proposed.candidates, proposed.candidates, query_bytes)
    if lookup.whole:
        split = rollout.Split(split.whole, split.whole)
    if not fingerprint.frames:
        query = _as_long(query, split.answering)
    decided = decision.decide(query, split.answering, undecidable=undecidable(fingerprint))
    if is_partial(fingerprint):
        # Who wants the least effort misses only what resembles nothing at all.
        effort = "standard" if lookup.effort == "quick" and split.whole else lookup.effort
        needed = keyframe_answers.needed(query, decided, seen=bool(fingerprint.frames), effort=effort)
        if needed != "nothing":
            return Unsettled(needed)
    body = body_of(fingerprint, lookup.input_kind, query, decided, proposed.started, proposed.fetched)
    if split.withholds:
        whole = decision.decide(query, split.whole, undecidable=undecidable(fingerprint))
        hold_back(body, rollout.withheld(decided, whole, query_bytes))
    return body


def _as_long(query: Query, proposed: Sequence[Candidate]) -> Query:
    """Take kind and duration from the asset with the same digest: a digest alone does not tell them."""
    for candidate in proposed:
        if candidate.sha256 == query.sha256:
            return replace(query, kind=candidate.kind, duration=candidate.duration)
    return query


def probe(fingerprint: Fingerprint) -> Probe:
    """Choose the few frames of a query that the database searches candidates for."""
    values = probes.choose_values(fingerprint.informative(), fingerprint.media.duration)
    return Probe(
        phash256=list(values.phash256),
        pdq=list(values.pdq),
        sscd=[value for value, _ in values.sscd],
        sha256=fingerprint.media.sha256,
        sounds=fingerprint.audio is not None or fingerprint.peaks is not None,
        first=values.first,
        phash256_at=list(values.phash256.values()),
        pdq_at=list(values.pdq.values()),
        sscd_at=[place for _, place in values.sscd],
        model=fingerprint.model,
        mosaics=bool(fingerprint.mosaics),
    )

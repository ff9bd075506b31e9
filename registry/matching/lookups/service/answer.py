"""Answer a query: candidates from the database, the decision from the domain, the answer as JSON."""

from __future__ import annotations

import time
from collections.abc import Collection, Iterable, Sequence
from dataclasses import replace
from typing import Any, Final
from uuid import UUID, uuid4

from registry.catalogue.banks.service.banks import find_bank
from registry.catalogue.entries.model.entry import KEYFRAMES, Candidate, Query, is_partial
from registry.catalogue.entries.model.verdict import Verdict
from registry.catalogue.fingerprints.model import reframed, timeline
from registry.catalogue.fingerprints.model.fingerprint import Fingerprint
from registry.catalogue.provenance.model.provenance import Manifest
from registry.core.database.pool import Connection
from registry.core.database.replicas import Source
from registry.core.errors import NotSettled
from registry.core.service import Service
from registry.identity.callers.model import Caller
from registry.matching.alignment.model import soundtrack
from registry.matching.candidates.model import probes
from registry.matching.candidates.service import hear
from registry.matching.candidates.store import candidates
from registry.matching.candidates.store.candidates import Probe
from registry.matching.decision.model import checked, decision, keyframe_answers, recommended_action, rollout
from registry.matching.decision.model.checked import Given
from registry.matching.decision.model.decision import Decision, Ruling
from registry.matching.decision.model.rollout import Withheld
from registry.matching.lookups.service.records import record_lookups
from registry.matching.lookups.service.visibility import tell_origins
from registry.matching.watches.service.watches import Note, watching

MODEL: Final = "rules-1"
"""Names the rules and the calibration that gave an answer."""


def answer(
    service: Service,
    caller: Caller,
    fingerprint: Fingerprint,
    *,
    bank: str | UUID | None,
    given: Given,
    sha256: str | None,
    exact: bool = False,
    manifest: Manifest | None = None,
) -> tuple[dict[str, Any], UUID | None]:
    """The answer with every signal, and the id of the one bank asked. `manifest`: the file's, as C2PA has it.
    `given`: what the fingerprint was made from.

    `sha256`: the file's, where there is one; None for a hash alone. `exact`: as for `candidates.propose`.
    Raises `NotFound` (`unknown_bank`), `Conflict` (`ambiguous_bank`), `NotSettled` for a fingerprint of
    keyframes that do not decide.
    """
    started = time.perf_counter()

    def answered(source: Source) -> tuple[dict[str, Any], UUID | None]:
        with source.transaction() as connection:
            found = find_bank(connection, caller, bank)
            bank_id = found.bank_id if found else None
            heard = hear(connection, caller, fingerprint, bank_id)
            asked = replace(probe(fingerprint), sha256=sha256, heard=heard)
            body = decided(connection, caller, fingerprint, asked, bank_id, started, given=given, exact=exact)
            tell_origins(connection, [body], manifest)
        return source.dated(body), bank_id

    return service.read(answered, caller.organization_id)


def answer_and_record(
    service: Service,
    caller: Caller,
    fingerprint: Fingerprint,
    *,
    bank: str | None,
    given: Given,
    sha256: str | None,
    notes: Sequence[str] = (),
    watch_days: int | None = None,
    exact: bool = False,
) -> dict[str, Any]:
    """As `answer`, for what is answered at once: the lookup is kept, the query's fingerprint only where it is
    watched for so many days. `notes` are added to the fingerprint's."""
    if watch_days is None or given == "md5":  # nothing finds a watch by an MD5
        return _recorded(service, caller, fingerprint, bank, given, sha256, notes, note=None, exact=exact)
    with watching(
        service, caller, fingerprint, watch_days, lookup_id=uuid4(), bank=bank, given=given, sha256=sha256
    ) as note:
        primary = replace(service, replicas=None)
        return _recorded(primary, caller, fingerprint, bank, given, sha256, notes, note=note, exact=exact)


def _recorded(
    service: Service,
    caller: Caller,
    fingerprint: Fingerprint,
    bank: str | None,
    given: Given,
    sha256: str | None,
    notes: Sequence[str],
    *,
    note: Note | None,
    exact: bool,
) -> dict[str, Any]:
    body, bank_id = answer(service, caller, fingerprint, bank=bank, given=given, sha256=sha256, exact=exact)
    body["notes"] += notes
    if given == "sha256":
        body |= {"scope": "exact_only", "notes": []}
        if body["verdict"] == "undecidable":
            body |= {"verdict": "no_match", "reasons": []}
    if note is not None:
        note(body)
    record_lookups(service, [body], caller_id=caller.caller_id, given=given, bank_id=bank_id, sha256=sha256)
    return body


def decided(
    connection: Connection,
    caller: Caller,
    fingerprint: Fingerprint,
    asked: Probe,
    bank_id: UUID | None,
    started: float,
    *,
    given: Given,
    same: Collection[UUID] = (),
    exact: bool = False,
) -> dict[str, Any]:
    """The answer to what is asked by `asked`, from `started` on (`time.perf_counter`). `same`: media that are
    the very file by another digest than sha256."""
    proposed = candidates.propose(
        connection, asked, organization_id=caller.organization_id, bank_id=bank_id, exact=exact
    )
    fetched = time.perf_counter()
    fingerprint = reframed.settled(fingerprint, [candidate.frames for candidate in proposed])
    frames, faces = timeline.of_fingerprint(fingerprint)
    if same and asked.sha256 is not None:
        proposed = [
            replace(item, sha256=asked.sha256) if item.asset_id in same else item for item in proposed
        ]
    query = replace(Query.of(fingerprint, frames, faces), sha256=asked.sha256)
    drawn = rollout.asked(fingerprint, asked.sha256)
    answering, whole = rollout.apart(proposed, _itself, drawn)
    if not fingerprint.frames:
        query = _as_long(query, answering)
    found = decision.decide(query, answering, undecidable=undecidable(fingerprint))
    if is_partial(fingerprint):
        _require_settled(query, found, seen=bool(fingerprint.frames))
    body = _body(fingerprint, given, query, found, started, fetched)
    if whole is not answering:
        all_of_it = decision.decide(query, whole, undecidable=undecidable(fingerprint))
        body |= held_back(rollout.withheld(found, all_of_it, drawn))
    return body


def held_back(withheld: Withheld | None) -> dict[str, Any]:
    """What an answer says of the caller's own banks that are not rolled out yet."""
    if withheld is None:
        return {}
    return {"rollout": {"withheld": withheld.matches, "verdict": withheld.verdict}}


def _itself(candidate: Candidate) -> Candidate:
    return candidate


def without_candidates(fingerprint: Fingerprint, given: Given) -> dict[str, Any]:
    """The answer where nothing registered is near it."""
    now = time.perf_counter()
    query = Query.of(fingerprint, *timeline.of_fingerprint(fingerprint))
    found = decision.decide(query, (), undecidable=undecidable(fingerprint))
    return _body(fingerprint, given, query, found, now, now)


def _body(
    fingerprint: Fingerprint, given: Given, query: Query, found: Decision, started: float, fetched: float
) -> dict[str, Any]:
    done = time.perf_counter()
    body = shape(found, query)
    body["timing_ms"] = timing(started, fetched, done)
    body["notes"] = _notes(fingerprint)
    body["sampling"] = _sampling(fingerprint)
    return body | checked.examined(fingerprint, given, found).as_json()


def timing(started: float, fetched: float, done: float) -> dict[str, float]:
    """`timing_ms` of an answer, from three times of `time.perf_counter`; its total is up to now."""
    return {
        "fingerprint": 0,
        "candidates": round((fetched - started) * 1000, 2),
        "align": round((done - fetched) * 1000, 2),
        "total": round((time.perf_counter() - started) * 1000, 2),
    }


def _require_settled(query: Query, decided: Decision, *, seen: bool) -> None:
    """Raise `NotSettled` where more of the file is needed. `seen`: some pictures were looked at."""
    wanted = keyframe_answers.wanted(query, decided, seen=seen)
    if wanted != "nothing":
        raise NotSettled("The file's keyframes do not settle the lookup.", wanted=wanted)


def _sampling(fingerprint: Fingerprint) -> str:
    """How much of the file the answer rests on."""
    if not fingerprint.frames:
        return "digest"
    return KEYFRAMES if is_partial(fingerprint) else "full"


def _as_long(query: Query, proposed: Sequence[Candidate]) -> Query:
    """A digest alone says nothing of its file; the asset of that digest does."""
    for candidate in proposed:
        if candidate.sha256 == query.sha256:
            return replace(query, kind=candidate.kind, duration=candidate.duration)
    return query


def probe(fingerprint: Fingerprint) -> Probe:
    """The few frames of a query that are sent to the database to find candidates."""
    asked = probes.asked(fingerprint.informative(), fingerprint.media.duration)
    return Probe(
        phash256=list(asked.phash256),
        pdq=list(asked.pdq),
        sscd=[value for value, _ in asked.sscd],
        sha256=fingerprint.media.sha256,
        sounds=fingerprint.audio is not None,
        first=asked.first,
        phash256_at=list(asked.phash256.values()),
        pdq_at=list(asked.pdq.values()),
        sscd_at=[place for _, place in asked.sscd],
        model=fingerprint.model,
    )


def undecidable(fingerprint: Fingerprint) -> str | None:
    """Why a query cannot be compared at all, as a stable code."""
    return None if any(True for _ in fingerprint.informative()) else "low_information"


def shape(decided: Decision, query: Query) -> dict[str, Any]:
    """The answer's JSON, without its timing."""
    matches = [_match(group, query, mixed=decided.mixed) for group in decided.groups]
    return {
        "lookup_id": str(uuid4()),
        "verdict": decided.verdict,
        "reasons": list(decided.reasons),
        "mixed": decided.mixed,
        "confidence": _told(decided.verdict, decided.confidence),
        "action": recommended_action.of_answer(match["action"] for match in matches),
        "provenance": None,
        "matches": matches,
        "model": MODEL,
    }


def _match(group: Sequence[Ruling], query: Query, *, mixed: bool) -> dict[str, Any]:
    first = group[0]
    candidate = first.match.candidate
    spans = sorted((ruling.match.aligned.span for ruling in group), key=lambda span: span.query)
    return {
        "entry_id": str(candidate.entry_id),
        "asset_id": str(candidate.asset_id),
        "title": candidate.title,
        "bank": candidate.bank,
        "tier": candidate.tier if candidate.role == "fake" else candidate.original_tier,
        "relation": first.relation,
        "verdict": first.verdict,
        "reasons": list(dict.fromkeys(reason for ruling in group for reason in ruling.reasons)),
        "confidence": _told(first.verdict, first.confidence),
        "action": recommended_action.of_match(candidate.policy, first.verdict, mixed=mixed),
        "exact": first.match.exact,
        "coverage": {
            "query": _coverage([span.query for span in spans], query.duration),
            "asset": _coverage([span.asset for span in spans], candidate.duration),
        },
        "spans": [
            {
                "query": list(span.query),
                "asset": list(span.asset),
                "speed": span.speed,
                "mirrored": span.mirrored,
            }
            for span in spans
        ],
        "signals": _signals(group),
        "provenance": None,
        "foreign": [],
        "references": [dict(reference) for reference in candidate.references],
    }


def _told(verdict: Verdict, confidence: float | None) -> float | None:
    """How sure the answer is of a verdict that decides. With `related` the figure would say how sure the
    footage is, and be read as how sure the fake is."""
    return _rounded(confidence) if verdict in {"known_fake", "authentic_original"} else None


def _signals(group: Sequence[Ruling]) -> dict[str, Any]:
    best = max(group, key=lambda item: len(item.match.aligned.frames)).match
    compared = sum(ruling.match.faces.compared for ruling in group)
    same = {"same": True, "other": False}.get(best.judgement)
    return {
        "frames": {
            "aligned": sum(len(ruling.match.aligned.frames) for ruling in group),
            "phash": _rounded(best.aligned.phash),
            "sscd": _rounded(best.aligned.sscd),
        },
        "faces": {"compared": compared, "same": same},
        "audio": _sound(group),
    }


def _sound(group: Sequence[Ruling]) -> dict[str, float] | None:
    """The sound that bears the match out, or is all of it."""
    heard = soundtrack.together([ruling.sound for ruling in group if ruling.sound is not None])
    if heard is None:
        return None
    return {"bit_error": round(heard.bit_error, 3), "seconds": round(heard.seconds, 2)}


def _coverage(stretches: Iterable[tuple[float, float]], duration: float) -> float:
    """Share of [0, duration] that the stretches cover together, 0-1; a still is covered whole."""
    if duration <= 0:
        return 1.0
    covered, reached = 0.0, 0.0
    for start, end in sorted(stretches):
        covered += max(0.0, end - max(start, reached))
        reached = max(reached, end)
    return round(min(1.0, covered / duration), 3)


def _rounded(value: float | None) -> float | None:
    return None if value is None else round(value, 3)


def _notes(fingerprint: Fingerprint) -> list[str]:
    notes = [note for note in fingerprint.notes if note != KEYFRAMES]
    whole = fingerprint.frames and not is_partial(fingerprint)
    if whole and fingerprint.model not in fingerprint.algorithms and "no_sscd" not in notes:
        notes.append("no_sscd")
    return notes

"""Conversion of decisions to the JSON of an answer."""

from __future__ import annotations

import time
from collections.abc import Iterable, Sequence
from typing import Any, Final, cast

from registry.catalogue.entries.model.entry import KEYFRAMES, FileMatch, Query, is_partial
from registry.catalogue.entries.model.verdict import Verdict
from registry.catalogue.fingerprints.model import audio, peaks, timeline
from registry.catalogue.fingerprints.model.fingerprint import Fingerprint
from registry.core.database.replicas import Source
from registry.core.identifiers import time_ordered_id
from registry.matching.decision.model import bank_rules, checked, scene_consistency, soundtrack
from registry.matching.decision.model.checked import InputKind
from registry.matching.decision.model.decision import Decision, decide
from registry.matching.decision.model.rollout import Withheld
from registry.matching.decision.model.rulings import Ruling
from registry.matching.lookups.model import Answer, Decided, Match

MODEL: Final = "rules-1"
"""Name of the rules and the calibration that gave an answer."""


def hold_back(answer: Answer, withheld: Withheld | None) -> None:
    """Add `rollout` to the answer if matches of the caller's own banks are not fully rolled out."""
    if withheld is not None:
        answer["rollout"] = {"withheld": withheld.matches, "verdict": withheld.verdict}


def without_candidates(fingerprint: Fingerprint, input_kind: InputKind) -> Answer:
    """Return the answer if nothing registered is near the fingerprint."""
    now = time.perf_counter()
    query = Query.of(fingerprint, *timeline.of_fingerprint(fingerprint))
    decision = decide(query, (), undecidable=undecidable(fingerprint))
    return body_of(fingerprint, input_kind, query, decision, now, now)


def body_of(
    fingerprint: Fingerprint,
    input_kind: InputKind,
    query: Query,
    decision: Decision,
    started: float,
    fetched: float,
) -> Answer:
    """Return the answer with every signal, without the field `rollout`. `started`, `fetched`: as in
    `timing`."""
    done = time.perf_counter()
    body = {
        **decided(decision, query),
        "timing_ms": timing(started, fetched, done),
        "notes": _notes(fingerprint),
        "sampling": _sampling(fingerprint),
        **checked.examined(fingerprint, input_kind, decision).as_json(),
    }
    return cast("Answer", body)  # mypy cannot join typed dictionaries


def timing(started: float, fetched: float, done: float) -> dict[str, float]:
    """Return an answer's `timing_ms` from three times of `time.perf_counter`. The total runs up to now."""
    return {
        "fingerprint": 0,
        "candidates": round((fetched - started) * 1000, 2),
        "align": round((done - fetched) * 1000, 2),
        "total": round((time.perf_counter() - started) * 1000, 2),
    }


def _sampling(fingerprint: Fingerprint) -> str:
    """Tell how much of the file the answer rests on."""
    if not fingerprint.frames and fingerprint.media.kind != "audio":
        return "digest"
    return KEYFRAMES if is_partial(fingerprint) else "full"


def mark_as_of(answer: Answer, source: Source) -> Answer:
    """Add `as_of` if the database that answered may be out of date."""
    if as_of := source.dated():
        answer["as_of"] = as_of
    return answer


def undecidable(fingerprint: Fingerprint) -> str | None:
    """Return the stable code of the reason why a query cannot be compared at all; None if it can."""
    values = audio.values(fingerprint.audio)
    short = len(values) < audio.LEAST and peaks.keys(peaks.values(fingerprint.peaks))
    heard = fingerprint.media.kind == "audio" and (short or audio.keys(values, 1))
    return None if heard or any(True for _ in fingerprint.informative()) else "low_information"


def decided(decision: Decision, query: Query) -> Decided:
    """Return the part of the answer that the decision gives."""
    matches = [_match(group, query, mixed=decision.mixed) for group in decision.groups]
    return {
        "lookup_id": str(time_ordered_id()),
        "verdict": decision.verdict,
        "reasons": list(decision.reasons),
        "mixed": decision.mixed,
        "confidence": _shown_confidence(decision.verdict, decision.confidence),
        "action": bank_rules.action_of_answer(match["action"] for match in matches),
        "provenance": None,
        "matches": matches,
        "model": MODEL,
    }


def _match(group: Sequence[Ruling], query: Query, *, mixed: bool) -> Match:
    first = group[0]
    candidate = first.match.candidate
    ordered = sorted(group, key=lambda ruling: ruling.match.aligned.span.query)
    spans = [ruling.match.aligned.span for ruling in ordered]
    return {
        "entry_id": str(candidate.entry_id),
        "asset_id": str(candidate.asset_id),
        "title": candidate.title,
        "bank": candidate.bank,
        "tier": candidate.tier if candidate.role == "fake" else candidate.original_tier,
        "relation": first.relation,
        "verdict": first.verdict,
        "reasons": list(dict.fromkeys(reason for ruling in group for reason in ruling.reasons)),
        "confidence": _shown_confidence(first.verdict, first.confidence),
        "action": bank_rules.action_of_match(candidate.policy, first.verdict, mixed=mixed),
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
        "signals": {
            **_signals(group),
            "spans": _by_span(ordered),
            "file": _file(first.match.candidate.whole),
            "parts": [_part(ruling) for ruling in group],
        },
        "provenance": None,
        "foreign": [],
        "references": [dict(reference) for reference in candidate.references],
    }


def _shown_confidence(verdict: Verdict, confidence: float | None) -> float | None:
    """Return the confidence of a verdict that decides, else None.

    With `related`, the figure is the confidence in the footage. Readers would take it for the confidence in a
    fake.
    """
    return _rounded(confidence) if verdict in {"known_fake", "authentic_original"} else None


def _signals(group: Sequence[Ruling]) -> dict[str, Any]:
    best = max(group, key=lambda ruling: len(ruling.match.aligned.frames)).match
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
        "moments": _moments(group),
        "difference": _difference(group),
    }


def _part(ruling: Ruling) -> dict[str, Any]:
    """Return what the bank's policy judged of a span."""
    match = ruling.match
    return {
        "footage": round(match.footage, 6),
        "confidence": round(ruling.confidence, 6),
        "single": match.single,
        "still": match.still,
        "verdict": ruling.verdict,
        "reasons": list(ruling.reasons),
        "located": match.located,
    }


def _moments(group: Sequence[Ruling]) -> dict[str, Any] | None:
    """Return whether the moments are the same, by the span that is surest of it."""
    odds = max((ruling.moments for ruling in group if ruling.moments is not None), default=None)
    return None if odds is None else {"odds": round(odds, 1), "same": odds >= scene_consistency.SURE}


def _difference(group: Sequence[Ruling]) -> dict[str, Any] | None:
    """Return whose the part of the picture is where fake and original differ, by the span of most moments."""
    found = [ruling.difference for ruling in group if ruling.difference is not None]
    if not found:
        return None
    longest = max(found, key=lambda difference: len(difference.times))
    moments = zip(longest.times, longest.values, strict=True)
    return {
        "value": round(longest.value, 3),
        "odds": round(longest.odds, 1),
        "decides": longest.decides,
        "moments": [[round(time, 2), round(value, 2)] for time, value in moments],
        "place": [round(edge, 3) for edge in longest.place],
        "cells": [[cell.row, cell.column, round(cell.apart), round(cell.value, 2)] for cell in longest.cells],
    }


def _by_span(ordered: Sequence[Ruling]) -> list[dict[str, Any]]:
    """Return the signals of each span. Empty for a single span, whose signals are those of the match."""
    return [_signals([ruling]) for ruling in ordered] if len(ordered) > 1 else []


def _sound(group: Sequence[Ruling]) -> dict[str, float] | None:
    """Return the sound that supports the match, or is all of it."""
    sound = soundtrack.together([ruling.sound for ruling in group if ruling.sound is not None])
    if sound is None:
        return None
    return {"bit_error": round(sound.bit_error, 3), "seconds": round(sound.seconds, 2)}


def _file(whole: FileMatch | None) -> dict[str, Any] | None:
    """Return how near the value of the whole file is."""
    if whole is None:
        return None
    return {
        "algorithm": whole.algorithm,
        "unit": whole.unit,
        "distance": whole.distance,
        "bits": whole.bits,
    }


def _coverage(stretches: Iterable[tuple[float, float]], duration: float) -> float:
    """Return the share of [0, duration] that the stretches cover together, 0-1. A still is covered whole."""
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

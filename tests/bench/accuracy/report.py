"""What a run found: tables for people, the table of docs/figures.md as Markdown, figures for machines."""

from __future__ import annotations

import json
import statistics
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from tests.bench.accuracy import markdown, reliability, tables
from tests.bench.accuracy.asking import GENUINE, REAL, REAL_STILLS, STRANGER_STILLS, STRANGERS
from tests.bench.accuracy.judging import Outcome, still_of
from tests.bench.accuracy.media.recipes import Edit
from tests.bench.accuracy.proposals import Recall
from tests.bench.accuracy.singles import Column

CLAIMED = ("known_fake", "authentic_original")


@dataclass(frozen=True, slots=True)
class Results:
    """`clips`, `stills`, `others`: outcomes without originals registered; `known`: of copies of fakes whose
    originals then were. `columns`: each fingerprint alone, in the order of `clips`. `over_decode`: CPU of
    fingerprinting over decoding, and that decoding in CPU seconds; None where it could not be measured."""

    edits: tuple[Edit, ...]
    clips: tuple[Outcome, ...]
    stills: tuple[Outcome, ...]
    others: tuple[Outcome, ...]
    known: tuple[Outcome, ...]
    columns: tuple[Column, ...]
    recalls: tuple[Recall, ...]
    notes: tuple[str, ...]
    over_decode: tuple[float, float, float] | None

    @property
    def pictured(self) -> list[str]:
        """Names of the edits that leave something of the picture."""
        return [edit.name for edit in self.edits if not edit.audio]


def show(results: Results, out: Path | None, more: dict[str, float] | None = None) -> None:
    """Print all; write the figures to `out`. `more`: figures that were measured elsewhere."""
    labels = [edit.name for edit in results.edits]
    rest = [REAL, REAL_STILLS, STRANGERS, STRANGER_STILLS, GENUINE]
    tables.edits([*labels, *rest], [*results.clips, *results.others], results.stills, results.known)
    tables.singles(labels, results.clips, results.columns)
    tables.candidates(results.recalls)
    _faults(results)
    _reliability(results)
    found = figures(results) | (more or {})
    print("\nFor docs/figures.md:\n")
    print(markdown.table(results.pictured, results.clips, results.stills, results.columns, found))
    if results.notes:
        print("\nleft out:", *results.notes, sep="\n  ")
    said = json.dumps({"figures": found, "reliability": _diagrams(results)}, indent=2)
    print("\n" + said)
    if out is not None:
        out.write_text(said + "\n", encoding="utf-8")


def _faults(results: Results) -> None:
    every = [*results.clips, *results.stills, *results.others]
    missed = [one for one in (*results.clips, *results.others) if one.query.entry is not None]
    tables.faults(missed, "not found", lambda one: "" if one.found else "no match of its own")
    tables.faults(every, "unrelated entries named", lambda one: ", ".join(one.false))
    tables.faults([*every, *results.known], "unrelated entries accused", lambda one: ", ".join(one.accused))
    tables.faults(
        results.clips,
        "another fake of the same footage accused",
        lambda one: "known_fake" if one.sibling else "",
    )


def _claims(results: Results, verdict: str) -> tuple[np.ndarray, np.ndarray]:
    every = (*results.clips, *results.stills, *results.others, *results.known)
    claims = [
        (claim.confidence, claim.right)
        for one in every
        for claim in one.claims
        if claim.verdict == verdict and claim.confidence is not None
    ]
    confidence = np.array([sure for sure, _ in claims], dtype=np.float64)
    return confidence, np.array([right for _, right in claims], dtype=np.bool_)


def _reliability(results: Results) -> None:
    for verdict in CLAIMED:
        confidence, right = _claims(results, verdict)
        found = reliability.bins(confidence, right)
        error, loss = reliability.calibration_error(found), reliability.log_loss(confidence, right)
        print(f"\nconfidence of `{verdict}` against what was right, by match: ", end="")
        print(f"calibration error {error:.3f}, log loss {loss:.3f}" if found else "none given")
        if found:
            reliability.show(found)
    print(
        "known_fake is right of a copy of that very fake, authentic_original of the same footage; `related`\n"
        "has no confidence. As many queries are copies here as the bench makes; elsewhere fewer are (PRIOR\n"
        "in registry/matching/decision/model/confidence.py)"
    )


def _diagrams(results: Results) -> dict[str, list[dict[str, float]]]:
    return {
        verdict: [
            {
                "low": one.low,
                "high": one.high,
                "n": one.n,
                "confidence": round(one.confidence, 4),
                "right": round(one.right, 4),
            }
            for one in reliability.bins(*_claims(results, verdict))
        ]
        for verdict in CLAIMED
    }


def figures(results: Results) -> dict[str, float]:
    """What the run comes to, by name; what was not measured is left out."""
    clips, stills, others, known = results.clips, results.stills, results.others, results.known
    recall = tables.mean_recall(results.pictured, clips)
    of_stills = tables.mean_recall(list(map(still_of, results.pictured)), stills)
    rest = tables.mean_recall([REAL, REAL_STILLS], others)
    sound = tables.mean_recall([edit.name for edit in results.edits if edit.audio], clips)
    videos = [one for one in (*clips, *others) if not one.query.still]
    every = [*clips, *stills, *others, *known]
    resent = [one for one in known if one.query.label == GENUINE]
    paired = [one for one in clips if one.query.label in recall]
    found: dict[str, float | None] = {
        "clip_recall_mean": _mean(recall.values()),
        "clip_recall_min": min(recall.values(), default=None),
        "known_fake_mean": _mean(one.known_fake for one in paired),
        "still_recall": _mean(of_stills.values()),
        "real_edit_recall": rest.get(REAL),
        "real_still_recall": rest.get(REAL_STILLS),
        "sound_kept_recall": next(iter(sound.values()), None),
        "false_matches": sum(len(one.false) for one in every),
        "false_known_fake": sum(len(one.accused) for one in every),
        "unrelated_pairs": sum(one.pairs for one in videos),
        "unrelated_still_pairs": sum(one.pairs for one in (*stills, *others) if one.query.still),
        "sibling_known_fake": sum(one.sibling for one in videos),
        "originals_known_fake": sum(one.known_fake for one in resent) if resent else None,
        "originals_resent": len(resent),
        "span_within_half_second": tables.share_near(clips),
        "answer_p50_ms": _median([one.ms for one in videos]),
        "fingerprint_over_decode": results.over_decode[0] if results.over_decode else None,
        "registration_over_decode": results.over_decode[1] if results.over_decode else None,
        "copies": len(paired),
        "footage_groups": len({one.query.group for one in paired}),
    }
    for verdict in CLAIMED:
        confidence, right = _claims(results, verdict)
        if len(confidence):
            error = reliability.calibration_error(reliability.bins(confidence, right))
            found[f"{verdict}_calibration_error"] = error
    return {name: round(value, 4) for name, value in found.items() if value is not None}


def _mean(values: object) -> float | None:
    listed = [float(value) for value in values]  # type: ignore[attr-defined]  # any iterable of numbers
    return statistics.mean(listed) if listed else None


def _median(values: Sequence[float]) -> float | None:
    return statistics.median(values) if values else None

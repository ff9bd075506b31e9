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
    text = json.dumps({"figures": found, "reliability": _diagrams(results)}, indent=2)
    print("\n" + text)
    if out is not None:
        out.write_text(text + "\n", encoding="utf-8")


def _faults(results: Results) -> None:
    every = [*results.clips, *results.stills, *results.others]
    missed = [item for item in (*results.clips, *results.others) if item.query.entry is not None]
    tables.faults(missed, "not found", lambda item: "" if item.found else "no match of its own")
    tables.faults(every, "unrelated entries named", lambda item: ", ".join(item.false))
    tables.faults([*every, *results.known], "unrelated entries accused", lambda item: ", ".join(item.accused))
    tables.faults(
        results.clips,
        "another fake of the same footage accused",
        lambda clip: "known_fake" if clip.sibling else "",
    )


def _claims(results: Results, verdict: str) -> tuple[np.ndarray, np.ndarray]:
    every = (*results.clips, *results.stills, *results.others, *results.known)
    claims = [
        (claim.confidence, claim.right)
        for item in every
        for claim in item.claims
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
                "low": item.low,
                "high": item.high,
                "n": item.n,
                "confidence": round(item.confidence, 4),
                "right": round(item.right, 4),
            }
            for item in reliability.bins(*_claims(results, verdict))
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
    videos = [item for item in (*clips, *others) if not item.query.still]
    every = [*clips, *stills, *others, *known]
    resent = [outcome for outcome in known if outcome.query.label == GENUINE]
    paired = [clip for clip in clips if clip.query.label in recall]
    found: dict[str, float | None] = {
        "clip_recall_mean": _mean(recall.values()),
        "clip_recall_min": min(recall.values(), default=None),
        "known_fake_mean": _mean(clip.known_fake for clip in paired),
        "still_recall": _mean(of_stills.values()),
        "real_edit_recall": rest.get(REAL),
        "real_still_recall": rest.get(REAL_STILLS),
        "sound_kept_recall": next(iter(sound.values()), None),
        "false_matches": sum(len(item.false) for item in every),
        "false_known_fake": sum(len(item.accused) for item in every),
        "unrelated_pairs": sum(video.pairs for video in videos),
        "unrelated_still_pairs": sum(item.pairs for item in (*stills, *others) if item.query.still),
        "sibling_known_fake": sum(video.sibling for video in videos),
        "originals_known_fake": sum(item.known_fake for item in resent) if resent else None,
        "originals_resent": len(resent),
        "span_within_half_second": tables.share_near(clips),
        "answer_p50_ms": _median([video.ms for video in videos]),
        "fingerprint_over_decode": results.over_decode[0] if results.over_decode else None,
        "registration_over_decode": results.over_decode[1] if results.over_decode else None,
        "copies": len(paired),
        "footage_groups": len({clip.query.group for clip in paired}),
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

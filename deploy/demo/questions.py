"""What the demonstration asks, and what the right answer to each question is."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from deploy.demo.media import CUT, CUT_AT

TOLERANCE = 0.5  # seconds by which an end of a span may be off

Answer = Mapping[str, Any]
Stretch = tuple[float, float]


@dataclass(frozen=True)
class Question:
    """A clip to look up, and the answer that is right."""

    clip: str
    verdict: str
    relation: str | None
    in_query: Stretch | None = None  # where a span of the clip has to lie, in seconds
    in_fake: Stretch | None = None


CUT_IN_CLIP = (CUT_AT, CUT_AT + CUT[1] - CUT[0])
QUESTIONS = (
    Question("copy-messaging-app", "known_fake", "copy"),
    Question("copy-cropped-captioned", "known_fake", "copy"),
    Question("copy-cut-in-longer-clip", "known_fake", "copy", CUT_IN_CLIP, CUT),
    Question("copy-mirrored", "known_fake", "copy"),
    Question("original", "authentic_original", "original"),
    Question("original-messaging-app", "authentic_original", "original"),
    Question("unrelated", "no_match", None),
)


def best_match(question: Question, answer: Answer) -> Mapping[str, Any] | None:
    """The match to show: the first of the relation expected, else the first of all."""
    matches = answer.get("matches") or []
    fitting = [m for m in matches if m["relation"] == question.relation]
    return next(iter([*fitting, *matches]), None)


def stretches(match: Mapping[str, Any]) -> tuple[Stretch, Stretch]:
    """From the first to the last second of a match's spans: in the clip asked about, and in the asset."""
    spans = match["spans"]
    query, asset = (
        (min(s[side][0] for s in spans), max(s[side][1] for s in spans)) for side in ("query", "asset")
    )
    return query, asset


def judge(question: Question, answer: Answer, entry_id: str) -> str | None:
    """What is wrong with an answer, or None."""
    if "error" in answer:
        return f"{answer['error']['code']}: {answer['error']['message']}"
    if answer["verdict"] != question.verdict:
        return f"answered {answer['verdict']} ({', '.join(answer['reasons'])}), not {question.verdict}"
    match = best_match(question, answer)
    if question.relation is None or match is None:
        return None if question.relation is None else "no match was given"
    if match["relation"] != question.relation or match["entry_id"] != entry_id:
        return f"matched as {match['relation']}, not as {question.relation} of the entry registered"
    for name, found, expected in zip(
        ("clip", "fake"), stretches(match), (question.in_query, question.in_fake), strict=True
    ):
        if expected and max(abs(f - w) for f, w in zip(found, expected, strict=True)) > TOLERANCE:
            return f"found at {found} of the {name}, not at {expected}"
    return None

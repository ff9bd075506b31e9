"""The demonstration's table, for somebody who sees Fakeprint for the first time: at most 80 columns."""

from __future__ import annotations

from collections.abc import Sequence

from deploy.demo.questions import Answer, Question, best_match, stretches

HEADINGS = ("clip", "answer", "seconds", "show")


def draw(answers: Sequence[tuple[Question, Answer]]) -> list[str]:
    """The lines of a table of the answers."""
    rows = [HEADINGS, *(_row(question, answer) for question, answer in answers)]
    widths = [max(len(row[column]) for row in rows) for column in range(len(HEADINGS))]
    rows.insert(1, tuple("-" * width for width in widths))
    return [
        "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip() for row in rows
    ]


def _row(question: Question, answer: Answer) -> tuple[str, ...]:
    if "error" in answer:
        return (question.clip, "error", "", answer["error"]["code"])
    match = best_match(question, answer)
    return (question.clip, answer["verdict"], *(where(match) if match else ("-", "nothing registered")))


def where(match: Answer) -> tuple[str, str]:
    """Which seconds of the clip match, and what they show."""
    query, asset = stretches(match)
    whole = "original" if match["relation"] == "original" else "fake"
    turned = ", mirrored" if any(span["mirrored"] for span in match["spans"]) else ""
    return _seconds(*query), f"{whole} {_seconds(*asset)}{turned}"


def _seconds(start: float, end: float) -> str:
    return f"{start:.1f}-{end:.1f}"

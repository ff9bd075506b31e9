"""The demonstration's table, for somebody who sees Fakeprint for the first time."""

from __future__ import annotations

from collections.abc import Sequence

from deploy.demo.questions import Answer, Question, best_match, stretches

HEADINGS = ("file", "verdict", "relation", "where", "confidence", "ms")


def draw(answers: Sequence[tuple[Question, Answer]]) -> str:
    """A table of the answers, as wide as they need."""
    rows = [HEADINGS, *(_row(question, answer) for question, answer in answers)]
    widths = [max(len(row[column]) for row in rows) for column in range(len(HEADINGS))]
    lines = [_line(row, widths) for row in rows]
    lines.insert(1, "  ".join("-" * width for width in widths))
    return "\n".join(lines)


def _line(row: Sequence[str], widths: Sequence[int]) -> str:
    left = [cell.ljust(width) for cell, width in zip(row[:4], widths, strict=False)]
    right = [cell.rjust(width) for cell, width in zip(row[4:], widths[4:], strict=True)]
    return "  ".join([*left, *right]).rstrip()


def _row(question: Question, answer: Answer) -> tuple[str, ...]:
    name = f"{question.clip}.mp4"
    if "error" in answer:
        return (name, "error", answer["error"]["code"], "", "", "")
    match = best_match(question, answer)
    confidence = answer["confidence"]
    return (
        name,
        answer["verdict"],
        (match["relation"] or "undecided") if match else "-",
        _where(match) if match else "-",
        "-" if confidence is None else f"{confidence:.2f}",
        f"{answer['timing_ms']['total']:.1f}",
    )


def _where(match: Answer) -> str:
    query, asset = stretches(match)
    whole = "original" if match["relation"] == "original" else "fake"
    turned = ", mirrored" if any(span["mirrored"] for span in match["spans"]) else ""
    return f"{_clock(*asset)} of the {whole}, at {_clock(*query)} here{turned}"


def _clock(start: float, end: float) -> str:
    return "-".join(f"{int(t // 60)}:{t % 60:04.1f}" for t in (start, end))

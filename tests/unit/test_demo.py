"""The demonstration judges answers itself: a wrong one must not pass."""

from __future__ import annotations

from typing import Any

import pytest

from deploy.demo import table
from deploy.demo.camera import FPS, HEIGHT, WIDTH, Shot, View, film
from deploy.demo.questions import QUESTIONS, Question, judge
from tests import media

BY_CLIP = {question.clip: question for question in QUESTIONS}
CUT = BY_CLIP["copy-cut-in-longer-clip"]
ORIGINAL = BY_CLIP["original"]
UNRELATED = BY_CLIP["unrelated"]


def answer(
    verdict: str, relation: str | None = None, *, shift: float = 0.0, entry: str = "e"
) -> dict[str, Any]:
    """An answer like the service's, with the spans that the cut should have, `shift` seconds off."""
    span = {"query": [10.0, 14.5 + shift], "asset": [2.0 - shift, 6.5], "speed": 1.0, "mirrored": False}
    match = {"entry_id": entry, "relation": relation, "spans": [span]}
    return {
        "verdict": verdict,
        "reasons": [],
        "confidence": 0.98 if relation else None,
        "matches": [match] if relation else [],
        "timing_ms": {"total": 5.0},
    }


@pytest.mark.parametrize(
    ("question", "given"),
    [
        (CUT, answer("known_fake", "copy", shift=0.4)),
        (ORIGINAL, answer("authentic_original", "original")),
        (UNRELATED, answer("no_match")),
    ],
)
def test_right_answers_pass(question: Question, given: dict[str, Any]) -> None:
    assert judge(question, given, "e") is None


@pytest.mark.parametrize(
    ("question", "given"),
    [
        (CUT, answer("known_fake", "copy", shift=0.6)),
        (CUT, answer("related", "copy")),
        (CUT, answer("known_fake", "copy", entry="another")),
        (CUT, answer("known_fake", "same_footage_other_face")),
        (CUT, answer("known_fake")),
        (ORIGINAL, answer("known_fake", "copy")),
        (UNRELATED, answer("related", "copy")),
        (UNRELATED, {"path": "x", "error": {"code": "not_media", "message": "no"}}),
    ],
)
def test_wrong_answers_are_named(question: Question, given: dict[str, Any]) -> None:
    assert judge(question, given, "e")


def test_the_table_says_where() -> None:
    drawn = table.draw([(CUT, answer("known_fake", "copy")), (UNRELATED, answer("no_match"))])
    assert "0:02.0-0:06.5 of the fake, at 0:10.0-0:14.5 here" in drawn
    assert len(drawn.splitlines()) == 4


def test_the_camera_moves_the_same_way_over_any_photograph() -> None:
    shots = (Shot("p", 0.4, View(0.5, 0.5, 0.5), View(0.4, 0.4, 0.3)),)
    coffee, again = (list(film(shots, {"p": media.photograph("coffee")})) for _ in range(2))
    assert len(coffee) == round(0.4 * FPS)
    assert coffee[0].shape == (HEIGHT, WIDTH, 3)
    assert all((one == other).all() for one, other in zip(coffee, again, strict=True))
    assert (coffee[0] != coffee[-1]).any()

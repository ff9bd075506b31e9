"""The demonstration judges answers itself: a wrong one must not pass."""

from __future__ import annotations

import io
from pathlib import Path
from typing import Any

import pytest
from PIL import Image
from rich.console import Console

from deploy.demo import contact_sheet, table
from deploy.demo.camera import FPS, HEIGHT, WIDTH, Shot, View, film
from deploy.demo.media import Clips
from deploy.demo.questions import QUESTIONS, Question, judge
from deploy.demo.terminal import Terminal
from tests.support.media import clips as media

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


def test_the_table_fits_eighty_columns() -> None:
    mirrored = answer("known_fake", "copy")
    mirrored["matches"][0]["spans"][0]["mirrored"] = True
    drawn = table.draw(
        [
            (CUT, mirrored),
            (ORIGINAL, answer("authentic_original", "original")),
            (UNRELATED, answer("no_match")),
        ]
    )
    assert "10.0-14.5  fake 2.0-6.5, mirrored" in drawn[2]
    assert len(drawn) == 5
    assert max(map(len, drawn)) <= 80


def test_colour_and_progress_are_for_terminals_alone() -> None:
    def printed(**fields: Any) -> str:
        console = Console(file=io.StringIO(), width=80, soft_wrap=True, **fields)
        terminal = Terminal(console)
        with terminal.step("1. look", 2) as advance:
            advance("looking up one")
        terminal.say("copy  known_fake")
        assert isinstance(console.file, io.StringIO)
        return console.file.getvalue()

    pipe = printed(force_terminal=False)
    assert "\x1b" not in pipe
    assert [line.split()[:2] for line in pipe.splitlines()] == [["1.", "look"], ["copy", "known_fake"]]
    terminal = printed(force_terminal=True, _environ={"TERM": "xterm"})
    assert "looking up one" in terminal
    assert "\x1b[1;31mknown_fake" in terminal
    assert "\x1b[1;31m" not in printed(force_terminal=True, _environ={"TERM": "xterm", "NO_COLOR": "1"})


@pytest.mark.slow(9)
def test_the_contact_sheet_lays_a_copy_under_the_seconds_that_it_shows(tmp_path: Path) -> None:
    clips = Clips(tmp_path)
    media.clip(clips.path("fake"), "coffee", seconds=10)
    media.clip(clips.path(CUT.clip), "coffee", seconds=16)
    contact_sheet.draw(clips, [(CUT, answer("known_fake", "copy"))], tmp_path / "sheet.png")
    with Image.open(tmp_path / "sheet.png") as sheet:
        _, copy = contact_sheet.row_tops(2)
        held = [sheet.getpixel((contact_sheet.left(s) + 48, copy + 64)) != (255, 255, 255) for s in range(11)]
    assert held == [2 <= second <= 6.5 for second in range(11)]


def test_the_camera_moves_the_same_way_over_any_photograph() -> None:
    shots = (Shot("p", 0.4, View(0.5, 0.5, 0.5), View(0.4, 0.4, 0.3)),)
    coffee, again = (list(film(shots, {"p": media.photograph("coffee")})) for _ in range(2))
    assert len(coffee) == round(0.4 * FPS)
    assert coffee[0].shape == (HEIGHT, WIDTH, 3)
    assert all((one == other).all() for one, other in zip(coffee, again, strict=True))
    assert (coffee[0] != coffee[-1]).any()

"""An answer in words: one sentence for a layman, and what agrees in each span."""

from __future__ import annotations

from typing import Any, cast

import pytest

from registry.console.languages import Words
from registry.core.service import Service
from registry.identity.callers.model import Caller
from registry.matching.decision.model.decision import REASONS
from registry.matching.lookups.api.answers import shown
from registry.matching.lookups.model import Answer
from registry.matching.lookups.pages import agreement, verdicts
from tests.support.matching.asking import ask
from tests.support.matching.watches import put
from tests.support.media import drawn

ANSWER: dict[str, Any] = {
    "verdict": "known_fake",
    "mixed": False,
    "reasons": [],
    "notes": [],
    "not_checked": [],
    "checked": [],
    "next_step": None,
    "matches": [{"verdict": "known_fake", "exact": False, "coverage": {"query": 0.4, "asset": 1.0}}],
}


def answer_with(**changes: Any) -> Answer:
    return cast("Answer", ANSWER | changes)


def told(**changes: Any) -> str:
    found = verdicts.sentence(answer_with(**changes))
    return found.text % {"share": found.share} if found.share is not None else found.text


def test_a_known_fake_is_a_yes_that_says_how_much_of_the_file_it_is() -> None:
    (match,) = ANSWER["matches"]
    assert told() == "Yes: 0.4 of your file is taken from a known fake."
    assert told(matches=[{**match, "coverage": {"query": 0.97}}]) == "Yes: this is a copy of a known fake."
    assert "identical" in told(matches=[{**match, "exact": True}])
    assert told(mixed=True) == "It contains a known fake and also the original of a fake."


@pytest.mark.parametrize("reason", sorted(REASONS))
def test_a_doubt_never_says_yes_and_its_reason_is_not_repeated(reason: str) -> None:
    changes: dict[str, Any] = {"verdict": "related", "reasons": [reason]}
    assert not told(**changes).startswith("Yes")
    listed = verdicts.reasons(answer_with(**changes))
    assert listed == ([] if reason in verdicts.DOUBTS else [verdicts.WHY[reason]])


def test_what_was_not_compared_is_no_clear_no() -> None:
    omitted = [{"what": "faces", "reason": "left_out"}]
    assert "may still be" in told(verdict="no_match", matches=[], not_checked=omitted)
    assert "does not prove it genuine" in told(verdict="no_match", matches=[])


def test_each_span_says_what_agrees_in_it(service: Service, owner: Caller) -> None:
    put(service, owner, drawn.clip("body", seconds=40, file="fake"))
    query = drawn.joined(
        drawn.clip("body", seconds=15, start=2),
        drawn.clip("something else", seconds=20),
        drawn.clip("body", seconds=10, start=25),
    )
    answer = ask(service, owner, query)
    (match,) = answer["matches"]
    assert len(match["signals"]["spans"]) == len(match["spans"]) == 2
    counted = [span["frames"]["aligned"] for span in match["signals"]["spans"]]
    assert sum(counted) == match["signals"]["frames"]["aligned"]
    assert counted[0] > counted[1], "in the order of the spans"
    rows = agreement.rows(match, Words("en"))
    for row, count in zip(rows, counted, strict=True):
        assert row.signs is not None
        pictures, faces, sound = row.signs
        assert pictures.text.startswith(f"{count} pictures, ")
        assert pictures.bar is not None
        assert (faces.text, faces.bar) == ("not compared", None)
        assert sound.bar is None
    hidden = shown(answer, Caller(owner.caller_id, owner.organization_id, "x", frozenset({"lookup"})))
    assert [row.signs for row in agreement.rows(hidden["matches"][0], Words("en"))] == [None, None]


def test_the_signals_of_one_span_are_those_of_its_match(service: Service, owner: Caller) -> None:
    put(service, owner, drawn.clip("body", file="fake"))
    (match,) = ask(service, owner, drawn.clip("body", noise=0.05))["matches"]
    assert match["signals"]["spans"] == []
    (row,) = agreement.rows(match, Words("ar"))
    assert row.signs is not None
    assert row.signs[0].bar is not None
    assert row.signs[0].bar.x > 0, "bars begin at the right"

"""The answer in words, and the code that the words stand for."""

from __future__ import annotations

from typing import Any, get_args

from registry.catalogue.entries.commands import shown_entries
from registry.catalogue.entries.model.verdict import Verdict
from registry.matching.decision.model import checked, decision, match
from registry.matching.lookups.commands import explain

ANSWER: dict[str, Any] = {
    "lookup_id": "l",
    "verdict": "known_fake",
    "reasons": [],
    "mixed": True,
    "confidence": 0.98,
    "matches": [
        {
            "entry_id": "e-1",
            "asset_id": "a-1",
            "title": "The \x1b[31mspeech\n[bold]",
            "bank": "elections",
            "tier": "court_order",
            "relation": "copy",
            "confidence": 0.98,
            "exact": False,
            "reasons": ["weak", "brand_new"],
            "coverage": {"query": 0.3, "asset": 1.0},
            "spans": [{"query": [12.0, 20.1], "asset": [0.0, 8.1], "speed": 1.25, "mirrored": True}],
            "signals": None,
            "references": [{"url": "https://check.example/1"}],
        }
    ],
    "timing_ms": {"fingerprint": 1203.4, "candidates": 4.1, "align": 1.2, "total": 6.04},
    "notes": ["no_sscd"],
    "model": "m",
}


def test_an_answer_reads_as_a_block() -> None:
    assert list(explain.lines("clip\n.mp4", ANSWER)) == [
        r"clip\n.mp4",
        "  KNOWN FAKE, confidence 0.98",
        "  it shows both a fake and genuine footage; a person has to decide what to do:",
        r"    0:12.0–0:20.1  a copy of the fake, “The \x1b[31mspeech\n[bold]”",
        r"  1. “The \x1b[31mspeech\n[bold]”: a copy of the fake, confidence 0.98",
        "     entry e-1 in bank “elections”, court order",
        "     query 0:12.0–0:20.1 = fake 0:00.0–0:08.1, at 1.25 times the speed, mirrored",
        "     because the similarity is too weak to decide alone",
        "     because brand_new",
        "     see https://check.example/1",
        "  note: without the SSCD model: strongly cropped or framed copies may be missed",
        "  answered in 6.0 ms; fingerprinted in 1,203 ms",
    ]


def test_no_match_explains_its_limits() -> None:
    answer = {"verdict": "no_match", "reasons": [], "mixed": False, "confidence": None, "matches": []}
    [_, verdict] = explain.lines("x", answer)
    assert "does not make it genuine" in verdict


def test_every_verdict_and_relation_has_words() -> None:
    assert set(explain.VERDICTS) == set(get_args(Verdict))
    assert set(explain.RELATIONS) == {*get_args(match.Relation), None}


def test_every_reason_that_the_rules_give_has_words() -> None:
    assert set(explain.REASONS) >= decision.REASONS


def test_a_span_describes_mirroring_and_speed() -> None:
    def told(speed: float) -> str:
        span = {"query": [0, 2], "asset": [4, 6], "speed": speed, "mirrored": False}
        match = {**ANSWER["matches"][0], "spans": [span]}
        return next(line for line in explain.lines("x", {**ANSWER, "matches": [match]}) if "query" in line)

    assert told(1.0).endswith("0:06.0")
    assert told(0.5).endswith(", at 0.50 times the speed")
    assert told(-1.0).endswith(", backwards")
    assert told(-2.0).endswith(", backwards, at 2.00 times the speed")


def test_an_enrolled_person_is_reported_by_id_and_seconds() -> None:
    person: dict[str, Any] = {
        "entry_id": None,
        "person_id": "p-1",
        "title": "",
        "bank": None,
        "tier": None,
        "relation": "same_person",
        "confidence": 0.95,
        "reasons": ["same_person"],
        "spans": [{"query": [1.0, 61.0], "asset": [0.0, 0.0], "speed": 1.0, "mirrored": False}],
        "references": [],
    }
    answer = {**ANSWER, "verdict": "related", "reasons": ["same_person"], "mixed": False, "matches": [person]}
    assert list(explain.lines("clip.mp4", answer))[1:5] == [
        "  RELATED: a person has to check it, confidence 0.98",
        "  because it shows a person whom your organization has enrolled",
        "  1. an enrolled person, p-1, confidence 0.95",
        "     seen in 0:01.0–1:01.0",
    ]


def test_a_mixed_answer_lists_parts_in_order_of_time() -> None:
    def shown(relation: str, *times: tuple[float, float]) -> dict[str, Any]:
        spans = [{"query": list(at), "asset": [0, 1], "speed": 1.0, "mirrored": False} for at in times]
        return {**ANSWER["matches"][0], "title": relation, "relation": relation, "spans": spans}

    matches = [shown("copy", (0.0, 4.0), (8.0, 12.0)), shown("original", (4.0, 8.0))]
    lines = list(explain.lines("x", {**ANSWER, "matches": matches}))
    at = lines.index("  it shows both a fake and genuine footage; a person has to decide what to do:")
    assert lines[at + 1 : at + 4] == [
        "    0:00.0–0:04.0  a copy of the fake, “copy”",
        "    0:04.0–0:08.0  the original, “original”",
        "    0:08.0–0:12.0  a copy of the fake, “copy”",
    ]


def test_uncompared_parts_are_reported_with_the_next_step() -> None:
    left = [{"what": "faces", "reason": "left_out"}, {"what": "brand", "reason": "new"}]
    answer = {**ANSWER, "verdict": "related", "not_checked": left, "next_step": "send_file"}
    lines = list(explain.lines("x", answer))
    assert "  not compared: faces (left out of what was sent), brand (new)" in lines
    assert "  next: send the file itself: the answer may change (fakeprint lookup --upload)" in lines
    assert not any("not compared" in line for line in explain.lines("x", {**answer, "verdict": "known_fake"}))


def test_every_not_checked_code_has_words() -> None:
    assert set(explain.SIGNALS) == set(get_args(checked.Signal))
    assert set(explain.OMISSIONS) == set(get_args(checked.Omission))
    assert set(explain.NEXT_STEPS) == set(get_args(checked.NextStep))


def test_an_older_answer_is_marked() -> None:
    answer = {**ANSWER, "as_of": "2026-11-25T19:27:20.076Z"}
    text = "  as of 2026-11-25T19:27:20.076Z: the primary database is away"
    assert text in list(explain.lines("clip.mp4", answer))
    assert text not in list(explain.lines("clip.mp4", ANSWER))


def test_entries_with_the_same_person_have_the_persons_id() -> None:
    row: dict[str, Any] = {
        "entry_id": "e-2",
        "title": "The other clip",
        "bank": "default",
        "tier": "unreviewed",
        "kind": "same_person",
        "relation": None,
        "score": None,
        "persons": ["p-1"],
        "spans": [],
    }
    found = {"entry_id": "e-1", "count": 1, "pending": False, "related": [row]}
    assert list(shown_entries.related(found)) == [
        "1 entry shows the same footage or person as e-1",
        "  “The other clip”: the same enrolled person, p-1",
        "    entry e-2 in bank “default”, unreviewed",
    ]

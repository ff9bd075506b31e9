"""What fact-checkers' tools are told of an answer: fakes only, and by Check's own numbers."""

from __future__ import annotations

from typing import Any, cast
from uuid import UUID

import pytest

from registry.matching.lookups.model import Answer, Match
from registry.sharing.fact_checking import model
from registry.sharing.fact_checking.model import Fake

ENTRY = UUID("5a1e4bb2-1f0f-4c3c-9d4b-6f0c2f6c7f10")
ASSET = UUID("0d6c3f5e-8a64-4c39-8f57-0b7b1f6a9a21")
PAGE = f"https://fakes.example/console/entries/{ENTRY}"
CHECK = "https://checkmedia.org/newsroom/media/123"


def match(verdict: str, relation: str | None, **more: Any) -> Match:
    fields = {
        "entry_id": str(ENTRY),
        "verdict": verdict,
        "relation": relation,
        "exact": False,
        "confidence": 0.9,
    }
    return cast("Match", fields | more)


def answer(*matches: Match, mixed: bool = False) -> Answer:
    return cast("Answer", {"matches": list(matches), "mixed": mixed})


def fake(*urls: str, own: bool = True, score: float = 0.95, **more: Any) -> Fake:
    references = [{"url": url} | more for url in urls]
    return Fake(ENTRY, ASSET, "The balcony speech", score, PAGE, own, references)


KNOWN = match("known_fake", "copy")
DOUBTFUL = [match("related", relation) for relation in ("copy", "same_footage_other_face", None)]
NEVER = [
    match("authentic_original", "original"),
    match("related", "original"),
    match("related", "same_person"),
    match("related", "same_person", entry_id=None),
    match("no_match", None),
]


def test_genuine_footage_and_persons_are_never_fakes() -> None:
    for suggestions in (False, True):
        assert model.fakes(answer(*NEVER), suggestions=suggestions) == []


def test_doubtful_matches_are_suggestions_only() -> None:
    assert model.fakes(answer(KNOWN, *DOUBTFUL, *NEVER), suggestions=False) == [KNOWN]
    assert model.fakes(answer(KNOWN, *DOUBTFUL, *NEVER), suggestions=True) == [KNOWN, *DOUBTFUL]


def test_a_debunk_with_fake_and_original_is_a_suggestion_only() -> None:
    debunk = answer(KNOWN, *DOUBTFUL, *NEVER, mixed=True)
    assert model.fakes(debunk, suggestions=False) == []
    assert model.fakes(debunk, suggestions=True) == [KNOWN, *DOUBTFUL]


def test_the_score_is_the_confidence_and_1_for_the_same_file() -> None:
    assert model.score(match("known_fake", "copy", exact=True)) == 1.0
    assert model.score(KNOWN) == 0.9
    assert model.score(match("related", None, confidence=None)) == 0.0


def test_the_plugin_gets_each_entry_once_and_no_evidence() -> None:
    article = "https://checker.example/1"
    shown = model.known_fakes([fake(article), fake(article, score=0.5)])
    assert list(shown) == [str(ENTRY)]
    claim = shown[str(ENTRY)]
    assert claim["externalLink"] == article
    assert [row["similarity"] for row in claim["appearancesResults"]] == [0.95, 0.5]
    assert claim["evidencesResults"] == []
    assert model.known_fakes([]) == {}


def test_the_link_is_a_fact_check_and_never_the_original() -> None:
    assert fake("https://news.example/speech", type="original").link == PAGE
    assert fake().link == PAGE
    assert fake(CHECK).link == PAGE


@pytest.mark.parametrize(
    ("url", "type_", "number"),
    [
        (CHECK, "", 123),
        ("https://checkmedia.org/newsroom/project/7/media/124", "", 124),
        ("https://qa.checkmedia.org/newsroom/media/125/suggested-matches", "", 125),
        ("https://check.newsroom.example/team/media/126", "check", 126),
        ("https://check.newsroom.example/team/media/126", "", None),
        ("https://notcheckmedia.org/newsroom/media/123", "", None),
        ("https://checkmedia.org/newsroom/media/12a", "", None),
        ("https://checkmedia.org/newsroom", "", None),
    ],
)
def test_check_items_are_read_from_references(url: str, type_: str, number: int | None) -> None:
    assert fake(url, type=type_).items == ([] if number is None else [number])


def test_the_items_of_others_are_not_told() -> None:
    assert fake(CHECK, own=False).items == []


def test_check_finds_its_item_in_the_context_of_a_result() -> None:
    context = {"team_id": [1, 2], "project_media_id": 9}
    (result,) = model.results([fake(CHECK)], "video", context, 0.9)
    assert result["context"] == [
        {"team_id": [1, 2], "project_media_id": 123, "has_custom_id": True, "content_type": "video"}
    ]
    assert (result["score"], result["doc_id"]) == (0.95, str(ENTRY))
    assert model.results([fake(CHECK)], "video", context, 0.96) == []


def test_the_best_result_is_first() -> None:
    found = model.results([fake(score=0.5), fake(score=0.8)], "image", {}, 0.0)
    assert [result["score"] for result in found] == [0.8, 0.5]

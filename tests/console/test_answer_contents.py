"""What a clip shows when, of an answer's matches."""

from __future__ import annotations

from typing import Any

from registry.console.spans import Content, contents


def _match(relation: str, title: str | None, *stretches: tuple[float, float]) -> dict[str, Any]:
    return {
        "relation": relation,
        "title": title,
        "spans": [{"query": list(stretch)} for stretch in stretches],
    }


def test_stretches_of_all_matches_stand_in_the_clips_own_order() -> None:
    parts = contents(
        [
            _match("copy", "One", (8.0, 12.0)),
            _match("copy", "Two", (0.0, 4.0)),
            _match("original", "One", (4.0, 8.0)),
        ]
    )
    assert [(content.query, content.relation, content.title) for content in parts] == [
        ((0.0, 4.0), "copy", "Two"),
        ((4.0, 8.0), "original", "One"),
        ((8.0, 12.0), "copy", "One"),
    ]


def test_stretches_of_one_match_that_touch_are_one() -> None:
    parts = contents([_match("copy", "One", (4.2, 8.0), (0.0, 4.0), (10.0, 12.0))])
    assert [content.query for content in parts] == [(0.0, 8.0), (10.0, 12.0)]


def test_a_picture_has_no_stretch_and_an_entry_that_is_gone_no_title() -> None:
    (part,) = contents([_match("original", None, (0.0, 0.0))])
    assert part == Content((0.0, 0.0), "original", "")
    assert not part.lasts

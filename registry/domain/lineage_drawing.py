"""A PROV-JSON document of `domain.lineage`, drawn as SVG: what comes from what, left to right. Pure.

Entities stand in layers by the longest way from what they were made from (Kahn's order, so that a loop, which
nobody should have made, ends too), those of a layer by name; activities and agents are told in the edges'
titles. The same document is the same picture, byte by byte. It holds no script, no style sheet and no address
that is fetched, and every text in it is escaped.
"""

from __future__ import annotations

import itertools
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final
from xml.sax.saxutils import escape, quoteattr

from registry.domain.lineage import TAKEN

WIDE: Final = 240
HIGH: Final = 64
GAP: Final = 110
SPACE: Final = 22
EDGE: Final = 24
LONGEST: Final = 30
"""Characters of a line in a box; more end in an ellipsis, and stand whole in its title."""
_ROOT: Final = 'xmlns="http://www.w3.org/2000/svg" font-family="sans-serif" font-size="13" role="img"'
MOST: Final = 400
"""Boxes that are drawn; of more, the first by name."""
_KINDS: Final[Mapping[str, tuple[str, str]]] = {
    "fp:Entry": ("#e8eef7", "entry"),
    "fp:Fake": ("#fbe3e0", "fake"),
    "fp:Original": ("#e0f2e4", "original"),
    "fp:Sighting": ("#f4f0dc", "seen"),
    "fp:ForeignEntry": ("#ece3f5", "another registry's entry"),
}
_RELATIONS: Final[Mapping[str, tuple[str, str, str]]] = {
    "wasDerivedFrom": ("prov:usedEntity", "prov:generatedEntity", "made from"),
    "alternateOf": ("prov:alternate1", "prov:alternate2", "same footage"),
    "hadMember": ("prov:entity", "prov:collection", "in"),
    "specializationOf": ("prov:generalEntity", "prov:specificEntity", "seen as"),
}
"""By relation: where its line begins and ends, and its word."""
_WORDS: Final[Mapping[str, str]] = {"variant": "variant", TAKEN: "taken from"}
"""By `fp:as`, another word."""


@dataclass(frozen=True, slots=True)
class _Line:
    begins: str
    ends: str
    word: str
    said: str


def svg(document: Mapping[str, Any]) -> str:
    """The picture, as a whole SVG 1.1 document."""
    boxes = dict(sorted(document.get("entity", {}).items())[:MOST])
    lines = [one for one in _lines(document) if one.begins in boxes and one.ends in boxes]
    places = _placed(boxes, lines)
    width = max((x for x, _ in places.values()), default=0) + WIDE + EDGE
    height = max((y for _, y in places.values()), default=0) + HIGH + EDGE
    parts = [
        '<?xml version="1.0" encoding="UTF-8"?>',
        f'<svg {_ROOT} width="{width}" height="{height}" viewBox="0 0 {width} {height}">',
        "<title>Where an entry comes from</title>",
        *(_drawn(one, places) for one in lines),
        *(_box(name, boxes[name], places[name]) for name in boxes),
        "</svg>",
    ]
    return "\n".join(parts) + "\n"


def _lines(document: Mapping[str, Any]) -> Iterator[_Line]:
    seen: dict[tuple[str, str, str], list[str]] = defaultdict(list)
    for relation, (begin, end, word) in _RELATIONS.items():
        for _, one in sorted(document.get(relation, {}).items()):
            told = _WORDS.get(str(one.get("fp:as")), word)
            seen[one[begin], one[end], told].append(_said(one))
    for (begins, ends, word), said in seen.items():
        yield _Line(begins, ends, word, "; ".join(filter(None, said)))


def _said(one: Mapping[str, Any]) -> str:
    alike = ("fp:span", "fp:probability", "fp:faces", "fp:relation")
    named = (*alike, "fp:licence", "fp:assertedBy", "fp:assertedAt")
    return ", ".join(f"{name[3:]}: {_text(one[name])}" for name in named if name in one)


def _placed(boxes: Mapping[str, Any], lines: Sequence[_Line]) -> dict[str, tuple[int, int]]:
    """The upper left corner of each box."""
    after: dict[str, set[str]] = defaultdict(set)
    waits = dict.fromkeys(boxes, 0)
    for one in lines:
        if one.begins != one.ends and one.ends not in after[one.begins]:
            after[one.begins].add(one.ends)
            waits[one.ends] += 1
    layer: dict[str, int] = dict.fromkeys(boxes, 0)
    left = set(boxes)
    while left:
        ready = sorted(name for name in left if waits[name] <= 0) or [min(left)]
        for name in ready:
            left.discard(name)
            for other in after[name] & left:
                waits[other] -= 1
                layer[other] = max(layer[other], layer[name] + 1)
    rows: dict[int, Iterator[int]] = defaultdict(itertools.count)
    return {
        name: (EDGE + layer[name] * (WIDE + GAP), EDGE + next(rows[layer[name]]) * (HIGH + SPACE))
        for name in sorted(boxes)
    }


def _drawn(one: _Line, places: Mapping[str, tuple[int, int]]) -> str:
    (x, y), (to_x, to_y) = places[one.begins], places[one.ends]
    begin, end = (x + WIDE, y + HIGH // 2), (to_x, to_y + HIGH // 2)
    if to_x <= x:
        begin, end = (x + WIDE // 2, y + HIGH), (to_x + WIDE // 2, to_y + HIGH)
    middle = (begin[0] + end[0]) // 2
    path = f"M{begin[0]},{begin[1]} C{middle},{begin[1]} {middle},{end[1]} {end[0]},{end[1]}"
    dashed = ' stroke-dasharray="4 3"' if one.word in {"in", "seen as"} else ""
    label = (end[0] - 6, end[1] - 5)
    place = f'x="{label[0]}" y="{label[1]}" text-anchor="end"'
    text = "" if one.word == "in" else f'<text {place} font-size="11" fill="#555">{one.word}</text>'
    return (
        f"<g><title>{_clean(f'{one.word}: {one.said}')}</title>"
        f'<path d="{path}" fill="none" stroke="#777"{dashed}/>'
        f'<circle cx="{end[0]}" cy="{end[1]}" r="3" fill="#777"/>{text}</g>'
    )


def _box(name: str, said: Mapping[str, Any], place: tuple[int, int]) -> str:
    x, y = place
    colour, kind = _KINDS.get(str(said.get("prov:type")), ("#eeeeee", "other"))
    first = str(said.get("prov:label") or said.get("fp:url") or name)
    second = [kind, said.get("fp:manipulation"), said.get("fp:tier"), said.get("fp:declared")]
    second.append(said.get("fp:licence"))
    told = "; ".join(f"{key.partition(':')[2]}: {_text(value)}" for key, value in sorted(said.items()))
    rows = ((first, 24, 13), (" · ".join(str(one) for one in second if one), 42, 11), (name, 56, 9))
    texts = "".join(
        f'<text x="{x + 10}" y="{y + down}" font-size="{size}" style="unicode-bidi:plaintext">'
        f"{_clean(_short(text, LONGEST if size > 9 else 60))}</text>"
        for text, down, size in rows
    )
    return (
        f"<g aria-label={quoteattr(_bare(first))}><title>{_clean(told)}</title>"
        f'<rect x="{x}" y="{y}" width="{WIDE}" height="{HIGH}" rx="6" fill="{colour}" stroke="#999"/>'
        f"{texts}</g>"
    )


def _short(text: str, longest: int) -> str:
    return text if len(text) <= longest else text[: longest - 1] + "…"


def _text(value: Any) -> str:
    if isinstance(value, Mapping):
        return str(value.get("$"))
    return " | ".join(map(str, value)) if isinstance(value, list) else str(value)


def _bare(text: str) -> str:
    """Without what XML cannot hold, and without what turns the text around it."""
    return "".join(one if one.isprintable() else " " for one in text)


def _clean(text: str) -> str:
    return escape(_bare(text))

"""Draw a PROV-JSON document of `graph` as SVG, with derivations from left to right. Pure.

An entity's layer is the longest path from its sources, in Kahn's order, which also ends if there is a loop.
Within a layer entities are sorted by name. Four layers fit the width of a console page without scaling.

Boxes show titles and words, never ids, which are in the document. Equal documents give byte-identical
pictures. A picture contains no scripts, style sheets or external addresses, and all text is escaped.
"""

from __future__ import annotations

import itertools
import re
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final
from xml.sax.saxutils import escape, quoteattr

from registry.sharing.prov.model.graph import TAKEN

WIDE: Final = 206
HIGH: Final = 58
GAP: Final = 92
SPACE: Final = 20
EDGE: Final = 10
LONGEST: Final = (22, 25)
"""Maximum characters of a box's first and second line. Longer text ends in an ellipsis; the tooltip shows it
all."""
_ROOT: Final = 'xmlns="http://www.w3.org/2000/svg" font-family="sans-serif" role="img"'
MOST: Final = 400
"""Maximum number of boxes. If there are more, the first by name are drawn."""
ENGLISH: Final[Mapping[str, str]] = {
    "title": "Where an entry comes from",
    "fp:Entry": "entry",
    "fp:Fake": "fake",
    "fp:Original": "original",
    "fp:Sighting": "seen here",
    "fp:ForeignEntry": "entry of another registry",
    "wasDerivedFrom": "made from",
    "alternateOf": "same footage",
    "hadMember": "belongs to",
    "specializationOf": "seen at",
    "variant": "variant",
    TAKEN: "imported from",
    "face_swap": "face swap",
    "lip_sync": "lip-sync",
    "synthetic": "synthetic",
    "edited": "edited",
    "audio": "voice or sound",
    "voice_clone": "imitated voice",
    "spliced": "cut or joined speech",
    "unreviewed": "unreviewed",
    "reviewed": "reviewed",
    "court_order": "court order",
    "untitled": "without a title",
}
"""Words of the drawing by their code in the document. Codes without a word are shown unchanged."""
_COLOURS: Final[Mapping[str, str]] = {
    "fp:Entry": "#e8eef7",
    "fp:Fake": "#fbe3e0",
    "fp:Original": "#e0f2e4",
    "fp:Sighting": "#f4f0dc",
    "fp:ForeignEntry": "#ece3f5",
}
_RELATIONS: Final[Mapping[str, tuple[str, str]]] = {
    "wasDerivedFrom": ("prov:usedEntity", "prov:generatedEntity"),
    "alternateOf": ("prov:alternate1", "prov:alternate2"),
    "hadMember": ("prov:entity", "prov:collection"),
    "specializationOf": ("prov:generalEntity", "prov:specificEntity"),
}
"""The fields in which each relation's line begins and ends."""
_DASHED: Final = frozenset({"hadMember", "specializationOf"})
_SPAN: Final = re.compile(r"([\d.]+)/([\d.]+)=([\d.]+)/([\d.]+)")


@dataclass(frozen=True, slots=True)
class _Line:
    begins: str
    ends: str
    kind: str
    evidence: str


def svg(document: Mapping[str, Any], words: Mapping[str, str] = ENGLISH) -> str:
    """Return the SVG 1.1 document. `words`: texts in the reader's language, with the keys of `ENGLISH`."""
    boxes = dict(sorted(document.get("entity", {}).items())[:MOST])
    lines = [line for line in _lines(document) if line.begins in boxes and line.ends in boxes]
    corners = _corners(boxes, lines)
    width = max((x for x, _ in corners.values()), default=0) + WIDE + EDGE
    height = max((y for _, y in corners.values()), default=0) + HIGH + EDGE
    titles = _titles(document)
    parts = [
        '<?xml version="1.0" encoding="UTF-8"?>',
        f'<svg {_ROOT} width="{width}" height="{height}" viewBox="0 0 {width} {height}">',
        f"<title>{_clean(words['title'])}</title>",
        *_arrows(lines, corners, words),
        *(_box(_label(boxes[name], titles.get(name, ""), words), corners[name]) for name in boxes),
        "</svg>",
    ]
    return "\n".join(parts) + "\n"


def _titles(document: Mapping[str, Any]) -> dict[str, str]:
    """Return the title of each medium's entry."""
    entities = document.get("entity", {})
    return {
        membership["prov:entity"]: str(
            entities.get(membership["prov:collection"], {}).get("prov:label") or ""
        )
        for membership in document.get("hadMember", {}).values()
    }


def _lines(document: Mapping[str, Any]) -> Iterator[_Line]:
    evidence: dict[tuple[str, str, str], list[str]] = defaultdict(list)
    agents = document.get("agent", {})
    for relation, (begin, end) in _RELATIONS.items():
        for _, row in sorted(document.get(relation, {}).items()):
            kind = str(row.get("fp:as", relation))
            by = agents.get(row.get("fp:assertedBy"), {}).get("prov:label")
            evidence[row[begin], row[end], kind].append(" · ".join(filter(None, (*_proof(row), by))))
    for (begins, ends, kind), texts in evidence.items():
        yield _Line(begins, ends, kind, "; ".join(filter(None, texts)))


def _proof(row: Mapping[str, Any]) -> Iterator[str]:
    """Yield the evidence for a line: seconds in both media, probability, licence."""
    for span in row.get("fp:span", ()):
        if match := _SPAN.match(str(span)):
            begin, end, asset_begin, asset_end = (f"{float(second):g}" for second in match.groups())
            yield f"{asset_begin}–{asset_end} s → {begin}–{end} s"
    if "fp:probability" in row:
        yield f"{row['fp:probability']:.0%}"
    yield str(row.get("fp:licence") or "")


def _corners(boxes: Mapping[str, Any], lines: Sequence[_Line]) -> dict[str, tuple[int, int]]:
    """Return the upper left corner of each box."""
    after: dict[str, set[str]] = defaultdict(set)
    waits = dict.fromkeys(boxes, 0)
    for line in lines:
        if line.begins != line.ends and line.ends not in after[line.begins]:
            after[line.begins].add(line.ends)
            waits[line.ends] += 1
    layer: dict[str, int] = dict.fromkeys(boxes, 0)
    remaining = set(boxes)
    while remaining:
        ready = sorted(name for name in remaining if waits[name] <= 0) or [min(remaining)]
        for name in ready:
            remaining.discard(name)
            for other in after[name] & remaining:
                waits[other] -= 1
                layer[other] = max(layer[other], layer[name] + 1)
    rows: dict[int, Iterator[int]] = defaultdict(itertools.count)
    return {
        name: (EDGE + layer[name] * (WIDE + GAP), EDGE + next(rows[layer[name]]) * (HIGH + SPACE))
        for name in sorted(boxes)
    }


def _arrows(
    lines: Sequence[_Line], corners: Mapping[str, tuple[int, int]], words: Mapping[str, str]
) -> Iterator[str]:
    """Yield each line with its label at its end. Labels at the same box are stacked."""
    above: dict[str, Iterator[int]] = defaultdict(itertools.count)
    for line in lines:
        yield _arrow(line, corners, words, 0 if line.kind == "hadMember" else next(above[line.ends]))


def _arrow(line: _Line, corners: Mapping[str, tuple[int, int]], words: Mapping[str, str], above: int) -> str:
    (x, y), (to_x, to_y) = corners[line.begins], corners[line.ends]
    begin, end = (x + WIDE, y + HIGH // 2), (to_x, to_y + HIGH // 2)
    if to_x <= x:
        begin, end = (x + WIDE // 2, y + HIGH), (to_x + WIDE // 2, to_y + HIGH)
    middle = (begin[0] + end[0]) // 2
    path = f"M{begin[0]},{begin[1]} C{middle},{begin[1]} {middle},{end[1]} {end[0]},{end[1]}"
    dashed = ' stroke-dasharray="4 3"' if line.kind in _DASHED else ""
    word = words.get(line.kind, line.kind)
    place = f'x="{end[0] - 6}" y="{end[1] - 6 - 15 * above}" text-anchor="end"'
    label = f'<text {place} font-size="13" fill="#444">{_clean(word)}</text>'
    text = "" if line.kind == "hadMember" else label
    return (
        f"<g><title>{_clean(': '.join(filter(None, (word, line.evidence))))}</title>"
        f'<path d="{path}" fill="none" stroke="#777"{dashed}/>'
        f'<circle cx="{end[0]}" cy="{end[1]}" r="3" fill="#777"/>{text}</g>'
    )


def _label(entity: Mapping[str, Any], title: str, words: Mapping[str, str]) -> tuple[str, str, str]:
    """Return both lines of a box and its colour. `title`: the title of the medium's entry."""
    kind = str(entity.get("prov:type"))
    word = words.get(kind, kind)
    colour = _COLOURS.get(kind, "#eeeeee")
    if kind in {"fp:Fake", "fp:Original"}:
        lasts = entity.get("fp:duration")
        return f"{word}, {lasts:.1f} s" if lasts else word, title, colour
    if kind == "fp:Sighting":
        address = str(entity.get("fp:url") or "").partition("://")[2]
        return address or str(entity.get("fp:platform") or word), word, colour
    codes = (entity.get("fp:manipulation"), entity.get("fp:tier"), entity.get("fp:licence"))
    more = [words.get(str(code), str(code)) for code in codes if code]
    return str(entity.get("prov:label") or words["untitled"]), " · ".join((word, *more)), colour


def _box(label: tuple[str, str, str], place: tuple[int, int]) -> str:
    x, y = place
    first, second, colour = label
    rows = ((first, 25, 15, LONGEST[0]), (second, 45, 13, LONGEST[1]))
    texts = "".join(
        f'<text x="10" y="{down}" font-size="{size}" style="unicode-bidi:plaintext">'
        f"{_clean(_short(text, longest))}</text>"
        for text, down, size, longest in rows
    )
    return (
        f"<g aria-label={quoteattr(_bare(first))}><title>{_clean(f'{first}: {second}')}</title>"
        f'<rect x="{x}" y="{y}" width="{WIDE}" height="{HIGH}" rx="6" fill="{colour}" stroke="#999"/>'
        f'<svg x="{x}" y="{y}" width="{WIDE - 4}" height="{HIGH}">{texts}</svg></g>'
    )


def _short(text: str, longest: int) -> str:
    return text if len(text) <= longest else text[: longest - 1] + "…"


def _bare(text: str) -> str:
    """Replace characters that XML cannot contain or that change the text direction."""
    return "".join(character if character.isprintable() else " " for character in text)


def _clean(text: str) -> str:
    return escape(_bare(text))

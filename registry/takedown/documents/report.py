"""A document for people, as values: what it says, in which order; how it is printed is
`registry.takedown.documents`'s to
say.

All texts are plain: nothing in them is read as markup. Lines are parted by LF, paragraphs by an empty line.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Text:
    """Running text; `strong` in bold, for what must not be overlooked."""

    text: str
    strong: bool = False


@dataclass(frozen=True, slots=True)
class Facts:
    """Labels and their values, one pair a line."""

    rows: Sequence[tuple[str, str]]


@dataclass(frozen=True, slots=True)
class Table:
    """A table whose head is repeated on each page. `widths` are shares of the line, alike where none are
    given."""

    head: Sequence[str]
    rows: Sequence[Sequence[str]]
    widths: Sequence[float] = ()


@dataclass(frozen=True, slots=True)
class Address:
    """A URL, a digest or another text that is copied, in a face of fixed width, always left to right."""

    text: str


@dataclass(frozen=True, slots=True)
class Figure:
    """A picture (SVG, PNG or JPEG bytes) with its caption, which is also what a screen reader says. What must
    not be seen is blurred by whoever makes it."""

    image: bytes
    caption: str


Block = Text | Facts | Table | Address | Figure


@dataclass(frozen=True, slots=True)
class Section:
    """A heading and what stands under it; `level` 1 or 2."""

    title: str
    blocks: Sequence[Block]
    level: int = 1


@dataclass(frozen=True, slots=True)
class Report:
    """A document in one of `regime.LANGUAGES`. `reference` stands at the head of each page, `footer` at its
    foot."""

    title: str
    language: str
    sections: Sequence[Section]
    subtitle: str = ""
    reference: str = ""
    footer: str = ""

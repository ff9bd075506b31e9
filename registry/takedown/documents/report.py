"""A document for people, as values. `registry.takedown.documents` prints it.

All texts are plain text, never markup. Lines are separated by LF, paragraphs by an empty line.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Text:
    """Running text. `strong`: bold."""

    text: str
    strong: bool = False


@dataclass(frozen=True, slots=True)
class Facts:
    """Labels and their values, one pair per line."""

    rows: Sequence[tuple[str, str]]


@dataclass(frozen=True, slots=True)
class Table:
    """A table. Its head is repeated on each page. `widths`: shares of the line; equal if empty."""

    head: Sequence[str]
    rows: Sequence[Sequence[str]]
    widths: Sequence[float] = ()


@dataclass(frozen=True, slots=True)
class Address:
    """A URL, a digest or another text to be copied: in a monospaced font, always left to right."""

    text: str


@dataclass(frozen=True, slots=True)
class Figure:
    """A picture (SVG, PNG or JPEG bytes). The caption is also its text for screen readers.

    The caller blurs what must not be seen.
    """

    image: bytes
    caption: str


Block = Text | Facts | Table | Address | Figure


@dataclass(frozen=True, slots=True)
class Section:
    """A heading and its content. `level`: 1 or 2."""

    title: str
    blocks: Sequence[Block]
    level: int = 1


@dataclass(frozen=True, slots=True)
class Report:
    """A document in one of `regime.LANGUAGES`. `reference`: head of each page. `footer`: foot of each
    page."""

    title: str
    language: str
    sections: Sequence[Section]
    subtitle: str = ""
    reference: str = ""
    footer: str = ""

"""Fills a regime's template with values: as plain text, as HTML, and as pieces for printing.

Values are untrusted text. They are inserted once and never read as templates, markup or headers. Characters
that reverse the direction of a line are stripped (Trojan Source, CVE-2021-42574). A value in the other
direction than its sentence is wrapped in the isolates of UAX 9.
"""

from __future__ import annotations

import html as markup
import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from registry.takedown.errors import NoWording
from registry.takedown.regimes.errors import NoticeIncomplete
from registry.takedown.regimes.model.regime import RIGHT_TO_LEFT, Element, Regime, is_empty

LONGEST_IN_SUBJECT: Final = 80
"""Maximum characters of one value in a subject line. The body has the whole value."""
MOST_MARKS: Final = 30
"""Maximum combining marks on one letter, which exceeds the needs of any script (Stream-Safe Text of UAX 15).
Piles of marks can hide text."""
LTR_ISOLATE, FIRST_STRONG_ISOLATE, END_ISOLATE = "\u2066", "\u2068", "\u2069"
_PARTS: Final = re.compile(r"\{([a-z][a-z0-9_]*)\}")
_JOINERS: Final = frozenset("\u200c\u200d")  # needed inside Arabic and Persian words
_NEW_LINES: Final = frozenset("\n\r\v\f\x85\u2028\u2029")
_UNSEEN: Final = frozenset({"Cc", "Cf", "Cs", "Co", "Cn"})
_LTR_KINDS: Final = frozenset({"url", "email", "moment", "day", "term"})


@dataclass(frozen=True, slots=True)
class Piece:
    """A part of a line: words of the template, or a value (`foreign`).

    `direction`: `ltr`, or `auto` for that of its first letter. `kind`: of its element; empty for the
    template.
    """

    text: str
    kind: str = ""
    direction: str = "auto"

    @property
    def foreign(self) -> bool:
        """Whether the text is a value."""
        return bool(self.kind)


@dataclass(frozen=True, slots=True)
class Paragraph:
    """Lines of pieces. A heading has one line."""

    lines: tuple[tuple[Piece, ...], ...]
    heading: bool = False


@dataclass(frozen=True, slots=True)
class Letter:
    """A filled-in notice. `subject`: one line without control characters."""

    subject: str
    paragraphs: tuple[Paragraph, ...]
    language: str
    reference: str

    @property
    def rtl(self) -> bool:
        """Whether it is written from right to left."""
        return self.language in RIGHT_TO_LEFT


def letter(regime: Regime, language: str, values: Mapping[str, object]) -> Letter:
    """Return the filled-in notice.

    Raises `BadInput`: `notice_incomplete` if a value is missing or invalid (`elements` lists them with
    reasons), or `no_wording` for a language without a template.
    """
    if language not in regime.wordings:
        languages = ", ".join(regime.wordings)
        raise NoWording(f"{regime.id} has no wording in {language[:20]!r}.", next_step=languages)
    if faults := regime.faults(values):
        raise NoticeIncomplete(
            f"The notice is not complete: {faults[0].message}",
            extra={"elements": [{"id": fault.element, "code": fault.code} for fault in faults]},
        )
    template = regime.wordings[language]
    pieces = {
        element.id: _piece(element, regime, language, values.get(element.id)) for element in regime.elements
    }
    blocks = (_paragraph(block, pieces) for block in re.split(r"\n[ \t]*\n", template.body))
    return Letter(
        subject=_subject(template.subject, pieces, language),
        paragraphs=tuple(paragraph for block in blocks for paragraph in block if paragraph.lines),
        language=language,
        reference=clean(str(values.get("reference", ""))),
    )


def clean(text: str) -> str:
    """Return untrusted text fit for display: NFC, without control characters, direction overrides and
    unprintables.

    Lines are separated by LF.
    """
    characters: list[str] = []
    marks = 0
    for character in unicodedata.normalize("NFC", text).replace("\r\n", "\n"):
        category = unicodedata.category(character)
        marks = marks + 1 if category in {"Mn", "Me"} else 0
        if character in _NEW_LINES:
            characters.append("\n")
        elif character == "\t":
            characters.append(" ")
        elif character in _JOINERS or (category not in _UNSEEN and marks <= MOST_MARKS):
            characters.append(character)
    return "".join(characters).strip()


def direction(text: str) -> str:
    """Return `rtl` or `ltr` by the first strong letter; `ltr` without one."""
    classes = (unicodedata.bidirectional(character) for character in text)
    first = next((strong for strong in classes if strong in {"L", "R", "AL"}), "L")
    return "ltr" if first == "L" else "rtl"


def plain(letter: Letter) -> str:
    """Return the body as text/plain. Lines end with LF; values in the other direction are isolated."""
    blocks = [
        "\n".join(_plain_line(line, rtl=letter.rtl) for line in paragraph.lines)
        for paragraph in letter.paragraphs
    ]
    return "\n\n".join(blocks) + "\n"


def html(letter: Letter) -> str:
    """Return the body as text/html. Addresses are not links, so that nobody opens them by mistake."""
    flow = "rtl" if letter.rtl else "ltr"
    head = f'<!DOCTYPE html><html lang="{letter.language}" dir="{flow}"><head><meta charset="utf-8">'
    title = f"<title>{markup.escape(letter.subject)}</title></head><body>"
    body = "\n".join(_html_block(paragraph) for paragraph in letter.paragraphs)
    return f"{head}{title}\n{body}\n</body></html>\n"


def _html_block(paragraph: Paragraph) -> str:
    tag = "h2" if paragraph.heading else "p"
    lines = ("".join(_html_piece(piece) for piece in line) for line in paragraph.lines)
    return f"<{tag}>{'<br>\n'.join(lines)}</{tag}>"


def _html_piece(piece: Piece) -> str:
    text = markup.escape(piece.text).replace("\n", "<br>\n")
    return f'<bdi dir="{piece.direction}">{text}</bdi>' if piece.foreign else text


def _plain_line(line: tuple[Piece, ...], *, rtl: bool) -> str:
    return "".join(isolated(piece, rtl=rtl) for piece in line)


def isolated(piece: Piece, *, rtl: bool) -> str:
    """Return a piece's text, with an isolate around each line that contains letters or digits of the other
    direction."""
    if not piece.foreign:
        return piece.text
    return "\n".join(_isolated(part, piece, rtl=rtl) for part in piece.text.split("\n"))


def _isolated(text: str, piece: Piece, *, rtl: bool) -> str:
    against = {"L", "EN"} if rtl else {"R", "AL", "AN"}
    if not any(unicodedata.bidirectional(character) in against for character in text):
        return text
    opening = LTR_ISOLATE if piece.direction == "ltr" else FIRST_STRONG_ISOLATE
    # The space keeps URL detectors from including the isolate mark in the URL.
    return f"{opening}{text}{' ' if piece.kind == 'url' else ''}{END_ISOLATE}"


def _piece(element: Element, regime: Regime, language: str, value: object) -> Piece | None:
    if is_empty(value):
        return None
    if element.kind == "statement" and element.statement:
        return Piece(element.statement[language])
    if element.kind == "capacity":
        return Piece(next(signer.words[language] for signer in regime.signers if signer.id == value))
    way = "ltr" if element.kind in _LTR_KINDS else "auto"
    return Piece(clean(str(value)), element.kind, way)


def _paragraph(block: str, pieces: Mapping[str, Piece | None]) -> list[Paragraph]:
    """Return the heading of a block, and the paragraph after it."""
    headings: list[Paragraph] = []
    lines: list[tuple[Piece, ...]] = []
    for line in block.strip().split("\n"):
        if line.startswith("# "):
            headings.append(Paragraph((_line(line[2:], pieces) or (),), heading=True))
        elif (filled := _line(line, pieces)) is not None:
            lines.append(filled)
    return [*headings, Paragraph(tuple(lines))]


def _line(template: str, values: Mapping[str, Piece | None]) -> tuple[Piece, ...] | None:
    """Return the line's pieces, or None if one of its elements has no value."""
    pieces: list[Piece] = []
    for place, part in enumerate(_PARTS.split(template)):
        piece = values[part] if place % 2 else Piece(part)
        if piece is None:
            return None
        if piece.text:
            pieces.append(piece)
    return tuple(pieces)


def _subject(template: str, pieces: Mapping[str, Piece | None], language: str) -> str:
    rtl = language in RIGHT_TO_LEFT
    short = {name: piece and _shortened(piece) for name, piece in pieces.items()}
    return "".join(isolated(piece, rtl=rtl) for piece in _line(template, short) or ())


def _shortened(piece: Piece) -> Piece:
    text = " ".join(piece.text.split())
    cut = text if len(text) <= LONGEST_IN_SUBJECT else f"{text[: LONGEST_IN_SUBJECT - 1]}…"
    return Piece(cut, piece.kind, piece.direction)

"""Converts a letter or a report to the data that the Typst template uses."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any, Final

from registry.takedown.documents.errors import BadFigure
from registry.takedown.documents.report import Address, Block, Facts, Figure, Report, Section, Table, Text
from registry.takedown.documents.setting import BREAK, breakable, set_document
from registry.takedown.errors import NoWording
from registry.takedown.regimes.model.regime import LANGUAGES, RIGHT_TO_LEFT
from registry.takedown.regimes.model.wording import Letter, Piece, clean, direction

_LABELS: Final[Mapping[str, Mapping[str, str]]] = {
    "page": {"en": "Page", "es": "Página", "fr": "Page", "ar": "صفحة"},
    "of": {"en": "of", "es": "de", "fr": "sur", "ar": "من"},
    "sign": {
        "en": "Place, date and signature by hand, where the recipient asks for it",
        "es": "Lugar, fecha y firma manuscrita, si el destinatario la exige",
        "fr": "Lieu, date et signature manuscrite, si le destinataire l'exige",
        "ar": "المكان والتاريخ والتوقيع بخط اليد إذا طلب المتلقي ذلك",
    },
}
_DIGEST: Final = re.compile(r"[0-9a-f]{40,128}")
_WORDLESS: Final = re.compile(r"\S*[-./@]\S*")
"""Addresses, hosts and ids. They are set without a language: in Spanish, a hyphen at a line end would be
repeated on the next line."""
_ORDERED: Final = re.compile(
    r"\d{4}-\d{2}-\d{2}(?:[T ]\d{2}:\d{2}(?::\d{2})?)?|\d+(?:\.\d+)?[-–]\d+(?:\.\d+)?"
)
"""Dates, times and ranges of numbers, which would be reversed in Arabic text."""
_SOLID: Final = re.compile(r"[^\s/?&=.:_-]{32,}")
_LONGEST_TITLE: Final = 1_000
_SHORT: Final = 60
"""Maximum characters of a line in the other direction that is still aligned to the document's side."""
_FORMATS: Final = ((b"\x89PNG\r\n\x1a\n", "png"), (b"\xff\xd8\xff", "jpg"))


def notice(letter: Letter, made_at: datetime) -> bytes:
    """Return the letter as a PDF on A4, with room for a handwritten signature.

    `made_at`, with its offset, is the PDF's date. Raises `NotInstalled` without the extra, `BadInput`
    (`print_too_large`).
    """
    blocks: list[dict[str, Any]] = []
    for paragraph in letter.paragraphs:
        lines = [line for pieces in paragraph.lines for line in _letter_lines(pieces)]
        blocks.append(
            {"kind": "head", "level": 2, "line": lines[0]} if paragraph.heading else _running(lines)
        )
    data = _frame(letter.language, letter.subject, letter.reference) | {"blocks": blocks, "letter": True}
    return set_document(data, {}, made_at)


def report(report: Report, made_at: datetime) -> bytes:
    """Return the report as a PDF on A4.

    Date, limits and errors are those of `notice`, and also `bad_figure` (not SVG, PNG or JPEG) and
    `no_wording`.
    """
    figures: dict[str, bytes] = {}
    blocks = [block for section in report.sections for block in _section(section, figures)]
    data = _frame(report.language, report.title, report.reference, report.footer)
    data |= {"blocks": blocks, "letter": False, "subtitle": _line(report.subtitle)}
    return set_document(data, figures, made_at)


def _frame(language: str, title: str, reference: str, footer: str = "") -> dict[str, Any]:
    if language not in LANGUAGES:
        raise NoWording(f"Documents are printed in {', '.join(LANGUAGES)}.")
    shown = " ".join(clean(title).split())
    return {
        "lang": language,
        "rtl": language in RIGHT_TO_LEFT,
        "title": _short(shown),
        "shown": _line(shown),
        "reference": _line(reference),
        "footer": _line(footer),
        "labels": {name: words[language] for name, words in _LABELS.items()},
        "subtitle": [],
    }


def _letter_lines(pieces: Sequence[Piece]) -> Iterator[list[dict[str, Any]]]:
    """Split a line of the letter into lines of runs. Values may contain several lines."""
    runs: list[dict[str, Any]] = []
    for piece in pieces:
        for place, text in enumerate(piece.text.split("\n")):
            if place:
                yield runs
                runs = []
            runs.append(_run(text, piece))
    yield runs


def _run(text: str, piece: Piece) -> dict[str, Any]:
    if not piece.foreign:
        text = _isolated(text)
        return {"text": text, "dir": "", "face": "", "long": True}
    side = "ltr" if piece.direction == "ltr" else direction(text)
    long = max(map(len, piece.text.split("\n"))) > _SHORT
    return {"text": text, "dir": side, "face": "fixed" if piece.kind == "url" else "", "long": long}


def _section(section: Section, figures: dict[str, bytes]) -> Iterator[dict[str, Any]]:
    yield {"kind": "head", "level": 1 if section.level == 1 else 2, "line": _line(_short(section.title))}
    for block in section.blocks:
        yield from _block(block, figures)


def _block(block: Block, figures: dict[str, bytes]) -> Iterator[dict[str, Any]]:
    match block:
        case Text(text, strong):
            for part in clean(text).split("\n\n"):
                yield _running([_line(line) for line in part.split("\n")]) | {"strong": strong}
        case Facts(rows):
            yield {"kind": "facts", "rows": [[_lines(label), _values(value)] for label, value in rows]}
        case Table(head, rows, widths):
            yield _table(head, rows, widths)
        case Address(text):
            yield {"kind": "address", "text": clean(text).replace("\n", " ")}
        case Figure(image, caption):
            name = f"figure-{len(figures)}.{_format(image)}"
            figures[name] = image
            yield {
                "kind": "figure",
                "name": name,
                "alt": _short(clean(caption)) or "-",
                "line": _line(caption),
            }


def _table(head: Sequence[str], rows: Sequence[Sequence[str]], widths: Sequence[float]) -> dict[str, Any]:
    if any(len(row) != len(head) for row in rows) or len(widths or head) != len(head) or not head:
        raise ValueError("Each row, and the widths, have as many cells as the table's head.")
    cells = [[[_narrow(line) for line in _lines(cell)] for cell in row] for row in rows]
    shares = [float(width) for width in widths] or [1.0] * len(head)
    return {"kind": "table", "head": [_lines(label) for label in head], "rows": cells, "widths": shares}


def _running(lines: list[list[dict[str, Any]]]) -> dict[str, Any]:
    return {"kind": "text", "lines": lines, "strong": False}


def _lines(text: str) -> list[list[dict[str, Any]]]:
    return [_line(part) for part in clean(text).split("\n")]


def _line(text: str) -> list[dict[str, Any]]:
    """Return one line in the direction of its first letter."""
    shown = " ".join(clean(text).split("\n"))
    face = "digest" if _DIGEST.fullmatch(shown) else "solid" if _WORDLESS.fullmatch(shown) else ""
    return (
        [{"text": _isolated(shown), "dir": direction(shown), "face": face, "long": len(shown) > _SHORT}]
        if shown
        else []
    )


def _isolated(text: str) -> str:
    """Isolate numbers and dates in right-to-left text, so that they keep their order."""
    if direction(text) != "rtl":
        return text
    return _ORDERED.sub(lambda match: f"\u2066{match[0]}\u2069", text)


def _values(text: str) -> list[list[dict[str, Any]]]:
    return [[run if run["face"] == "digest" else _loose(run) for run in line] for line in _lines(text)]


def _narrow(line: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Make a line fit for a narrow column: digests and other long runs may be broken anywhere."""
    return [
        run | {"text": breakable(run["text"]), "face": ""}
        if run["face"] == "digest"
        else _loose(_host_breaks(run))
        for run in line
    ]


def _host_breaks(run: dict[str, Any]) -> dict[str, Any]:
    """Allow a break after the dots of a host. Typst breaks URLs itself."""
    whole = run["face"] != "solid" or "/" in run["text"]
    return run if whole else run | {"text": run["text"].replace(".", f".{BREAK}")}


def _loose(run: dict[str, Any]) -> dict[str, Any]:
    return run | {"text": _SOLID.sub(lambda match: breakable(match[0]), run["text"])}


def _short(text: str) -> str:
    """Shorten a title to a length that PDF outlines and screen readers accept."""
    return text if len(text) <= _LONGEST_TITLE else f"{text[: _LONGEST_TITLE - 1]}…"


def _format(image: bytes) -> str:
    for start, name in _FORMATS:
        if image.startswith(start):
            return name
    if b"<svg" in image[:1000]:
        return "svg"
    raise BadFigure("A figure is SVG, PNG or JPEG.")

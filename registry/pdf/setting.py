"""Typst, run on the template of this package: data and pictures in, PDF out."""

from __future__ import annotations

import json
import re
import unicodedata
from collections.abc import Callable, Mapping
from datetime import datetime
from functools import cache
from pathlib import Path
from typing import Any, Final

from registry.errors import BadInput, NotInstalled

LARGEST: Final = 4 * 1024**2
"""Bytes of all that describes one document, some 1,000 pages; a few seconds of work."""
LARGEST_FIGURE: Final = 5 * 1024**2
_TEMPLATE: Final = Path(__file__).parent / "document.typ"
_ROOT: Final = _TEMPLATE.parent  # nothing else of the disk can be read; pictures are given
_STANDARD: Final = "a-2a"
_UNPRINTED: Final = re.compile(r'the text `"(.+?)"` could not be displayed')
_MOST_TRIES: Final = 30
_LONG: Final = re.compile(r"(?<![0-9a-f])[0-9a-f]{40,64}(?![0-9a-f])|[^\s/?&=#.,;:-]{40,}")
_DIGEST: Final = re.compile(r"[0-9a-f]{40,64}")  # fits a line, and is copied whole
BREAK: Final = "\u200b"
_SCRIPTS: Final = ("LATIN", "GREEK", "CYRILLIC", "ARABIC", "MODIFIER")
_FIRST_DOUBTFUL, _FIRST_ASTRAL = 0x250, 0x10000


def set_document(data: Mapping[str, Any], figures: Mapping[str, bytes], made_at: datetime) -> bytes:
    """The PDF of what `documents` describes. A character that no face here has is printed as its number,
    `[U+4E2D]`: nothing vanishes. Raises `NotInstalled`, `BadInput` (`document_too_large`, `bad_figure`)."""
    if made_at.tzinfo is None:
        raise ValueError("A document is made at a moment with its offset.")
    text = json.dumps(_each(data, _spelled), ensure_ascii=False)
    _bounded(text, figures)
    files = {"main.typ": _TEMPLATE.read_bytes(), **figures}
    return _compiled(files, text, int(made_at.timestamp()))


def _compiled(files: Mapping[str, bytes], text: str, at: int) -> bytes:
    typst, fonts = _typst()
    for _ in range(_MOST_TRIES):
        try:
            made = typst.compile(
                dict(files),
                root=_ROOT,
                font_paths=fonts,
                ignore_system_fonts=True,
                sys_inputs={"data": text},
                timestamp=at,
                pdf_standards=[_STANDARD],
            )
        except typst.TypstError as error:
            text = _without(text, str(error))
        else:
            return bytes(made)
    spelled = re.sub(r"[^\x00-\u017f\u0600-\u065f\u200b-\u200d]", lambda one: _number(one[0]), text)
    return _compiled(files, spelled, at)


def _without(text: str, error: str) -> str:
    """The text with the character that no face has spelled out; raises what it was where it was something
    else."""
    if "figure-" in error or "image" in error:
        raise BadInput("A figure cannot be read as the picture that it says it is.", code="bad_figure")
    found = _UNPRINTED.search(error)
    letters = {one for one in (found[1] if found else "") if ord(one) > 0x7F}
    if not letters or not any(one in text for one in letters):
        raise RuntimeError(f"The document cannot be set: {error[:500]}")
    for one in letters:
        text = text.replace(one, _number(one))
    return text


def _bounded(text: str, figures: Mapping[str, bytes]) -> None:
    pictures = any(len(one) > LARGEST_FIGURE for one in figures.values())
    if pictures or len(text.encode(errors="replace")) > LARGEST:
        raise BadInput(
            f"Printed are at most {LARGEST} bytes of text, and {LARGEST_FIGURE} of a figure.",
            code="document_too_large",
        )


def _each(value: Any, change: Callable[[str], str]) -> Any:
    """All texts changed, at any depth; keys are ours."""
    if isinstance(value, str):
        return change(value)
    if isinstance(value, Mapping):
        return {name: _each(one, change) for name, one in value.items()}
    if isinstance(value, list | tuple):
        return [_each(one, change) for one in value]
    return value


def _spelled(text: str) -> str:
    """Letters of scripts that no face here has, by number; where a word is too long for a line, places to
    break."""
    known = "".join(one if one.isascii() or _has_face(one) else _number(one) for one in text)
    return _LONG.sub(lambda word: word[0] if _DIGEST.fullmatch(word[0]) else breakable(word[0]), known)


def breakable(word: str) -> str:
    """A long word with places to break; they take no room, and go along where it is copied."""
    return BREAK.join(re.findall(r".{1,16}", word))


def _number(one: str) -> str:
    return f"[U+{ord(one):04X}]"


@cache
def _has_face(one: str) -> bool:
    """False for letters and pictographs that surely no face here has; of the others Typst says so."""
    if ord(one) < _FIRST_DOUBTFUL or unicodedata.category(one) not in {"Lo", "Lm", "Mc", "So"}:
        return ord(one) < _FIRST_ASTRAL
    return unicodedata.name(one, "").startswith(_SCRIPTS) and ord(one) < _FIRST_ASTRAL


@cache
def _typst() -> tuple[Any, Any]:
    """The compiler and the faces, read once a process."""
    try:
        import fontpkg_amiri  # noqa: PLC0415 - an extra
        import typst  # noqa: PLC0415 - an extra
    except ModuleNotFoundError as error:
        raise NotInstalled(
            f"Printing needs {error.name}, which is not installed.",
            next_step="Install it with: pip install 'fakeprint[takedown]'",
        ) from error
    folder = Path(fontpkg_amiri.ROOT) / "files"
    return typst, typst.Fonts(include_system_fonts=False, font_paths=[folder])

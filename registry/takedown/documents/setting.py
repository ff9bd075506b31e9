"""Runs Typst on the template of this package: data and pictures in, PDF out."""

from __future__ import annotations

import json
import re
import tempfile
from collections.abc import Callable, Mapping
from datetime import datetime
from functools import cache
from pathlib import Path
from typing import Any, Final

from registry.core.errors import NotInstalled
from registry.takedown.documents.errors import BadFigure, PrintTooLarge

LARGEST: Final = 4 * 1024**2
"""Maximum bytes of data of one document: some 1,000 pages, a few seconds of work."""
LARGEST_FIGURE: Final = 5 * 1024**2
_TEMPLATE: Final = Path(__file__).parent / "document.typ"
_STANDARD: Final = "a-2a"
_UNPRINTED: Final = re.compile(r'the text `"(.+?)"` could not be displayed')
_MOST_TRIES: Final = 6
_ADDRESS: Final = r"https?://[0-9A-Za-z!#$%&*+,./:;=?@_~-]+"  # Typst breaks URLs itself
_LONG: Final = re.compile(_ADDRESS + r"|(?<![0-9a-f])[0-9a-f]{40,64}(?![0-9a-f])|[^\s/?&=#.,;:-]{40,}")
_WHOLE: Final = re.compile(rf"{_ADDRESS}|[0-9a-f]{{40,64}}")
BREAK: Final = "\u200b"
_FIRST_DOUBTFUL: Final = 0x250
_ESCAPED: Final = re.compile(r"\\u\{([0-9a-f]{1,6})\}")


def set_document(data: Mapping[str, Any], figures: Mapping[str, bytes], made_at: datetime) -> bytes:
    """Return the PDF of the data of `documents`.

    A character without a glyph is printed as its number, for example `[U+4E2D]`. Raises `NotInstalled`,
    `BadInput` (`print_too_large`, `bad_figure`).
    """
    if made_at.tzinfo is None:
        raise ValueError("`made_at` needs an offset.")
    text = json.dumps(_each(data, _wrapped), ensure_ascii=False)
    _bounded(text, figures)
    at = int(made_at.timestamp())
    if not figures:
        return _compiled(_TEMPLATE.parent, text, at, figures=False)
    with tempfile.TemporaryDirectory(prefix="fakeprint-print-") as folder:
        for name, image in figures.items():
            (Path(folder) / name).write_bytes(image)
        return _compiled(Path(folder), text, at, figures=True)


def _compiled(root: Path, text: str, at: int, *, figures: bool) -> bytes:
    """Compile the PDF. Typst can read only files below `root`."""
    typst, fonts = _typst()
    for _ in range(_MOST_TRIES):
        try:
            compiled = typst.compile(
                _TEMPLATE.read_bytes(),
                root=root,
                font_paths=fonts,
                ignore_system_fonts=True,
                sys_inputs={"data": text},
                timestamp=at,
                pdf_standards=[_STANDARD],
            )
        except (typst.TypstError, RuntimeError) as error:
            text = _without(text, getattr(error, "diagnostic", str(error)), figures=figures)
        else:
            return bytes(compiled)
    raise RuntimeError("The document cannot be set: characters without a glyph remain.")


def _without(text: str, message: str, *, figures: bool) -> str:
    """Replace the characters for which Typst reports a missing glyph by their numbers. Raises other
    errors."""
    clusters = {
        _ESCAPED.sub(lambda character: chr(int(character[1], 16)), match)
        for match in _UNPRINTED.findall(message)
    }
    whole = {cluster for cluster in clusters if cluster in text}
    letters = {
        character
        for cluster in clusters - whole
        for character in cluster
        if ord(character) >= _FIRST_DOUBTFUL
    }
    if not any(letter in text for letter in whole | letters):
        if figures:
            raise BadFigure("A figure is not a valid picture, or refers to other files.")
        raise RuntimeError(f"The document cannot be set: {message[:500]}")
    for letter in sorted(whole, key=len, reverse=True) + sorted(letters):
        text = text.replace(letter, _numbers(letter))
    return text


def _bounded(text: str, figures: Mapping[str, bytes]) -> None:
    pictures = any(len(figure) > LARGEST_FIGURE for figure in figures.values())
    if pictures or len(text.encode(errors="replace")) > LARGEST:
        raise PrintTooLarge(
            f"A document has at most {LARGEST} bytes of text, and a figure {LARGEST_FIGURE} bytes."
        )


def _each(value: Any, change: Callable[[str], str]) -> Any:
    """Apply a function to all strings at any depth, except keys."""
    if isinstance(value, str):
        return change(value)
    if isinstance(value, Mapping):
        return {name: _each(part, change) for name, part in value.items()}
    if isinstance(value, list | tuple):
        return [_each(part, change) for part in value]
    return value


def _wrapped(text: str) -> str:
    """Insert break points into long words. URLs and digests stay whole, so that they can be copied."""
    return _LONG.sub(lambda word: word[0] if _WHOLE.fullmatch(word[0]) else breakable(word[0]), text)


def breakable(word: str) -> str:
    """Insert zero-width break points into a long word. They remain in copied text."""
    return BREAK.join(re.findall(r".{1,16}", word))


def _numbers(cluster: str) -> str:
    return "".join(character if character.isascii() else f"[U+{ord(character):04X}]" for character in cluster)


@cache
def _typst() -> tuple[Any, Any]:
    """Return the compiler and the fonts, loaded once per process."""
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

"""Names and titles from users: any language, no control characters, limited length."""

from __future__ import annotations

import unicodedata
from typing import Final

from registry.core.errors import BadLabel

LONGEST: Final = 300
_UNSEEN: Final = frozenset({"Cf", "Zl", "Zp", "Zs"})


def label(text: str, field: str, *, longest: int = LONGEST) -> str:
    """Return the text, NFC-normalised and trimmed. Raises `BadInput` (code `bad_label`) if it has no visible
    character, is too long or holds control characters."""
    clean = unicodedata.normalize("NFC", text).strip()
    kinds = {unicodedata.category(character) for character in clean}
    if blank(clean) or len(clean) > longest or kinds & {"Cc", "Cs"}:
        raise BadLabel(f"`{field}` must hold 1 to {longest} characters and no control characters.")
    return clean


def blank(text: str) -> bool:
    """Whether the text has no visible character: only spaces, joiners and direction marks."""
    return all(unicodedata.category(character) in _UNSEEN for character in text)


def file_label(name: str) -> str:
    """Return a file's name for display: without folders and control characters, at most 255 characters."""
    printable = "".join(
        character if unicodedata.category(character) not in {"Cc", "Cs"} else " " for character in name
    )
    return unicodedata.normalize("NFC", printable).replace("\\", "/").rsplit("/", 1)[-1].strip()[:255]

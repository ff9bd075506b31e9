"""Names and titles from outside: any language, no control characters, bounded."""

from __future__ import annotations

import unicodedata
from typing import Final

from registry.core.errors import BadInput

LONGEST: Final = 300
_UNSEEN: Final = frozenset({"Cf", "Zl", "Zp", "Zs"})


def label(text: str, field: str, *, longest: int = LONGEST) -> str:
    """The text, NFC-normalised and trimmed. Raises `BadInput` (code `bad_label`) where nothing of it can be
    seen, it is too long or holds control characters."""
    clean = unicodedata.normalize("NFC", text).strip()
    kinds = {unicodedata.category(item) for item in clean}
    if blank(clean) or len(clean) > longest or kinds & {"Cc", "Cs"}:
        raise BadInput(
            f"`{field}` must hold 1 to {longest} characters and no control characters.", code="bad_label"
        )
    return clean


def blank(text: str) -> bool:
    """Whether it is empty to the eye: spaces, joiners, marks of direction."""
    return all(unicodedata.category(item) in _UNSEEN for item in text)


def file_label(name: str) -> str:
    """A file's name as a label for people: control characters out, at most 255 characters. Never a path."""
    kept = "".join(item if unicodedata.category(item) not in {"Cc", "Cs"} else " " for item in name)
    return unicodedata.normalize("NFC", kept).replace("\\", "/").rsplit("/", 1)[-1].strip()[:255]

"""Names and titles from outside: any language, no control characters, bounded."""

from __future__ import annotations

import unicodedata
from typing import Final

from registry.errors import BadInput

LONGEST: Final = 300


def label(text: str, field: str, *, longest: int = LONGEST) -> str:
    """The text, NFC-normalised and trimmed. Raises `BadInput` (code `bad_label`) where nothing is left, it is
    too long or holds control characters."""
    clean = unicodedata.normalize("NFC", text).strip()
    if not clean or len(clean) > longest or any(unicodedata.category(one) in {"Cc", "Cs"} for one in clean):
        raise BadInput(
            f"`{field}` must hold 1 to {longest} characters and no control characters.", code="bad_label"
        )
    return clean


def file_label(name: str) -> str:
    """A file's name as a label for people: control characters out, at most 255 characters. Never a path."""
    kept = "".join(one if unicodedata.category(one) not in {"Cc", "Cs"} else " " for one in name)
    return unicodedata.normalize("NFC", kept).replace("\\", "/").rsplit("/", 1)[-1].strip()[:255]

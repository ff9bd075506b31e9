"""References of an entry: the URL of a fact-check, its publisher and its rating (ClaimReview and others)."""

from __future__ import annotations

import unicodedata
from collections.abc import Mapping, Sequence
from typing import Any, Final
from urllib.parse import urlsplit

from registry.catalogue.entries.errors import BadReference

MOST: Final = 20
LONGEST_URL: Final = 2000
LONGEST: Final = 500
ORIGINAL: Final = "original"
"""`type` of a reference to genuine footage from which a fake was made. Others are fact-checks."""
FIELDS: Final = ("url", "title", "publisher", "rating", "language", "type", "date")


def references(values: Sequence[Any]) -> tuple[dict[str, str], ...]:
    """Check the references. Other organizations see them with a match, so they must be short plain text.

    Raises `BadInput` (code `bad_reference`).
    """
    if len(values) > MOST:
        raise BadReference(f"At most {MOST} references are stored.")
    return tuple(_reference(value) for value in values)


def _reference(fields: object) -> dict[str, str]:
    if not isinstance(fields, Mapping) or not is_address(fields.get("url")):
        raise BadReference("Each reference is an object with an http(s) `url`.")
    if unknown := set(fields) - set(FIELDS):
        raise BadReference(
            f"A reference has no field {min(map(str, unknown))[:50]!r}.",
            next_step=f"Known fields: {', '.join(FIELDS)}.",
        )
    if not all(key == "url" or _is_text(value, LONGEST) for key, value in fields.items()):
        raise BadReference(f"The fields of a reference are texts of at most {LONGEST} characters.")
    return {key: fields[key] for key in FIELDS if key in fields}


def is_address(value: object) -> bool:
    """Return whether the value is an http(s) URL without control characters, at most LONGEST_URL characters
    long."""
    if not isinstance(value, str) or not _is_text(value, LONGEST_URL):
        return False
    try:
        parts = urlsplit(value)
    except ValueError:
        return False
    return parts.scheme in {"http", "https"} and bool(parts.hostname)


def _is_text(value: object, longest: int) -> bool:
    return (
        isinstance(value, str)
        and len(value) <= longest
        and not any(unicodedata.category(character) in {"Cc", "Cs"} for character in value)
    )

"""Opaque cursors of paged lists: the caller sends one back to get the next page."""

from __future__ import annotations

import base64
import binascii
from datetime import datetime
from uuid import UUID

from registry.core.errors import BadCursor, BadInput


def encode(*words: object) -> str:
    """Return the cursor that holds these words. No word may contain a space."""
    return base64.urlsafe_b64encode(" ".join(map(str, words)).encode()).decode().rstrip("=")


def decode(cursor: str, *, words: int) -> list[str]:
    """Return the words of a cursor. Raises `refused()` if it does not hold exactly `words` words."""
    try:
        parts = base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)).decode().split(" ")
    except (ValueError, binascii.Error) as error:
        raise refused() from error
    if len(parts) != words:
        raise refused()
    return parts


def place(cursor: str) -> tuple[datetime, UUID]:
    """Return the time and the id of the last row of a page. Raises `refused()`."""
    at, identity = decode(cursor, words=2)
    try:
        return datetime.fromisoformat(at), UUID(identity)
    except ValueError as error:
        raise refused() from error


def refused() -> BadInput:
    """Return the error for an invalid cursor (code `bad_cursor`)."""
    return BadCursor()

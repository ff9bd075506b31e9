"""Where a page of a list ended, as an opaque word that the caller gives back for the next one."""

from __future__ import annotations

import base64
import binascii
from datetime import datetime
from uuid import UUID

from registry.core.errors import BadInput


def encode(*words: object) -> str:
    """The cursor of these words; none holds a space."""
    return base64.urlsafe_b64encode(" ".join(map(str, words)).encode()).decode().rstrip("=")


def decode(cursor: str, *, words: int) -> list[str]:
    """The words. Raises as `refused` where there are not so many of them."""
    try:
        found = base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)).decode().split(" ")
    except (ValueError, binascii.Error) as error:
        raise refused() from error
    if len(found) != words:
        raise refused()
    return found


def place(cursor: str) -> tuple[datetime, UUID]:
    """The time and the id that a page ended with. Raises as `refused`."""
    at, identity = decode(cursor, words=2)
    try:
        return datetime.fromisoformat(at), UUID(identity)
    except ValueError as error:
        raise refused() from error


def refused() -> BadInput:
    """The error for what is no cursor of the list (code `bad_cursor`)."""
    return BadInput("`after` is not a cursor of this list.", code="bad_cursor")

"""Ids given as text, and ids in the order of time."""

from __future__ import annotations

import secrets
import time
from uuid import UUID


def as_id(name: str | UUID) -> UUID | None:
    """Return the UUID that a text spells, in any notation, or None."""
    if isinstance(name, UUID):
        return name
    try:
        return UUID(name)
    except ValueError:
        return None


def time_ordered_id() -> UUID:
    """Return a new UUID of version 7 (RFC 9562, 5.7): 48 bits of milliseconds, 74 random bits."""
    value = time.time_ns() // 1_000_000 << 80 | secrets.randbits(80)
    return UUID(int=value & ~(0xF << 76 | 0x3 << 62) | 0x7 << 76 | 0x2 << 62)

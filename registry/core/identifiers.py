"""Ids given as text."""

from __future__ import annotations

from uuid import UUID


def as_id(name: str | UUID) -> UUID | None:
    """Return the UUID that a text spells, in any notation, or None."""
    if isinstance(name, UUID):
        return name
    try:
        return UUID(name)
    except ValueError:
        return None

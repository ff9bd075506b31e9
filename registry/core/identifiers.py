"""Ids given as text."""

from __future__ import annotations

from uuid import UUID


def as_id(name: str | UUID) -> UUID | None:
    """The UUID that a text is, in any notation; None where it is none."""
    if isinstance(name, UUID):
        return name
    try:
        return UUID(name)
    except ValueError:
        return None

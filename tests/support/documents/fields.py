"""The response fields that a role may read."""

from __future__ import annotations

from registry.identity.callers.model import Door


def opens(door: Door) -> bool:
    """Return whether the role `lookup` is sufficient."""
    one_of = not door.one_of or "lookup" in door.one_of
    return set(door.needs) <= {"lookup"} and one_of and not door.operator

"""The response fields that a role may read."""

from __future__ import annotations

from registry.identity.callers.model import Permission


def opens(permission: Permission) -> bool:
    """Return whether the role `lookup` is sufficient."""
    one_of = not permission.one_of or "lookup" in permission.one_of
    return set(permission.needs) <= {"lookup"} and one_of and not permission.operator

"""Who calls: an API key of one organization, and what it may do."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final
from uuid import UUID

from registry.errors import BadInput, Forbidden

ROLES: Final = frozenset({"lookup", "register", "review", "takedown", "admin"})
SCOPES: Final = frozenset({"signals", "faces"})
"""Scopes widen what a role may: `signals` shows raw similarities and exact confidence, `faces` works with the
persons that the organization has enrolled."""


@dataclass(frozen=True, slots=True)
class Caller:
    """An authenticated caller. `roles` holds roles and scopes."""

    caller_id: UUID
    organization_id: UUID
    name: str
    roles: frozenset[str]

    def require(self, role: str) -> None:
        """Raise `Forbidden` unless the caller has `role`. `admin` does not stand in for the others."""
        if role not in self.roles:
            raise Forbidden(
                f"This needs the role `{role}`; the key has: {', '.join(sorted(self.roles)) or 'none'}.",
                next_step="Ask an administrator of your organization for a key with that role.",
            )

    def require_any(self, *roles: str) -> None:
        """Raise `Forbidden` unless the caller has one of `roles`."""
        if not self.roles & set(roles):
            self.require(roles[0])

    @property
    def sees_signals(self) -> bool:
        return "signals" in self.roles

    @property
    def searches_faces(self) -> bool:
        """Whether enrolled persons of its organization are looked for in its files, and shown to it."""
        return "faces" in self.roles


def checked_roles(roles: Iterable[str]) -> list[str]:
    """The roles, sorted. Raises `BadInput` for an unknown one or for none."""
    wanted = set(roles)
    unknown = wanted - ROLES - SCOPES
    if unknown or not wanted:
        raise BadInput(
            f"Unknown role: {', '.join(sorted(unknown))}." if unknown else "A key needs a role.",
            code="unknown_role",
            next_step=f"Choose among {', '.join(sorted(ROLES | SCOPES))}.",
        )
    return sorted(wanted)

"""Callers: the owner of an API key, and its permissions."""

from __future__ import annotations

import hashlib
import re
import secrets
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, Final
from uuid import UUID

from registry.core.errors import BadTime, Forbidden
from registry.identity.callers.errors import BadExpiry, BadOverlap, UnknownRole

ROLES: Final = frozenset({"lookup", "register", "review", "takedown", "admin"})
SCOPES: Final = frozenset({"signals", "faces", "hma", "peer"})
"""Scopes extend roles. `signals` shows raw similarities and exact confidence. `faces` works with the persons
that the organization has enrolled. `hma` calls the endpoints of Hasher-Matcher-Actioner's clients. `peer`
reads the feeds of published banks."""
LONGEST_LIFE: Final = timedelta(days=3660)
"""Latest expiry of a key or a caller. One that never expires has null."""
MOST_KEYS: Final = 10
"""Most active keys of a caller."""
LONGEST_OVERLAP: Final = 24.0 * 366
"""Most hours for which a key may work beside its successor."""

_KEY_PREFIX: Final = re.compile(r"fp_[A-Za-z0-9_-]{8}")


@dataclass(frozen=True, slots=True)
class Caller:
    """An authenticated caller. `roles` holds roles and scopes."""

    caller_id: UUID
    organization_id: UUID
    name: str
    roles: frozenset[str]

    def require(self, role: str) -> None:
        """Raise `Forbidden` unless the caller has `role`. `admin` does not include the others."""
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
    def sees_cases(self) -> bool:
        """Whether intake cases are shown to the caller. People who open a case are told that reviewers read
        it. So nobody else sees cases: not in lists, not by id, not beside other entries."""
        return "review" in self.roles

    @property
    def searches_faces(self) -> bool:
        """Whether faces in the caller's files are compared with its organization's enrolled persons, and
        shown."""
        return "faces" in self.roles


@dataclass(frozen=True, slots=True)
class Permission:
    """Permissions required by an operation: all of `needs` and, if given, one of `one_of`. `operator`: only
    callers of the operating organization. `key` false: open to everybody."""

    needs: tuple[str, ...] = ()
    one_of: tuple[str, ...] = ()
    operator: bool = False
    key: bool = True

    def __post_init__(self) -> None:
        if unknown := {*self.needs, *self.one_of} - ROLES - SCOPES:
            raise ValueError(f"{sorted(unknown)} are neither roles nor scopes")

    def require(self, caller: Caller) -> None:
        """Raise `Forbidden` if the caller's roles do not suffice. `operator` is checked elsewhere, in the
        database."""
        for role in self.needs:
            caller.require(role)
        if self.one_of:
            caller.require_any(*self.one_of)

    def described(self) -> dict[str, Any]:
        """Return the permissions as OpenAPI shows them."""
        return {
            "key": self.key,
            "all_of": list(self.needs),
            "one_of": list(self.one_of),
            "operator": self.operator,
        }


def checked_roles(roles: Iterable[str]) -> list[str]:
    """Return the roles, sorted. Raises `BadInput` for an unknown role or for none."""
    checked = set(roles)
    unknown = checked - ROLES - SCOPES
    if unknown or not checked:
        raise UnknownRole(
            f"Unknown role: {', '.join(sorted(unknown))}." if unknown else "A key needs a role.",
            next_step=f"Choose among {', '.join(sorted(ROLES | SCOPES))}.",
        )
    return sorted(checked)


def new_key() -> str:
    """Generate an API key: 256 random bits behind a prefix that secret scanners can find."""
    return f"fp_{secrets.token_urlsafe(32)}"


def prefix_of(key: str) -> str | None:
    """Return the first letters of a key, by which people recognise it; 208 random bits remain. None if it is
    not in our format."""
    match = _KEY_PREFIX.match(key)
    return match.group() if match else None


@dataclass(frozen=True, slots=True)
class HashedKey:
    """What is stored of an API key: its SHA-256, and its first letters for people."""

    sha256: bytes
    prefix: str | None

    @classmethod
    def of(cls, key: str) -> HashedKey:
        return cls(hashlib.sha256(key.encode()).digest(), prefix_of(key))


def checked_expiry(expires_at: datetime | None, now: datetime) -> datetime | None:
    """Return when a key or a caller expires, in UTC; None: never. Raises `BadInput`: `bad_time` without an
    offset or out of range, `bad_expiry` if past or more than ten years ahead."""
    if expires_at is None:
        return None
    if expires_at.tzinfo is None:
        raise BadTime
    try:
        ends = expires_at.astimezone(UTC)
    except (OverflowError, ValueError):
        raise BadTime("A time is out of range.") from None
    if not now < ends <= now + LONGEST_LIFE:
        raise BadExpiry(f"`expires_at` is {ends:%Y-%m-%dT%H:%M:%SZ}, and it is {now:%Y-%m-%dT%H:%M:%SZ}.")
    return ends


def checked_overlap(hours: float) -> float:
    """Return the hours for which older keys stay valid. Raises `BadInput` (`bad_overlap`)."""
    if not 0 <= hours <= LONGEST_OVERLAP:
        raise BadOverlap(f"`overlap_hours` lies between 0 and {LONGEST_OVERLAP:g}.")
    return hours

"""Who calls: an API key of one organization, and what it may do."""

from __future__ import annotations

import re
import secrets
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, Final
from uuid import UUID

from registry.core.errors import BadInput, Forbidden

ROLES: Final = frozenset({"lookup", "register", "review", "takedown", "admin"})
SCOPES: Final = frozenset({"signals", "faces", "hma", "peer"})
"""Scopes widen what a role may: `signals` shows raw similarities and exact confidence, `faces` works with the
persons that the organization has enrolled, `hma` calls what Hasher-Matcher-Actioner's clients call, `peer`
reads the feeds of published banks."""
LONGEST_LIFE: Final = timedelta(days=3660)
"""How far ahead a key or a caller may expire; one that never does says so by null."""
MOST_KEYS: Final = 10
"""Keys of a caller that work at the same time."""
LONGEST_OVERLAP: Final = 24.0 * 366
"""Hours that a key may work beside its successor."""

_OURS: Final = re.compile(r"fp_[A-Za-z0-9_-]{8}")


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
    def sees_cases(self) -> bool:
        """Whether private cases are shown to it. Whoever opens one is told that reviewers read it; so nobody
        else does, in lists, by id or beside other entries."""
        return "review" in self.roles

    @property
    def searches_faces(self) -> bool:
        """Whether enrolled persons of its organization are looked for in its files, and shown to it."""
        return "faces" in self.roles


@dataclass(frozen=True, slots=True)
class Door:
    """What opens an operation: every one of `needs` and, where there are any, one of `one_of`. `operator`: to
    callers of the organization that runs the deployment alone. `key` false: it is open to everybody."""

    needs: tuple[str, ...] = ()
    one_of: tuple[str, ...] = ()
    operator: bool = False
    key: bool = True

    def __post_init__(self) -> None:
        if unknown := {*self.needs, *self.one_of} - ROLES - SCOPES:
            raise ValueError(f"{sorted(unknown)} are neither roles nor scopes")

    def require(self, caller: Caller) -> None:
        """Raise `Forbidden` where the caller's roles do not open it; `operator` is asked of the database."""
        for role in self.needs:
            caller.require(role)
        if self.one_of:
            caller.require_any(*self.one_of)

    def described(self) -> dict[str, Any]:
        """As OpenAPI shows it."""
        return {
            "key": self.key,
            "all_of": list(self.needs),
            "one_of": list(self.one_of),
            "operator": self.operator,
        }


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


def new_key() -> str:
    """A fresh API key: 256 random bits behind a prefix that secret scanners can find."""
    return f"fp_{secrets.token_urlsafe(32)}"


def prefix_of(key: str) -> str | None:
    """The first letters of a key, by which people tell keys apart; 208 random bits remain. None for a key
    that is not written as ours."""
    found = _OURS.match(key)
    return found.group() if found else None


def checked_expiry(expires_at: datetime | None, now: datetime) -> datetime | None:
    """When a key or a caller stops to work, in UTC; None: never. Raises `BadInput` (`bad_time` without an
    offset or out of range, `bad_expiry` for what is past or over ten years ahead)."""
    if expires_at is None:
        return None
    if expires_at.tzinfo is None:
        raise BadInput("A time needs its offset, as in 2026-11-25T10:00:00+01:00.", code="bad_time")
    try:
        ends = expires_at.astimezone(UTC)
    except (OverflowError, ValueError):
        raise BadInput("A time is out of range.", code="bad_time") from None
    if not now < ends <= now + LONGEST_LIFE:
        raise BadInput(
            f"`expires_at` is {ends:%Y-%m-%dT%H:%M:%SZ}, and it is {now:%Y-%m-%dT%H:%M:%SZ}.",
            code="bad_expiry",
            next_step="Give a time to come, within ten years, or null for none.",
        )
    return ends


def checked_overlap(hours: float) -> float:
    """The hours that older keys work on. Raises `BadInput` (`bad_overlap`)."""
    if not 0 <= hours <= LONGEST_OVERLAP:
        raise BadInput(
            f"`overlap_hours` lies between 0 and {LONGEST_OVERLAP:g}.",
            code="bad_overlap",
            next_step="Leave it away to keep the older keys as they are.",
        )
    return hours

"""Kinds of notifications: who is notified, and in which words."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from registry.identity.callers.model import Caller
from registry.sharing.notifications.model import SENTENCES

ANYBODY: Final[frozenset[str]] = frozenset()
TAKEDOWN: Final = frozenset({"takedown"})
ENTRIES: Final = frozenset({"register", "review", "admin"})
LOOKUP: Final = frozenset({"lookup"})
ADMIN: Final = frozenset({"admin"})

_ROLES: Final[Mapping[str, frozenset[str]]] = {
    "notice.replied": TAKEDOWN,
    "notice.undelivered": TAKEDOWN,
    "notice.reminded": TAKEDOWN,
    "notice.breached": TAKEDOWN,
    "notice.overdue": TAKEDOWN,
    "notice.found_again": TAKEDOWN,
    "notice.contested": TAKEDOWN,
    "dispute.opened": ANYBODY,
    "dispute.answered": ANYBODY,
    "dispute.decided": ANYBODY,
    "entry.failed": ENTRIES,
    "entry.reviewed": ENTRIES,
    "entry.suspended": ENTRIES,
    "entry.restored": ENTRIES,
    "entry.withdrawn": ENTRIES,
    "watch.matched": LOOKUP,
    "reconstruction.suspected": ADMIN,
}
TEXTS: Final = {kind: (roles, SENTENCES[kind]) for kind, roles in _ROLES.items()}
"""Roles and text by kind of event. The roles are those that may list what it is about."""


def kinds_of(caller: Caller) -> list[str]:
    """Return the kinds that the caller's roles permit."""
    return [kind for kind, (roles, _) in TEXTS.items() if not roles or roles & caller.roles]

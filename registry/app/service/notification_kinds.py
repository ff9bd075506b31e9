"""Kinds of notifications: who is notified, and in which words."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from registry.console.languages import N_
from registry.identity.callers.model import Caller

ANYBODY: Final[frozenset[str]] = frozenset()
TAKEDOWN: Final = frozenset({"takedown"})
ENTRIES: Final = frozenset({"register", "review", "admin"})
LOOKUP: Final = frozenset({"lookup"})
ADMIN: Final = frozenset({"admin"})

TEXTS: Final[Mapping[str, tuple[frozenset[str], str]]] = {
    "notice.replied": (TAKEDOWN, N_("A platform has answered.")),
    "notice.undelivered": (TAKEDOWN, N_("A letter could not be delivered.")),
    "notice.reminded": (TAKEDOWN, N_("A deadline ends soon.")),
    "notice.breached": (TAKEDOWN, N_("A platform missed a legal deadline.")),
    "notice.overdue": (TAKEDOWN, N_("A platform missed a deadline.")),
    "notice.found_again": (TAKEDOWN, N_("A removed fake was found again.")),
    "notice.contested": (TAKEDOWN, N_("Somebody objects to a notice.")),
    "dispute.opened": (ANYBODY, N_("Somebody disputes an entry.")),
    "dispute.answered": (ANYBODY, N_("The owner has answered a dispute.")),
    "dispute.decided": (ANYBODY, N_("A dispute was decided.")),
    "entry.failed": (ENTRIES, N_("Files of an entry could not be read.")),
    "entry.reviewed": (ENTRIES, N_("An entry was reviewed.")),
    "entry.suspended": (ENTRIES, N_("An entry was suspended. Lookups no longer find it.")),
    "entry.restored": (ENTRIES, N_("An entry was restored. Lookups find it again.")),
    "entry.withdrawn": (ENTRIES, N_("An entry was withdrawn.")),
    "watch.matched": (LOOKUP, N_("A watched lookup matches an entry.")),
    "reconstruction.suspected": (ADMIN, N_("A caller may be probing for stored hashes.")),
}
"""Roles and text by kind of event. The roles are those that may list what it is about."""


def kinds_of(caller: Caller) -> list[str]:
    """Return the kinds that the caller's roles permit."""
    return [kind for kind, (roles, _) in TEXTS.items() if not roles or roles & caller.roles]

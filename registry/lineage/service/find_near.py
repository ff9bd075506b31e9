"""What is registered already near what somebody is about to register?"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any, Final
from uuid import UUID

from registry.catalogue.entries.service.visibility import hidden_cases
from registry.catalogue.entries.store import entries
from registry.core.errors import BadMedia, NotFound, Unavailable
from registry.core.service import Service
from registry.identity.callers.model import Caller
from registry.matching.lookups.service.show_lookup import LookupFailed, show_lookup
from registry.matching.lookups.store import lookups

TOLD: Final = ("entry_id", "title", "bank", "relation")
"""What a caller without the role `lookup` is told of others' entries."""


@dataclass(frozen=True, slots=True)
class Near:
    """What a lookup of a file found: matches, as a lookup's answer has them. `waits`: no worker has answered
    it yet; `unlooked`: none could, so that nobody knows what is near."""

    matches: tuple[Mapping[str, Any], ...] = ()
    waits: bool = False
    unlooked: bool = False


def asking(caller: Caller) -> Caller:
    """As whom near entries are asked for: the caller, who need not have the role `lookup`. Such a lookup
    is on record as theirs and counts as any; its answer is told by `find_near` alone. Needs `register`.
    Raises `Forbidden`."""
    caller.require("register")
    return caller if "lookup" in caller.roles else replace(caller, roles=frozenset({"lookup"}))


def find_near(service: Service, caller: Caller, lookup_id: UUID) -> Near:
    """What the caller's own lookup found, before it registers what it asked about. Needs `register`.

    With the role `lookup`: all that a lookup answers, except private cases that the caller may not see.
    Without it no more than the caller is told anyway, by `list_entries` and by the `duplicates` of
    `register_entry`: entries of its own organization, without signals and enrolled persons, and number, title
    and bank of others', in banks that answer it, that hold the very file as a fake. What cannot be read is
    told by the registration. Raises `NotFound` (`unknown_lookup`) for another's.
    """
    asker = asking(caller)
    with service.pool.transaction() as connection:
        asked = lookups.asker(connection, lookup_id)
    if asked is None or asked[0].caller_id != caller.caller_id:
        raise NotFound(f"There is no lookup {lookup_id} of yours.", code="unknown_lookup")
    try:
        answer = show_lookup(service, asker, lookup_id)
    except BadMedia:
        return Near()
    except (LookupFailed, Unavailable):
        return Near(unlooked=True)
    if answer.get("status") == "queued":
        return Near(waits=True)
    matches = [one for one in answer["matches"] if one.get("entry_id")]
    hidden = hidden_cases(service, caller, [UUID(one["entry_id"]) for one in matches])
    matches = [one for one in matches if UUID(one["entry_id"]) not in hidden]
    if "lookup" not in caller.roles:
        matches = _readable(service, caller, matches)
    return Near(tuple(matches))


def _readable(service: Service, caller: Caller, matches: list[Mapping[str, Any]]) -> list[Mapping[str, Any]]:
    ids = [UUID(one["entry_id"]) for one in matches]
    with service.pool.transaction() as connection:
        own = entries.own(connection, caller.organization_id, ids, cases=caller.sees_cases)
    told: list[Mapping[str, Any]] = []
    for one in matches:
        if UUID(one["entry_id"]) in own:
            told.append({**one, "signals": None})
        elif one.get("exact") and one["relation"] != "original":
            told.append({name: one[name] for name in TOLD})
    return told

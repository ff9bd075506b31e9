"""Find the entries that a lookup for a fact-checkers' tool matched, and tell Check the results."""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from typing import Any, Final
from uuid import UUID

import orjson

from registry.catalogue.entries.service.addresses import page_of
from registry.catalogue.entries.service.visibility import find_entry
from registry.core.errors import NotFound
from registry.core.net import outbound
from registry.core.service import Service
from registry.identity.callers.model import Caller
from registry.identity.organizations.service.operator import require_first_organization
from registry.matching.lookups.model import Match
from registry.sharing.fact_checking import model
from registry.sharing.fact_checking.errors import CheckUnreachable, NoCheckCallback
from registry.sharing.fact_checking.model import Fake, Kind

PAUSES: Final = (1.0, 5.0, 0.0)
"""Seconds after each attempt to tell Check."""


def find_fakes(service: Service, caller: Caller, matches: Sequence[Match], origin: str) -> list[Fake]:
    """Return the matched fakes whose entries the caller may see. `origin`: of the console. Needs `lookup`."""
    caller.require("lookup")
    found = []
    with service.pool.transaction() as connection:
        for match in matches:
            if match["entry_id"] is None or match["asset_id"] is None:
                continue
            entry_id = UUID(match["entry_id"])
            try:
                entry = find_entry(connection, caller, entry_id)
            except NotFound:
                continue
            found.append(
                Fake(
                    entry_id,
                    UUID(match["asset_id"]),
                    match["title"],
                    model.score(match),
                    page_of(connection, entry_id, origin),
                    entry.own,
                    match["references"],
                )
            )
    return found


def require_callback(service: Service, caller: Caller) -> str:
    """Return the address at which Check takes results. It is for callers of the first organization alone, so
    that no other can have items of its Check joined.

    Needs `lookup`. Raises `Forbidden` (`not_operator`), `Conflict` (`no_check_callback`).
    """
    caller.require("lookup")
    with service.pool.transaction() as connection:
        require_first_organization(connection, caller)
    if not service.settings.check_callback:
        raise NoCheckCallback
    return service.settings.check_callback


def tell_check(
    address: str, kind: Kind, query: Mapping[str, Any], results: Sequence[Mapping[str, Any]]
) -> None:
    """POST the results to Check at an address that the operator set, at most three times.

    Raises `Unavailable` (`check_unreachable`).
    """
    body = orjson.dumps(model.callback(kind, query, results))
    outcome = ""
    for pause in PAUSES:
        # The operator set the address, so it may be private.
        attempt = outbound.post(address, {"Content-Type": "application/json"}, body, private=True)
        if attempt.outcome == "delivered":
            return
        outcome = attempt.outcome
        time.sleep(pause)
    raise CheckUnreachable(f"Check did not accept the results: {outcome}.")

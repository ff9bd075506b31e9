"""What an organization allows of its own lookups: how long they are watched, who learns of them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from registry.core.audit.service import record_event
from registry.core.errors import BadInput
from registry.core.service import Service
from registry.identity.callers.model import Caller
from registry.matching.watches import store as watches
from registry.matching.watches.model import LONGEST_DAYS


def change_watch_rules(service: Service, caller: Caller, said: Mapping[str, Any]) -> dict[str, Any]:
    """The rules as they are then; what is absent from `said` stays. Needs `admin`.

    `watch_days_most`: for how many days its lookups may be watched (0: not at all; None: as long as the
    deployment allows); watches that are there stay. `tells_matches`: whether owners of entries, and
    people with a confirmed private case, are told, without who asked, that a lookup matched them.
    `reports_places`: whether organizations that had a known fake removed at a platform are told where there
    its lookups saw it again. Raises `BadInput`.
    """
    caller.require("admin")
    days = said.get("watch_days_most")
    if days is not None and not 0 <= days <= LONGEST_DAYS:
        raise BadInput(f"`watch_days_most` is a number from 0 to {LONGEST_DAYS}, or null.")
    with service.pool.transaction() as connection:
        rules = {**watches.rules(connection, caller.organization_id), **said}
        watches.set_rules(connection, caller.organization_id, **rules)
        if said:
            record_event(connection, caller, "organization.changed", said=dict(rules))
    return {**rules, "deployment_days": service.settings.watch_days}

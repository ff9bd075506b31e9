"""Show a watch of an organization, and what it was told."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from registry.core.errors import NotFound
from registry.core.service import Service
from registry.identity.callers.model import Caller
from registry.matching.lookups.service.conceal_gone import conceal_gone
from registry.matching.watches import store as watches


def show_watch(service: Service, caller: Caller, watch_id: UUID) -> dict[str, Any]:
    """The watch with its newest new answers. Needs `lookup`. Raises `NotFound` (`unknown_watch`)."""
    caller.require("lookup")
    with service.pool.transaction() as connection:
        row = watches.show(connection, caller.organization_id, watch_id)
        if row is None:
            raise unknown(watch_id)
        answers = [
            {**one, "answer": conceal_gone(connection, caller, one["answer"])}
            for one in watches.answers(connection, watch_id)
        ]
    return {
        **shown(row),
        "matched": [
            {
                **one["answer"],
                "entry_id": str(one["entry_id"]),
                "answered_at": one["answered_at"].isoformat(),
            }
            for one in answers
        ],
    }


def shown(row: Mapping[str, Any]) -> dict[str, Any]:
    """A watch as it is shown."""
    ids = {name: str(row[name]) for name in ("watch_id", "lookup_id")}
    times = {name: row[name].isoformat() for name in ("created_at", "expires_at")}
    return {**row, **ids, **times}


def unknown(watch_id: UUID) -> NotFound:
    """The error for a watch that is over, or another organization's."""
    return NotFound(
        f"There is no watch {watch_id} of your organization.",
        code="unknown_watch",
        next_step="List them with GET /v1/watches or `fakeprint watches list`.",
    )

"""Ask for pictures of a medium at some instants, blurred; a worker makes those that are not there."""

from __future__ import annotations

import base64
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from typing import Any, Final
from uuid import UUID

from registry.catalogue.previews import model as blurring
from registry.catalogue.previews import store as stills
from registry.catalogue.previews.service.find_pictured import find_pictured
from registry.core.database.pool import Connection
from registry.core.errors import BadMedia, NotFound, TooMany
from registry.core.service import Service
from registry.identity.callers.model import Caller
from registry.jobs.service.relay_outbox import wake_workers
from registry.jobs.store import jobs

GONE: Final = "media_gone"
ORIGINALS: Final[list[Callable[[Connection, UUID, UUID, Sequence[float]], dict[str, Any] | None]]] = []
"""Find where the entry's original shows the same as its fake. `registry/app/wiring.py` fills the table."""


def ask_stills(
    service: Service, caller: Caller, entry_id: UUID, asset_id: UUID, at: Sequence[float]
) -> dict[str, Any]:
    """`stills`, one for each instant of `at` (seconds) in that order: `state` ready, waiting or failed,
    `blurred` a `data:` URL of some pixels. `ready`: whether none waits; ask again until then. `original`:
    where the entry's original shows the same, by alignment. Asking twice is asking once.

    Raises what `find_pictured` does, `BadInput` (`bad_instant`, `too_many_instants`), `TooMany`
    (`too_many_stills`).
    """
    with service.pool.transaction() as connection:
        found = find_pictured(service, connection, caller, entry_id, asset_id)
        instants = blurring.instants(at, found.duration)
        stills.lock(connection, asset_id)
        rows = stills.ask(connection, asset_id, instants, caller.caller_id, again=blurring.AGAIN_SECONDS)
        waits = any(row["blob_key"] is None and row["error_code"] is None for row in rows.values())
        if waits:
            most = blurring.MOST_WAITING
            if stills.waiting_for(connection, caller.caller_id, most=most + 1) > most:
                raise TooMany(f"{most} pictures wait for you already.", code="too_many_stills", retry_after=5)
            jobs.enqueue(connection, "make_stills", asset_id)
        originals = ORIGINALS if found.role == "fake" else []
        original = next(
            (there for find in originals if (there := find(connection, entry_id, asset_id, at))), None
        )
    if waits:
        wake_workers(service)
    told = [_told(service, asset_id, second, rows[place]) for second, place in zip(at, instants, strict=True)]
    return {
        "entry_id": str(entry_id),
        "asset_id": str(asset_id),
        "ready": not any(one["state"] == "waiting" for one in told),
        "revealable": found.revealable,
        "stills": told,
        "original": original,
    }


def kept(service: Service, asset_id: UUID, row: Mapping[str, Any]) -> bytes | None:
    """Both pictures of a row; None where they are not where they were put, and then they are forgotten."""
    key = row["blob_key"]
    with suppress(NotFound, BadMedia), service.blobs.local_path(key) as path:
        return path.read_bytes()
    with service.pool.transaction() as connection:
        stills.forget(connection, asset_id, row["at_ms"], key)
    return None


def _told(service: Service, asset_id: UUID, second: float, row: Mapping[str, Any]) -> dict[str, Any]:
    state, code, blurred = "waiting", row["error_code"], None
    if row["blob_key"] is not None:
        found = kept(service, asset_id, row)
        if found is None:
            state, code = "failed", GONE
        else:
            text = base64.b64encode(blurring.blurred_of(found)).decode()
            state, blurred = "ready", f"data:{blurring.BLURRED_TYPE};base64,{text}"
    elif code is not None:
        state = "failed"
    return {"at": second, "state": state, "blurred": blurred, "error_code": code}

"""Show pictures of a medium clearly, and put on record that they were seen."""

from __future__ import annotations

import base64
from collections.abc import Sequence
from typing import Any
from uuid import UUID

from registry.catalogue.previews import model as blurring
from registry.catalogue.previews import store as stills
from registry.catalogue.previews.service.ask_stills import kept
from registry.catalogue.previews.service.find_pictured import find_pictured
from registry.core.audit.service import event, record_events
from registry.core.errors import Conflict, Forbidden
from registry.core.service import Service
from registry.identity.callers.model import Caller


def reveal_stills(
    service: Service, caller: Caller, entry_id: UUID, asset_id: UUID, at: Sequence[float]
) -> dict[str, Any]:
    """The clear pictures (JPEG, base64) at these instants, which were asked for by `ask_stills` and are
    ready. Before they are given, the ledgers' event `asset.revealed` is committed: who, which medium, which
    instants; the owner can read it too.

    Raises what `find_pictured` does, `Forbidden` (`reveal_refused`), `BadInput` as `ask_stills`, `Conflict`
    (`still_not_ready`).
    """
    with service.pool.transaction() as connection:
        found = find_pictured(service, connection, caller, entry_id, asset_id)
        if not found.revealable:
            raise Forbidden(
                "Clear pictures are shown to reviewers, and to those who work on the entry.",
                code="reveal_refused",
            )
        instants = blurring.instants(at, found.duration)
        rows = stills.made_of(connection, asset_id, instants)
    pictures: dict[int, bytes] = {}
    for place in dict.fromkeys(instants):
        row = rows.get(place)
        both = kept(service, asset_id, row) if row and row["blob_key"] is not None else None
        if both is None:
            raise Conflict(
                f"There is no picture at {place / 1000:g} s yet.",
                code="still_not_ready",
                next_step="Ask for it, and wait until it is ready.",
            )
        pictures[place] = blurring.clear_of(both)
    with service.pool.transaction() as connection:
        # Once more, since it may have been withdrawn or let go while the pictures were read.
        find_pictured(service, connection, caller, entry_id, asset_id)
        subject = {"asset_id": asset_id}
        said = {"at_ms": list(pictures)}
        record_events(
            connection,
            [
                event(caller, "asset.revealed", whose, entry_id, subject, said)
                for whose in sorted({caller.organization_id, found.owner_id})
            ],
        )
    return {
        "entry_id": str(entry_id),
        "asset_id": str(asset_id),
        "stills": [
            {
                "at": second,
                "content_type": blurring.CLEAR_TYPE,
                "picture": base64.b64encode(pictures[place]).decode(),
            }
            for second, place in zip(at, instants, strict=True)
        ],
    }

"""A checkpoint of the ledger, and the time stamp that an authority gave to it."""

from __future__ import annotations

import base64
from typing import Any

from registry.core.errors import NotFound
from registry.core.service import Service
from registry.identity.callers.model import Caller
from registry.transparency.timestamps import store as ledger_stamps


def show_stamp(service: Service, _: Caller, *, covering: int | None = None) -> dict[str, Any]:
    """The newest checkpoint that bears a stamp, or the first that covers the leaf at a place; the stamp is of
    the checkpoint's bytes. Raises `NotFound` (`no_stamp`)."""
    with service.pool.transaction() as connection:
        found = ledger_stamps.newest(connection, covering=covering)
    if found is None:
        what = "No checkpoint of the ledger" if covering is None else "No checkpoint over that leaf"
        raise NotFound(
            f"{what} bears a time stamp yet.",
            code="no_stamp",
            next_step="One is made in FAKEPRINT_TSA_MINUTES, where the deployment has an authority.",
        )
    return {
        "size": found["size"],
        "checkpoint": found["note"],
        "stamped_at": found["stamped_at"].isoformat(),
        "authority": found["authority"],
        "stamp": base64.b64encode(found["response"]).decode(),
    }

"""Let pictures of media go that are kept no longer."""

from __future__ import annotations

from typing import Final

from registry.actions.forget_blob import forget_blob
from registry.actions.service import Service
from registry.domain import blurring
from registry.store import stills

_BATCH: Final = 500


def sweep_stills(service: Service) -> int:
    """How many went: with their medium or entry, a day after they were last asked for, or as one too many.
    Where this is cut off after the rows, `sweep_blobs` deletes the rest. Raises `Unavailable`."""
    gone = 0
    while True:
        with service.pool.transaction() as connection:
            keys = stills.expire(
                connection,
                kept=blurring.KEPT_SECONDS,
                most=blurring.MOST_KEPT,
                keep_media=service.settings.keep_media,
                limit=_BATCH,
            )
        for blob_key in keys:
            forget_blob(service, blob_key)
        gone += len(keys)
        if len(keys) < _BATCH:
            return gone

"""Let pictures of media go that are kept no longer."""

from __future__ import annotations

import time
from typing import Final
from uuid import UUID

from registry.catalogue.media.service.forget_blob import forget_blob
from registry.catalogue.previews import model as blurring
from registry.catalogue.previews import store as stills
from registry.catalogue.provenance import store as manifests
from registry.core.service import Service

_BATCH: Final = 500
_SHELVES: Final = 64
"""Parts of all media, of which each is looked at for a minute: ids are drawn, so that they are as large."""


def sweep_stills(service: Service) -> int:
    """How many went: with their medium or entry, a day after they were last asked for, or as one too many.
    Where this is cut off after the rows, `sweep_blobs` deletes the rest at once. So do small pictures in
    manifests of media that are not kept, which an earlier release leaves; all are looked at in an hour.
    Raises `Unavailable`."""
    with service.pool.transaction() as connection:
        gone = manifests.let_pictures_go(connection, *_shelf())
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


def _shelf() -> tuple[UUID, UUID]:
    """The first and the last id that a medium of this minute's part can have."""
    width = 2**128 // _SHELVES
    first = int(time.time() / 60) % _SHELVES * width
    return UUID(int=first), UUID(int=first + width - 1)

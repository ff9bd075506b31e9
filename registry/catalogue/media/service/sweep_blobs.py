"""Let media go that nothing needs: whoever should have let it go was killed, or its store was away."""

from __future__ import annotations

import random
import time
from collections.abc import Iterator
from itertools import batched, islice
from typing import Final

from registry.catalogue.media.service.forget_blob import forget_blob
from registry.catalogue.media.service.holders import holders, letter_days, needed
from registry.catalogue.media.store import blobs
from registry.core.errors import Unavailable
from registry.core.service import Service

UNNEEDED_SECONDS: Final = 900.0
"""Age at which a blob is needed by some row or by nobody: a request writes its rows right after its media."""
_SHELF_SECONDS: Final = 5
"""How long one of the 256 shelves is looked at, so that all are once in 20 minutes."""
_BATCH: Final = 500
_MOST: Final = 5_000
"""So many are looked at beside a shelf where no media is kept: some pages of a bucket, no more each time."""
_FAILURES: Final = 5
"""So many that cannot be deleted are passed over; with more it may be away, and each takes its time."""


def sweep_blobs(service: Service, *, unchanged_for: float = UNNEEDED_SECONDS) -> int:
    """Delete what was left half written, and what no row needs; how many blobs. Each time a part of all is
    looked at; a deployment that keeps no media looks at so many others too, which are all it has but for the
    media that it kept before.

    Raises `Unavailable` (`blobs_unavailable`), also where one could not be deleted, after the rest.
    """
    service.blobs.discard_abandoned()
    with service.pool.transaction() as connection:
        over = [
            key for one in holders() if one.unneeded for key in one.unneeded(connection, letter_days(service))
        ]
        if not service.settings.keep_media:
            blobs.let_failed_go(connection)
        parting = blobs.parting(connection, limit=_BATCH)
    failed = _forget(service, over) + _forget(service, parting, noted=True)
    forgotten = 0
    for some in batched(_old(service, unchanged_for), _BATCH):
        with service.pool.transaction() as connection:
            needs = needed(service, connection, some)
        unneeded = [key for key in some if key not in needs]
        missed = _forget(service, unneeded)
        forgotten += len(unneeded) - len(missed)
        failed += missed
    if failed:
        raise failed[0]
    return forgotten


def _forget(service: Service, keys: list[str], *, noted: bool = False) -> list[Unavailable]:
    """Let them go, in an order drawn by lot, so that those which cannot be deleted are not always in the way;
    why some could not. Raises what is not the store's."""
    failed: list[Unavailable] = []
    random.shuffle(keys)
    for blob_key in keys:
        try:
            forget_blob(service, blob_key, noted=noted)
        except Unavailable as error:
            if error.code != "blobs_unavailable":
                raise
            failed.append(error)
            if len(failed) > _FAILURES:
                break
    return failed


def _old(service: Service, unchanged_for: float) -> Iterator[str]:
    shelf = f"{int(time.time()) // _SHELF_SECONDS % 256:02x}"
    yield from service.blobs.listed(prefix=shelf, unchanged_for=unchanged_for)
    if not service.settings.keep_media:
        others = (key for key in service.blobs.listed(unchanged_for=unchanged_for) if key[:2] != shelf)
        yield from islice(others, _MOST)

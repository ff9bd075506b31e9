"""Delete stored files: at once when nothing needs them, and in a sweep. A file is a blob.

Other rooms register the tables that refer to blobs (`HOLDERS`).
"""

from __future__ import annotations

import random
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import batched, islice
from typing import Final

from registry.catalogue.media.store import blobs, retention
from registry.core.database.pool import Connection
from registry.core.errors import Unavailable
from registry.core.service import Service
from registry.jobs import Job

LETTER_DAYS: Final = 7
"""Most days for which the file of a failed lookup is kept, so that the lookup can be repeated.

Only for failures that the file did not cause, and only until somebody has settled the dead letter.
"""
UNNEEDED_SECONDS: Final = 900.0
"""Age at which a blob without a row is certainly unneeded. A request writes its rows right after its
media."""
_SHELF_SECONDS: Final = 5
"""Seconds for which one of the 256 key prefixes is swept, so that all are swept once in 20 minutes."""
_BATCH: Final = 500
_MOST: Final = 5_000
"""Further blobs that each sweep examines if no media is kept: a bounded number of pages of a bucket."""
_FAILURES: Final = 5
"""Most failed deletions before a sweep stops. With more the store may be down, and each attempt takes
time."""


@dataclass(frozen=True, slots=True)
class Holder:
    """A table of another room that refers to blobs. Days have the meaning of `letter_days`.

    `needed` returns those of the keys that its rows need, `named` all that its rows name. If rows still name
    a blob that may be deleted, `unneeded` returns some of these blobs, and `forget` removes them from the
    rows.
    """

    needed: Callable[[Connection, Sequence[str], int], set[str]]
    named: Callable[[Connection], list[str]]
    unneeded: Callable[[Connection, int], list[str]] | None = None
    forget: Callable[[Connection, str, int], None] | None = None


HOLDERS: Final[list[Holder]] = []
"""Tables of other rooms that refer to blobs. `registry/app/wiring.py` fills the list."""


def holders() -> list[Holder]:
    """Return the tables of other rooms. Raises `LookupError` if there are none, since all their blobs would
    be deleted."""
    if not HOLDERS:
        raise LookupError("no room has registered its blobs: the process has not called `wire`")
    return HOLDERS


def letter_days(service: Service) -> int:
    """Return the days for which files of dead letters are kept: 0 if the deployment keeps no media."""
    return LETTER_DAYS if service.settings.keep_media else 0


def needed(service: Service, connection: Connection, keys: Sequence[str]) -> set[str]:
    """Return those of the keys that any table needs."""
    keys_needed = retention.needed(connection, keys)
    for holder in holders():
        keys_needed |= holder.needed(connection, keys, letter_days(service))
    return keys_needed


def forget_blob(service: Service, blob_key: str | None, *, noted: bool = False) -> None:
    """Delete a blob unless an asset, a waiting lookup or a lookup's dead letter still needs it.

    If this is interrupted, the sweep deletes the blob later: the lookup still names it, or, for an asset or a
    preview, a note in `parting_blob`. `noted`: only delete it if such a note exists, so that nobody has
    handled it meanwhile.
    """
    if blob_key is None:
        return
    with service.pool.transaction() as connection:
        blobs.lock(connection, blob_key)
        # Remove the note before checking who needs the blob. Anyone who releases it meanwhile writes a new
        # note.
        if not retention.delete_note(connection, blob_key) and noted:
            return
        if not needed(service, connection, [blob_key]):
            service.blobs.delete(blob_key)
        for holder in holders():
            if holder.forget:
                holder.forget(connection, blob_key, letter_days(service))


def forget_blob_of(service: Service, job: Job) -> None:
    """Release the media of a job that has ended."""
    forget_blob(service, job.blob_key)


def sweep_blobs(service: Service, *, unchanged_for: float = UNNEEDED_SECONDS) -> int:
    """Delete abandoned partial uploads, and blobs that no row needs. Returns the number of blobs.

    Each call examines a part of all blobs. A deployment that keeps no media examines up to `_MOST` further
    blobs; these are all it has, except media stored before that setting. Raises `Unavailable`
    (`blobs_unavailable`), also if a blob could not be deleted, after the rest.
    """
    service.blobs.discard_abandoned()
    with service.pool.transaction() as connection:
        unneeded_keys = [
            key
            for holder in holders()
            if holder.unneeded
            for key in holder.unneeded(connection, letter_days(service))
        ]
        if not service.settings.keep_media:
            retention.let_failed_go(connection)
        parting = retention.list_unnamed(connection, limit=_BATCH)
    failed = _forget(service, unneeded_keys) + _forget(service, parting, noted=True)
    forgotten = 0
    for batch in batched(_old(service, unchanged_for), _BATCH):
        with service.pool.transaction() as connection:
            needs = needed(service, connection, batch)
        unneeded = [key for key in batch if key not in needs]
        failures = _forget(service, unneeded)
        forgotten += len(unneeded) - len(failures)
        failed += failures
    if failed:
        raise failed[0]
    return forgotten


def _forget(service: Service, keys: list[str], *, noted: bool = False) -> list[Unavailable]:
    """Delete blobs in random order, so that undeletable ones do not always block the others. Returns the
    failures.

    Raises errors that do not come from the blob store.
    """
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

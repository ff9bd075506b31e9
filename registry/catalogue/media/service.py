"""Files: kept while something needs them, sealed anew, deleted."""

from __future__ import annotations

import logging
import random
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from itertools import batched, islice
from typing import BinaryIO, Final, Protocol

from registry.catalogue.media.store import blobs
from registry.core.blobs import StoredBlob
from registry.core.database.pool import Connection
from registry.core.errors import FakeprintError, Unavailable
from registry.core.service import Service
from registry.jobs import Job

LETTER_DAYS: Final = 7
"""For so long a file that was looked up is kept where that failed for a reason not its own, so that it can be
done again: until somebody has dealt with the dead letter, and no longer than this."""


@dataclass(frozen=True, slots=True)
class Holder:
    """A table of another room that names blobs. The days are those of `letter_days`.

    `needed` tells which of the keys its rows need, `named` all that they name. Where rows go on naming a blob
    until it is deleted, `unneeded` tells some of these, and `forget` has the rows name it no longer.
    """

    needed: Callable[[Connection, Sequence[str], int], set[str]]
    named: Callable[[Connection], list[str]]
    unneeded: Callable[[Connection, int], list[str]] | None = None
    forget: Callable[[Connection, str, int], None] | None = None


HOLDERS: Final[list[Holder]] = []
"""`registry/app/wiring.py` fills the table."""


def holders() -> list[Holder]:
    """Those of other rooms. Raises `LookupError` where none is known: all their blobs would be deleted."""
    if not HOLDERS:
        raise LookupError("nobody has said who else needs blobs: the process has not called `wire`")
    return HOLDERS


def letter_days(service: Service) -> int:
    """For how many days here. A deployment that keeps no media keeps none of these."""
    return LETTER_DAYS if service.settings.keep_media else 0


def needed(service: Service, connection: Connection, keys: Sequence[str]) -> set[str]:
    """Those of the keys that anybody needs."""
    found = blobs.needed(connection, keys)
    for holder in holders():
        found |= holder.needed(connection, keys, letter_days(service))
    return found


def forget_blob(service: Service, blob_key: str | None, *, noted: bool = False) -> None:
    """Delete a blob unless an asset, a waiting lookup or the dead letter of one still needs it. Where this is
    cut off after a lookup, the lookup names it still; after an asset or a still, a note does
    (`parting_blob`): the sweep deletes it. `noted`: only where such a note is left, that is where nobody has
    done so meanwhile."""
    if blob_key is None:
        return
    with service.pool.transaction() as connection:
        blobs.lock(connection, blob_key)
        # Before it is asked who needs it: whoever lets it go meanwhile leaves a note of his own.
        if not blobs.parted(connection, blob_key) and noted:
            return
        if not needed(service, connection, [blob_key]):
            service.blobs.delete(blob_key)
        for holder in holders():
            if holder.forget:
                holder.forget(connection, blob_key, letter_days(service))


def forget_blob_of(service: Service, job: Job) -> None:
    """Let the media of a job go that has ended."""
    forget_blob(service, job.blob_key)


def keep_blob(
    service: Service, connection: Connection, blob_key: str, stream: BinaryIO | None = None
) -> None:
    """Make sure, until the transaction ends, that a medium just received is there and stays.

    Whoever was done with the same file may have let it go meanwhile: it is kept again where its `stream` is
    given. Raises `Unavailable` (`media_lost`) where it is not.
    """
    blobs.lock(connection, blob_key)
    if service.blobs.exists(blob_key):
        return
    if stream is None:
        raise Unavailable(
            "The file was removed while it was received.", code="media_lost", next_step="Send it again."
        )
    stream.seek(0)
    service.blobs.put(stream, limit=service.settings.max_upload_bytes)


LOGGER = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Upload:
    """A media file that was received: where it lies, and the name it came with. `stream`: its bytes, which
    can be had as long as whoever sent them waits."""

    blob: StoredBlob
    filename: str
    stream: BinaryIO | None = field(default=None, compare=False, repr=False)


class Part(Protocol):
    """A file of a form."""

    @property
    def filename(self) -> str: ...

    def open(self) -> BinaryIO: ...


@contextmanager
def uploads(service: Service, parts: Sequence[Part]) -> Iterator[list[Upload]]:
    """The media parts as blobs. They stay only if something needs them when the context ends, so that neither
    a refused request nor a repeated one leaves media behind."""
    kept: list[Upload] = []
    with ExitStack() as streams:
        try:
            for part in parts:
                stream = streams.enter_context(part.open())
                blob = service.blobs.put(stream, limit=service.settings.max_upload_bytes)
                kept.append(Upload(blob, part.filename, stream))
            yield kept
        finally:
            for upload in kept:  # also what was there before: it may have been kept again (`keep_blob`)
                _let_go(service, upload.blob.key)


def _let_go(service: Service, key: str) -> None:
    try:
        forget_blob(service, key)
    except FakeprintError as error:
        # The request's own outcome counts; without the database nobody knows whether the blob is needed.
        LOGGER.warning("a blob may be left behind: %s", error.message, extra={"blob_key": key})


def find_missing(service: Service) -> Iterator[str]:
    """The key of each such blob. Raises `Unavailable` (`blobs_unavailable`)."""
    with service.pool.transaction() as connection:
        named = {*blobs.named(connection), *(key for holder in holders() for key in holder.named(connection))}
    absent = [key for key in named if not service.blobs.exists(key)]
    with service.pool.transaction() as connection:
        needs = needed(service, connection, absent) if absent else set()
    return (key for key in absent if key in needs)  # the others were let go meanwhile


def reseal_blob(service: Service, blob_key: str) -> bool:
    """Encrypt it anew and let its other copies go; False where that was done, or it is no longer kept. Nobody
    deletes it meanwhile. Raises `BadMedia` (`blob_corrupt`), `Unavailable` (also `blobs_key_missing`)."""
    with service.pool.transaction() as connection:
        blobs.be_patient(connection)
        blobs.lock(connection, blob_key)
        return service.blobs.exists(blob_key) and service.blobs.reseal(blob_key)


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
            key
            for holder in holders()
            if holder.unneeded
            for key in holder.unneeded(connection, letter_days(service))
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

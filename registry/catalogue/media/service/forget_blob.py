"""Let media go that nothing needs any more, and never what somebody just began to need."""

from __future__ import annotations

from typing import BinaryIO

from registry.catalogue.media.service.holders import holders, letter_days, needed
from registry.catalogue.media.store import blobs
from registry.core.database.pool import Connection
from registry.core.errors import Unavailable
from registry.core.service import Service
from registry.jobs.store.jobs import Job


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

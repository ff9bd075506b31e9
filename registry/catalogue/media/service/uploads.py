"""Receive uploaded files and store them as blobs while something needs them."""

from __future__ import annotations

import logging
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from typing import BinaryIO, Protocol

from registry.catalogue.media.errors import MediaLost
from registry.catalogue.media.service.retention import forget_blob
from registry.catalogue.media.store import blobs
from registry.core.blobs import StoredBlob
from registry.core.database.pool import Connection
from registry.core.errors import FakeprintError
from registry.core.service import Service

LOGGER = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Upload:
    """A received media file: its blob and its original name. `stream`: its bytes, readable while the request
    lasts."""

    blob: StoredBlob
    filename: str
    stream: BinaryIO | None = field(default=None, compare=False, repr=False)


class Part(Protocol):
    """A file of a multipart form."""

    @property
    def filename(self) -> str: ...

    def open(self) -> BinaryIO: ...


@contextmanager
def uploads(service: Service, parts: Sequence[Part]) -> Iterator[list[Upload]]:
    """Store the media parts as blobs.

    When the context ends, blobs that nothing needs are deleted. Neither a rejected nor a repeated request
    leaves media behind.
    """
    stored: list[Upload] = []
    with ExitStack() as streams:
        try:
            for part in parts:
                stream = streams.enter_context(part.open())
                blob = service.blobs.put(stream, limit=service.settings.max_upload_bytes)
                stored.append(Upload(blob, part.filename, stream))
            yield stored
        finally:
            for upload in stored:  # also a blob that existed before: `keep_blob` may have stored it again
                _let_go(service, upload.blob.key)


def _let_go(service: Service, key: str) -> None:
    try:
        forget_blob(service, key)
    except FakeprintError as error:
        # Report the request's own outcome. Without the database nobody knows whether the blob is needed.
        LOGGER.warning("a blob may be left behind: %s", error.message, extra={"blob_key": key})


def keep_blob(
    service: Service, connection: Connection, blob_key: str, stream: BinaryIO | None = None
) -> None:
    """Ensure that a medium just received exists until the transaction ends.

    Another user of the same file may have deleted it meanwhile. It is then stored again from `stream`. Raises
    `Unavailable` (`media_lost`) if there is no `stream`.
    """
    blobs.lock(connection, blob_key)
    if service.blobs.exists(blob_key):
        return
    if stream is None:
        raise MediaLost("The file was removed while it was received.")
    stream.seek(0)
    service.blobs.put(stream, limit=service.settings.max_upload_bytes)

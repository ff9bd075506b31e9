"""Turn files that came with a request into blobs, which stay only if something comes to need them."""

from __future__ import annotations

import logging
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from typing import BinaryIO, Protocol

from registry.catalogue.media.service.forget_blob import forget_blob
from registry.core.blobs import StoredBlob
from registry.core.errors import FakeprintError
from registry.core.service import Service

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

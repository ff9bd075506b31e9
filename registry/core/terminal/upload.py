"""Upload media files as a multipart form, streamed from disk."""

from __future__ import annotations

import hashlib
import io
import os
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import BinaryIO, override

from registry.core.errors import FakeprintError
from registry.core.errors.terminal import FileChanged
from registry.core.terminal import files
from registry.core.terminal.client import Client, Request
from registry.core.terminal.deadline import Deadline
from registry.core.terminal.problems import Reply
from registry.core.terminal.progress import Advance
from registry.core.terminal.text import printable

_LONGEST_NAME = 255
FULL = frozenset({"queue_full", "queue_share_full"})


class Part(io.BufferedIOBase, BinaryIO):
    """One file of a form. It is open only during a read, so a thousand parts need no handles.

    `sha256` (hex) is the digest of what was read since the last `seek(0)`. Reading raises `BadMedia` if the
    file cannot be read, `BadInput` (`file_changed`) or `TimedOut`.
    """

    def __init__(self, field: str, path: str, deadline: Deadline) -> None:
        self.field = field
        self.path = path
        self.size = files.size_of(path, recursive=True)
        self.sent: Callable[[int], None] = lambda _count: None
        self._deadline = deadline
        self._position = 0
        self._digest = hashlib.sha256()

    @property
    def sha256(self) -> str:
        return self._digest.hexdigest()

    @override
    def read(self, size: int | None = -1, /) -> bytes:
        self._deadline.check("The file was not sent whole")
        try:
            with Path(self.path).open("rb", buffering=0) as file:
                file.seek(self._position)
                chunk = file.read(-1 if size is None else size)
        except OSError as error:
            raise files.of_os_error(error) from error
        self._position += len(chunk)
        if self._position > self.size or (not chunk and self._position < self.size):
            raise FileChanged("The file changed while it was sent.")
        self._digest.update(chunk)
        self.sent(len(chunk))
        return chunk

    @override
    def seek(self, offset: int, whence: int = os.SEEK_SET, /) -> int:
        """Go to the start, or return the size for `SEEK_END`. Forms need nothing else."""
        if whence == os.SEEK_END:
            return self.size
        if offset == 0 and self._position:
            self.sent(-self._position)
            self._position = 0
            self._digest = hashlib.sha256()
        return offset

    @override
    def tell(self) -> int:
        return self._position


def send(
    client: Client,
    path: str,
    parts: Sequence[Part],
    fields: Mapping[str, str],
    advance: Advance,
    headers: Mapping[str, str] | None = None,
) -> Reply:
    """POST the form. `advance` gets the share of bytes sent. If the service's queue is full, retry after the
    requested pause, until the deadline. Raises like `Client.call`."""
    total = sum(part.size for part in parts)
    sent_bytes = 0

    def sent(count: int) -> None:
        nonlocal sent_bytes
        sent_bytes += count
        advance(min(1.0, sent_bytes / total), "uploading")

    for part in parts:
        part.sent = sent

    def form() -> dict[str, object]:
        return {"data": fields, "files": [(part.field, (_name(part.path), part)) for part in parts]}

    while True:
        try:
            return client.call(Request("POST", path, headers=headers, build=form))
        except FakeprintError as error:
            if error.code not in FULL:
                raise
            advance(0.0, "waiting for room")
            _pause(client.deadline, error)


def _pause(deadline: Deadline, error: FakeprintError) -> None:
    """Wait as long as the service requests. Raises the error if the deadline comes first."""
    retry_after = error.extra.get("retry_after")
    seconds = float(retry_after) if isinstance(retry_after, int | float) and retry_after > 0 else 5.0
    if deadline.remaining(seconds) < seconds:
        raise error
    time.sleep(seconds)


def _name(path: str) -> str:
    """Return the file's name as a label, without control characters or undecodable bytes."""
    return printable(files.label(path))[-_LONGEST_NAME:]

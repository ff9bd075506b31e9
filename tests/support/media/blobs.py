"""Store and read media in tests, and inspect the stored objects."""

from __future__ import annotations

import io
import secrets
from pathlib import Path
from typing import Final, cast

from registry.core.blobs import Blobs, EncryptedBlobs, open_blobs, s3

LIMIT: Final = 1 << 28
SMALL: Final = b"a medium of few bytes"
MIDDLE: Final = secrets.token_bytes(300_000)


def opened(address: str, keys: str = "") -> EncryptedBlobs:
    return cast("EncryptedBlobs", open_blobs(address, Path("/nowhere"), keys))


def names(blobs: EncryptedBlobs) -> list[str]:
    return [item.name for item in blobs._objects.found("")]


def raw(blobs: EncryptedBlobs, name: str) -> bytes:
    with blobs._objects.open(name) as stream:
        return b"".join(iter(lambda: stream.read(s3.PART), b""))


def overwrite(blobs: EncryptedBlobs, name: str, content: bytes) -> None:
    blobs._objects.delete(name)
    blobs._objects.write(name, lambda out: cast("None", out.write(content)))


def put(blobs: Blobs, content: bytes) -> str:
    return blobs.put(io.BytesIO(content), limit=LIMIT).key


def read(blobs: Blobs, key: str) -> bytes:
    with blobs.local_path(key) as path:
        return path.read_bytes()

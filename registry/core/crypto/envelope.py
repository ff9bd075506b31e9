"""What is sealed under a person's key, and for what."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any, Final

from registry.core.crypto.keys import Key

RECORD: Final = "record"
RENEWAL: Final = "renewal"
PHOTO: Final = "photo"
"""A photo's file."""
READING: Final = "reading"
"""What a photo is called, and what a worker saw in it."""
VECTORS: Final = "face"


def pack(key: Key, value: Mapping[str, Any], purpose: str) -> bytes:
    """A JSON object, sealed."""
    return key.seal(json.dumps(value, ensure_ascii=False, sort_keys=True).encode(), purpose)


def unpack(key: Key, sealed: bytes, purpose: str) -> dict[str, Any]:
    """What `pack` has sealed. Raises `Unavailable` (`sealed_damaged`)."""
    value: dict[str, Any] = json.loads(key.open(sealed, purpose))
    return value

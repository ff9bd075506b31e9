"""Envelope encryption of JSON under a person's key, and the purposes that separate ciphertexts."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any, Final

from registry.core.crypto.keys import Key

RECORD: Final = "record"
RENEWAL: Final = "renewal"
PHOTO: Final = "photo"
"""The file of a photo."""
READING: Final = "reading"
"""The name of a photo and a worker's findings in it."""
VECTORS: Final = "face"


def pack(key: Key, value: Mapping[str, Any], purpose: str) -> bytes:
    """Encrypt a JSON object."""
    return key.seal(json.dumps(value, ensure_ascii=False, sort_keys=True).encode(), purpose)


def unpack(key: Key, sealed: bytes, purpose: str) -> dict[str, Any]:
    """Decrypt the result of `pack`. Raises `Unavailable` (`sealed_damaged`)."""
    value: dict[str, Any] = json.loads(key.open(sealed, purpose))
    return value

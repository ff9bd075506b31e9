"""What people write about an entry: sealed under a key of its own, which can be destroyed."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any, Final

from registry.core.audit.model.ledger import Commitment, commit
from registry.core.crypto.keys import FolderKeys, Key
from registry.core.service import Service

STATEMENT: Final = "statement"
ANSWER: Final = "answer"
REASONS: Final = "reasons"
"""For what a text is sealed: none opens as another."""


def keys(service: Service) -> FolderKeys:
    """The keys of statements, beside those of persons. Raises `BadInput` (`bad_keys_url`)."""
    return FolderKeys(service.keys.folder / "statements")


def pack(key: Key, value: Mapping[str, Any], purpose: str) -> tuple[bytes, Commitment]:
    """A JSON object, sealed, and what the record says in its place. The salt is sealed with the text."""
    text = json.dumps(value, ensure_ascii=False, sort_keys=True)
    bound = commit(text)
    sealed = json.dumps({"salt": bound.salt.hex(), "text": text}, ensure_ascii=False)
    return key.seal(sealed.encode(), purpose), bound


def unpack(key: Key | None, sealed: bytes | None, purpose: str) -> dict[str, Any] | None:
    """What `pack` has sealed; None where it was erased, or never was. Raises `Unavailable`
    (`sealed_damaged`)."""
    if key is None or sealed is None:
        return None
    found: dict[str, Any] = json.loads(json.loads(key.open(sealed, purpose))["text"])
    return found

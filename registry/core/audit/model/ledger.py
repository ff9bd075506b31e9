"""Contents of a ledger leaf, and the commitments that stand in for texts."""

from __future__ import annotations

import hashlib
import hmac
import json
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Final, Literal
from uuid import UUID

Recording = Literal["none", "matches", "all"]
"""The lookups that are recorded in the ledger. `matches`: those whose verdict names a registered entry."""
RECORDINGS: Final[tuple[Recording, ...]] = ("none", "matches", "all")

SALT_BYTES: Final = 32


@dataclass(frozen=True, slots=True)
class Commitment:
    """Binds an event to a text without revealing it: SHA-256 of the salt (32 random bytes) and the text in
    UTF-8. Salt and text are in an erasable row. Without the salt, nobody can guess the text from the
    digest."""

    salt: bytes
    digest: bytes


def commit(text: str, *, salt: bytes | None = None) -> Commitment:
    """Commit to a text, with a new salt unless one is given."""
    salt = secrets.token_bytes(SALT_BYTES) if salt is None else salt
    return Commitment(salt, _digest(salt, text))


def opens(text: str, salt: bytes, digest: bytes) -> bool:
    """Whether text and salt match the commitment."""
    return len(salt) == SALT_BYTES and hmac.compare_digest(_digest(salt, text), digest)


def event_leaf(event: Mapping[str, Any]) -> bytes:
    """Return the leaf of a row of `event`, in canonical JSON."""
    return canonical(
        {
            "type": "event",
            "version": 1,
            "event_id": event["event_id"],
            "kind": event["kind"],
            "at": _time(event["at"]),
            "organization_id": _id(event["organization_id"]),
            "caller_id": _id(event["caller_id"]),
            "request_id": event["request_id"],
            "entry_id": _id(event["entry_id"]),
            "subject": event["subject"],
            "said": event["said"],
            "salt": _id(event["salt"]),
        }
    )


def lookup_leaf(lookup: Mapping[str, Any]) -> bytes:
    """Return the leaf of a row of `ledger_lookup`, in canonical JSON. The salt of its commitments is not in
    it."""
    query = lookup["query_commitment"]
    return canonical(
        {
            "type": "lookup",
            "version": 1,
            "lookup_id": _id(lookup["lookup_id"]),
            "caller_id": _id(lookup["caller_id"]),
            "organization_id": _id(lookup["organization_id"]),
            "at": _time(lookup["at"]),
            "input": lookup["input"],
            "verdict": lookup["verdict"],
            "query": None if query is None else query.hex(),
            "answer": lookup["answer_commitment"].hex(),
        }
    )


def canonical(value: Any) -> bytes:
    """Serialise as JSON by RFC 8785, for the contents of leaves: ASCII names, integers, no fractions."""
    return json.dumps(
        value, ensure_ascii=False, allow_nan=False, separators=(",", ":"), sort_keys=True
    ).encode()


def _time(at: datetime) -> str:
    """Format a time by RFC 3339 in UTC, always to the microsecond."""
    return at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")


def _id(value: UUID | None) -> str | None:
    return None if value is None else str(value)


def _digest(salt: bytes, text: str) -> bytes:
    if len(salt) != SALT_BYTES:
        raise ValueError(f"a salt has {SALT_BYTES} bytes")
    return hashlib.sha256(salt + text.encode()).digest()

"""The record: what a leaf of the ledger says, and what stands in it for a text."""

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
"""Which lookups are put on record. `matches`: those whose verdict tells of something registered."""
RECORDINGS: Final[tuple[Recording, ...]] = ("none", "matches", "all")

SALT_BYTES: Final = 32


@dataclass(frozen=True, slots=True)
class Commitment:
    """What binds an event to a text without telling it: SHA-256 of the salt (32 random bytes) and the text in
    UTF-8. Salt and text stand in an erasable row; without the salt nobody can try texts against the digest.
    """

    salt: bytes
    digest: bytes


def commit(text: str, *, salt: bytes | None = None) -> Commitment:
    """The commitment to a text, under a new salt unless one is given."""
    salt = secrets.token_bytes(SALT_BYTES) if salt is None else salt
    return Commitment(salt, _digest(salt, text))


def opens(text: str, salt: bytes, digest: bytes) -> bool:
    """Whether that text, with that salt, is what was committed to."""
    return len(salt) == SALT_BYTES and hmac.compare_digest(_digest(salt, text), digest)


def event_leaf(event: Mapping[str, Any]) -> bytes:
    """The leaf of a row of `event`, in canonical JSON."""
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
    """The leaf of a row of `ledger_lookup`, in canonical JSON. The salt of its commitments is not in it."""
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
    """JSON as RFC 8785 writes it, for what leaves hold: ASCII names, whole numbers, no fractions."""
    return json.dumps(
        value, ensure_ascii=False, allow_nan=False, separators=(",", ":"), sort_keys=True
    ).encode()


def _time(at: datetime) -> str:
    """RFC 3339 in UTC, always to the microsecond."""
    return at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")


def _id(value: UUID | None) -> str | None:
    return None if value is None else str(value)


def _digest(salt: bytes, text: str) -> bytes:
    if len(salt) != SALT_BYTES:
        raise ValueError(f"a salt has {SALT_BYTES} bytes")
    return hashlib.sha256(salt + text.encode()).digest()

"""The form of a fingerprint whose digest goes on record. Frozen: a change here makes every digest on record
one of another text, so `tests/vectors/frozen.json` holds it fast. Pure.

It is the fingerprint document of what is stored, without faces, which never leave, and without notes, which
are not stored; written in canonical JSON (RFC 8785), so that anybody's reader writes the same bytes.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from typing import Any, Final

import rfc8785

from registry.catalogue.fingerprints.model.document import to_document
from registry.catalogue.fingerprints.model.fingerprint import Fingerprint

GENERATOR: Final = "fakeprint"


class NotCanonical(ValueError):
    """It holds what canonical JSON has no form for: numbers that are none, or too large; keys that are no
    texts."""


def document(stored: Fingerprint) -> dict[str, Any]:
    """The document of a fingerprint as the store reads it (`fingerprints.read`, of all its frames)."""
    return {**to_document(stored, faces=False, generator=GENERATOR), "notes": []}


def written(value: Mapping[str, Any]) -> bytes:
    """JSON by RFC 8785. Raises `NotCanonical`."""
    try:
        return rfc8785.dumps(dict(value))
    except (rfc8785.CanonicalizationError, UnicodeEncodeError, RecursionError) as error:
        raise NotCanonical(str(error)) from error


def digest(said: Mapping[str, Any]) -> bytes:
    """SHA-256 of a document in that form. Raises `NotCanonical`."""
    return hashlib.sha256(written(said)).digest()

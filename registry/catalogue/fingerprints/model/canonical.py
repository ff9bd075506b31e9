"""The canonical form of a fingerprint, whose digest is recorded in the log. Pure.

This form is frozen: any change would make every recorded digest wrong. `tests/vectors/frozen.json` checks it.

It is the fingerprint document of the stored fingerprint. Faces are excluded because they never leave the
registry, and notes because they are not stored. It is written as canonical JSON (RFC 8785), so that every
implementation produces the same bytes.
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
    """The value has no canonical JSON form: NaN, infinite or too large numbers, or keys that are not text."""


def document(stored: Fingerprint) -> dict[str, Any]:
    """Return the document of a stored fingerprint (`fingerprints.read`, with all its frames)."""
    return {**to_document(stored, faces=False, generator=GENERATOR), "notes": []}


def written(value: Mapping[str, Any]) -> bytes:
    """Serialise to JSON by RFC 8785. Raises `NotCanonical`."""
    try:
        return rfc8785.dumps(dict(value))
    except (rfc8785.CanonicalizationError, UnicodeEncodeError, RecursionError) as error:
        raise NotCanonical(str(error)) from error


def digest(fields: Mapping[str, Any]) -> bytes:
    """Return the SHA-256 of a document in canonical form. Raises `NotCanonical`."""
    return hashlib.sha256(written(fields)).digest()

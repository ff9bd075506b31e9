"""Bundles altered in every way that `tests.support.record.tampering` knows: how many of these a check does
not see, and what checking costs."""

from __future__ import annotations

import time
from collections.abc import Sequence
from typing import Any

from registry.takedown.evidence.model import bundle
from registry.transparency.ledger.model.note import VerifierKey
from tests.support.record.tampering import altered


def figures(raw: bytes, keys: Sequence[VerifierKey]) -> dict[str, Any]:
    """Of a bundle that is sound, checked by the ledger's keys: `bundle_tamper_unseen`, `bundle_tampers` (how
    many were tried), `bundle_tamper_misnamed` (seen, and another file named), and `verify_seconds` (CPU of
    this process for one whole check). Raises `AssertionError` where the bundle is not sound to begin with."""
    begun = time.process_time()
    report = bundle.check(raw, keys, [])
    seconds = time.process_time() - begun
    assert report.sound, report.findings
    tried = unseen = misnamed = 0
    for _, named, other in altered(raw):
        found = bundle.check(other, keys, [])
        tried += 1
        unseen += found.sound
        misnamed += not found.sound and found.findings[0].file not in named
    return {
        "bundle_tamper_unseen": unseen,
        "bundle_tamper_misnamed": misnamed,
        "bundle_tampers": tried,
        "bundle_bytes": len(raw),
        "verify_seconds": round(seconds, 4),
    }


def seen(raw: bytes, place: int, keys: Sequence[VerifierKey]) -> bool:
    """Whether a check sees that a bit of the byte at `place` was turned."""
    changed = bytearray(raw)
    changed[place] ^= 1
    return not bundle.check(bytes(changed), keys, []).sound

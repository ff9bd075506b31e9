"""Answer one hash of one picture."""

from __future__ import annotations

import base64
import binascii
import struct
import threading
from typing import Any, Final

from registry.catalogue.fingerprints.model.algorithms import BY_NAME, PDQ, PHASH256, SSCD
from registry.catalogue.fingerprints.model.fingerprint import FULL, Fingerprint, Frame
from registry.catalogue.media.model import Media
from registry.core.errors import BadInput, Unavailable
from registry.core.service import Service
from registry.identity.callers.model import Caller
from registry.matching.lookups.service.answer import answer_and_record

PATIENCE: Final = 5.0
"""Seconds that an exact comparison waits for the one before it."""
_EXACT: Final = threading.Lock()
PLACEHOLDER: Final = "0" * 64
"""Stands where a fingerprint has its file's digest; it is never compared, since anybody can register it."""


def answer_hash(
    service: Service,
    caller: Caller,
    algorithm: str,
    value: str,
    *,
    bank: str | None = None,
    watch_days: int | None = None,
    exact: bool = False,
) -> dict[str, Any]:
    """The answer for one frame's hash (hex) or vector (base64 of little-endian float16): a still, so at most
    `related`. `exact`: it is compared with every hash there is, .3 s of PostgreSQL a million frames, one at a
    time in a process; needs the scope `signals`. Needs `lookup`.

    Raises `BadInput` (`unknown_algorithm`, `bad_hash`), `NotFound`, `Forbidden`, `Unavailable` (`busy`).
    """
    caller.require("lookup")
    asked = still(algorithm, hash_value(algorithm, value))
    if exact:
        caller.require("signals")
        return _exactly(service, caller, asked, bank)
    return answer_and_record(
        service, caller, asked, bank=bank, given="hash", sha256=None, watch_days=watch_days
    )


def _exactly(service: Service, caller: Caller, asked: Fingerprint, bank: str | None) -> dict[str, Any]:
    if not _EXACT.acquire(timeout=PATIENCE):
        raise Unavailable(
            "Another hash is being compared with all there are.",
            code="busy",
            next_step="Try again after the seconds of Retry-After, or leave `exact` out.",
        )
    try:
        return answer_and_record(service, caller, asked, bank=bank, given="hash", sha256=None, exact=True)
    finally:
        _EXACT.release()


def still(algorithm: str, value: bytes) -> Fingerprint:
    """The fingerprint of a picture of which one value is known."""
    hashed: dict[str, Any] = {_field(algorithm): value}
    frame = Frame(0.0, 0.0, FULL, 100, **hashed)
    return Fingerprint(Media(PLACEHOLDER, "image", 0.0, 1, 1, 1), (algorithm,), (frame,))


def _field(algorithm: str) -> str:
    vectors = {name: "sscd" for name in BY_NAME if _is_vector(name)}
    fields = {PHASH256.name: "phash256", PDQ.name: "pdq", **vectors}
    if algorithm not in fields:
        raise BadInput(
            f"A hash of {algorithm[:50]!r} cannot be looked up.",
            code="unknown_algorithm",
            next_step=f"Choose among {', '.join(fields)}.",
        )
    return fields[algorithm]


def hash_value(algorithm: str, text: str) -> bytes:
    """The bytes of a hash or vector as it is written. Raises `BadInput` (`unknown_algorithm`, `bad_hash`)."""
    _field(algorithm)
    width = BY_NAME[algorithm].value_bytes
    try:
        raw = base64.b64decode(text, validate=True) if _is_vector(algorithm) else bytes.fromhex(text)
    except (ValueError, binascii.Error):
        raw = b""
    if len(raw) != width:
        wanted = f"base64 of {width} bytes" if _is_vector(algorithm) else f"{width * 2} hex digits"
        raise BadInput(f"The value of {algorithm} must be {wanted}.", code="bad_hash")
    if _is_vector(algorithm) and not _normalised(raw):
        raise BadInput(f"The value of {algorithm} must be L2-normalised and finite.", code="bad_hash")
    return raw


def _is_vector(algorithm: str) -> bool:
    return BY_NAME[algorithm].family == SSCD.family


def _normalised(raw: bytes) -> bool:
    squared: float = sum(number * number for number in struct.unpack(f"<{SSCD.dimensions}e", raw))
    # NaN and infinities fail this comparison too.
    return 0.9 <= squared <= 1.1

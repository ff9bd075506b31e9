"""Fields of a fingerprint document, which is untrusted: each is checked, and a refusal names the place. Pure.

Each function raises `BadDocument`. `place` is the path of the field, as in `algorithms.pdq.1.frames[3]`.
"""

from __future__ import annotations

import base64
import binascii
import math
import re
from collections.abc import Callable, Iterable, Mapping
from typing import Any, Final

import numpy as np

from registry.core.errors import BadDocument, DocumentTooLarge

MAX_SAMPLES: Final = 100_000
"""Most samples of one algorithm in a document. A document has room for 7,200 moments in several views."""
_HEX = re.compile(r"[0-9a-fA-F]+\Z")


def base64_bytes(value: object, width: int, place: str) -> bytes:
    """Return the bytes of base64."""
    try:
        raw = base64.b64decode(value if isinstance(value, str) else "*", validate=True)
    except (binascii.Error, ValueError):
        raw = b""
    if len(raw) != width:
        raise BadDocument(f"{place}: the value must be base64 of {width} bytes.")
    return raw


def samples(values: Mapping[str, Any], name: str, key: str) -> Iterable[tuple[str, Mapping[str, Any]]]:
    """Yield the samples of an algorithm with their places; none if it did not run."""
    if name not in values:
        return
    place = f"algorithms.{name}.{key}"
    samples = mapping(values[name], f"algorithms.{name}").get(key)
    if not isinstance(samples, list):
        raise BadDocument(f"{place} must be a list.")
    if len(samples) > MAX_SAMPLES:
        raise DocumentTooLarge(f"{place} holds {len(samples)} samples; at most {MAX_SAMPLES} are accepted.")
    for index, sample in enumerate(samples):
        yield f"{place}[{index}]", mapping(sample, f"{place}[{index}]")


def mapping(value: object, place: str) -> Mapping[str, Any]:
    """Return an object."""
    if not isinstance(value, Mapping):
        raise BadDocument(f"{place} must be an object.")
    return value


def number(value: object, low: float, high: float, place: str) -> float:
    """Return a finite number between `low` and `high`."""
    # Integers are finite, but may be too large to convert to float.
    endless = isinstance(value, float) and not math.isfinite(value)
    if isinstance(value, bool) or not isinstance(value, int | float) or endless:
        raise BadDocument(f"{place} must be a finite number.")
    if not low <= value <= high:
        raise BadDocument(f"{place} must lie within {low:g} and {high:g}.")
    return float(value)


def integer(value: object, low: int, high: int, place: str) -> int:
    """Return a whole number between `low` and `high`."""
    if isinstance(value, bool) or not isinstance(value, int) or not low <= value <= high:
        raise BadDocument(f"{place} must be a whole number within {low} and {high}.")
    return value


def hexadecimal(value: object, width: int, place: str) -> bytes:
    """Return the bytes of hex digits."""
    if not isinstance(value, str) or len(value) != width * 2 or not _HEX.match(value):
        raise BadDocument(f"{place}: the value must be {width * 2} hex digits.")
    return bytes.fromhex(value)


def hash256(value: object, place: str) -> bytes:
    """Return a hash of 256 bits."""
    return hexadecimal(value, 32, place)


def vector_reader(dimensions: int) -> Callable[[object, str], bytes]:
    """Return a reader of L2-normalised vectors of float16 in base64."""

    def read(value: object, place: str) -> bytes:
        requirement = f"{place}: the value must be base64 of {dimensions} little-endian float16"
        try:
            raw = base64.b64decode(value if isinstance(value, str) else "", validate=True)
        except (binascii.Error, ValueError):
            raise BadDocument(f"{requirement}.") from None
        if len(raw) != 2 * dimensions:
            raise BadDocument(f"{requirement}; it holds {len(raw)} bytes.")
        vector = np.frombuffer(raw, dtype="<f2").astype(np.float64)
        squared = float(vector @ vector)
        # NaN and infinities fail this comparison too.
        if not 0.9 <= squared <= 1.1:
            raise BadDocument(f"{requirement}, L2-normalised and finite.")
        return raw

    return read

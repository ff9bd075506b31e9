"""A signed assertion, checked where it lies."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Final

from registry.domain import assertion
from registry.domain.note import VerifierKey
from registry.domain.verification import Report

_BEGINS: Final = b"eyJ"
"""How the head of every JWT begins: `{"` in base64url."""


def begins(line: bytes) -> bool:
    """Whether a file that begins with this line is one."""
    return line.startswith(_BEGINS) and line.count(b".") == 2


def check(line: bytes, keys: Sequence[VerifierKey], notes: Sequence[str]) -> Report:
    """What of it holds now."""
    return assertion.check(line.decode("ascii", "replace"), keys, notes, datetime.now(UTC))

"""Errors of erasure."""

from __future__ import annotations

from registry.core.errors import BadInput


class BadCode(BadInput):
    meaning = "It can be no revocation code: mistyped, or another text."
    next_step = "It has 25 letters and digits, five at a time; copy it once more."

"""Errors of erasure."""

from __future__ import annotations

from registry.core.errors import BadInput


class BadCode(BadInput):
    meaning = "The text is not a revocation code, or it was mistyped."
    next_step = "Copy it again: it has 25 letters and digits in groups of five."

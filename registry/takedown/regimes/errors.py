"""Errors of regimes."""

from __future__ import annotations

from registry.core.errors import BadInput


class UnusableRegime(BadInput):
    code = "bad_regime"
    meaning = "A file of FAKEPRINT_REGIMES cannot be used; the message names file and key."
    next_step = "Correct the file, and start the service again."


class NoticeIncomplete(BadInput):
    meaning = "An element is missing or invalid; `elements` lists them with reasons."

"""Errors of regimes."""

from __future__ import annotations

from registry.core.errors import BadInput


class UnusableRegime(BadInput):
    code = "bad_regime"
    meaning = "A file of FAKEPRINT_REGIMES cannot be used; the message names file and key."
    next_step = "Correct the file, then start anew."


class NoticeIncomplete(BadInput):
    meaning = "An element lacks or is not as asked; `elements` says which and why."

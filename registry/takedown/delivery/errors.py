"""Errors of deliveries."""

from __future__ import annotations

from registry.core.errors import BadInput, Conflict


class ProofNeeded(BadInput):
    meaning = "That a letter was delivered is said by a receipt: `proof_sha256` is its SHA-256."
    next_step = "Give the SHA-256 of the receipt."


class TimeNeeded(BadInput):
    meaning = "Say when it was handed over or delivered, as `at`."


class LetterChanged(Conflict):
    meaning = "A letter is another than the one in `read`; `notice_id` names it."
    next_step = "Read it again, then send it."


class LetterIncomplete(Conflict):
    meaning = "An element that the regime asks for is missing: there is no letter yet."
    next_step = "`fakeprint takedown check` shows what it lacks."


class NoLetters(BadInput):
    """No letter waits to be printed."""


class NotWritten(BadInput):
    """The notice has no letter."""


class ProofOfMany(BadInput):
    """One proof of delivery is given for letters to several platforms."""

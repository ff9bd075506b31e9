"""Errors of deliveries."""

from __future__ import annotations

from registry.core.errors import BadInput, Conflict


class ProofNeeded(BadInput):
    meaning = "A delivery is proved by a receipt: `proof_sha256` is its SHA-256."
    next_step = "Give the SHA-256 of the receipt."


class TimeNeeded(BadInput):
    meaning = "`at`, the time of the hand-over or the delivery, is missing."


class LetterChanged(Conflict):
    meaning = "A letter differs from the one in `read`; `notice_id` names its notice."
    next_step = "Read it again, then send it."


class LetterIncomplete(Conflict):
    meaning = "An element that the regime requires is missing: there is no letter yet."
    next_step = "`fakeprint takedown check` shows what it lacks."


class NoLetters(BadInput):
    """No letter waits to be printed."""


class NotWritten(BadInput):
    """Letters cannot be written into a folder."""


class ProofOfMany(BadInput):
    """One proof of delivery is given for letters to several platforms."""

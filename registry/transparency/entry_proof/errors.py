"""Errors of proofs of an entry."""

from __future__ import annotations

from registry.core.errors import Conflict


class NotRecorded(Conflict):
    meaning = "No event is on record of the entry alone: it came with a list, or from a peer."
    next_step = "A list's import is on record as a whole, a peer's pages in the peer's own ledger."

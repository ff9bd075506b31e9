"""Errors of proofs of an entry."""

from __future__ import annotations

from registry.core.errors import Conflict


class NotRecorded(Conflict):
    meaning = "No event of its own is recorded for the entry: it came from a list or a peer."
    next_step = "A list's import is recorded as a whole, a peer's pages in the peer's own ledger."

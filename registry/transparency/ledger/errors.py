"""Errors of the ledger."""

from __future__ import annotations

from registry.core.errors import BadInput, NotFound, Unavailable


class BadRange(BadInput):
    meaning = "The ledger is not that large, or the sizes are in the wrong order."


class UnknownRecording(BadInput):
    meaning = "Lookups are recorded none, matches or all."


class UnknownLeaf(NotFound):
    meaning = "The ledger has no such leaf that the key may ask about."


class NoCheckpoint(NotFound):
    meaning = "Nothing of the ledger was signed yet."
    next_step = "The worker of the queue `control` signs it each second; is one running, with its key?"


class LedgerDamaged(Unavailable):
    meaning = "The ledger lacks a hash that it must have: it was altered."
    next_step = "Somebody has altered it: run `fakeprint verify` with a checkpoint that you kept."


class BadExport(BadInput):
    """A file is nothing that can be verified."""

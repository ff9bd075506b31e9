"""Errors of the ledger."""

from __future__ import annotations

from registry.core.errors import BadInput, NotFound, Unavailable


class BadRange(BadInput):
    meaning = "The ledger is not that large, or the sizes are in the wrong order."


class UnknownRecording(BadInput):
    meaning = "Not one of the settings none, matches and all."


class UnknownLeaf(NotFound):
    meaning = "The ledger has no such leaf that the key may see."


class NoCheckpoint(NotFound):
    meaning = "The ledger has no signed checkpoint yet."
    next_step = "A worker of the queue `control` signs it every second. Check that one runs and has the key."


class LedgerDamaged(Unavailable):
    meaning = "The ledger lacks a hash: it was altered."
    next_step = "Run `fakeprint verify` with a checkpoint that you kept."


class BadExport(BadInput):
    """The file is not of a kind that can be verified."""

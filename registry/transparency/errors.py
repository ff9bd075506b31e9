"""Errors of the ledger's keys and signatures."""

from __future__ import annotations

from registry.core.errors import Conflict, Unavailable


class NotSigned(Conflict):
    meaning = "The ledger's newest checkpoint does not cover the entry yet."
    message = "The ledger does not cover the entry yet."


class LedgerKeyUnavailable(Unavailable):
    meaning = "The ledger's keys or checkpoints cannot be read or written."
    message = "This process has no key of the ledger."
    next_step = "Set FAKEPRINT_LEDGER, or wait until the ledger is signed for the first time."

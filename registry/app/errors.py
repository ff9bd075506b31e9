"""Errors of the command line and of pages that belong to no room."""

from __future__ import annotations

from registry.core.errors import BadInput, Unavailable


class PasswordsDiffer(BadInput):
    meaning = "On a page: the two passwords differ."


class BadCheckpoint(BadInput):
    """A file holds no checkpoint."""


class BadLedgerKey(BadInput):
    """`--key` is neither a public key of a ledger nor a file of one."""


class CannotListen(Unavailable):
    """The address or descriptor of `fakeprint serve` cannot be listened on."""

"""Errors that several parts of the catalogue raise."""

from __future__ import annotations

from registry.core.errors import Conflict, Forbidden


class ForeignBank(Forbidden):
    meaning = "The bank or the entry belongs to another organization."
    message = "The entry belongs to another organization."


class EntryWithdrawn(Conflict):
    meaning = "The entry was withdrawn."

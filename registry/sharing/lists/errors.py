"""Errors of hash lists."""

from __future__ import annotations

from registry.core.errors import BadInput, Conflict, NotFound


class MediumRepeated(BadInput):
    """A row of a list gives one medium twice."""

    code = "role_conflict"


class BadFormat(BadInput):
    meaning = "Not a format that lists are read in."


class BadHeader(BadInput):
    meaning = "In a list: its first line names no column that holds a hash, or one twice."


class BadRow(BadInput):
    meaning = "In a list: the line is no row of it; the message says why."
    message = "The line holds a NUL character."


class UnknownType(BadInput):
    meaning = "Not a type of hash, or the row does not say its own."


class UnsupportedType(BadInput):
    meaning = "A type of hash that nothing here can be compared with."
    next_step = "Leave the row out."


class ConflictingRows(BadInput):
    meaning = "In a list: rows on one medium contradict each other; it answers no lookup."
    message = "Two rows on this medium contradict each other; it is disputed, and answers no lookup."


class EntryStays(BadInput):
    meaning = "In a list: the row contradicts an entry that no list has made; that stays."
    message = "The bank has this medium in an entry that no list has made; that stays as it is."


class UnknownImport(NotFound):
    meaning = "No import of that id of the key's organization."


class PipeNotResumable(BadInput):
    """The list came through a pipe, so an import of it cannot be resumed."""

    code = "import_moved"


class ImportMoved(Conflict):
    meaning = "The import stands elsewhere, or its bytes were others; `bytes` says where."
    next_step = "Continue there, with the same list; or begin another import."


class ImportFinished(Conflict):
    meaning = "The import has come to its end."
    next_step = "Begin another: rows that the bank has already are kept once."


class BankClosed(Conflict):
    meaning = "The bank was closed."


class OtherList(BadInput):
    """The file is not the list that the import began with."""

"""Errors of hash lists."""

from __future__ import annotations

from registry.core.errors import BadInput, Conflict, NotFound


class MediumRepeated(BadInput):
    """A row of a list contains one medium twice."""

    code = "role_conflict"


class BadFormat(BadInput):
    meaning = "Not a format of hash lists."


class BadHeader(BadInput):
    meaning = "In a list: the first line names no hash column, or a column twice."


class BadRow(BadInput):
    meaning = "In a list: the line cannot be read as a row; the message says why."
    message = "The line holds a NUL character."


class UnknownType(BadInput):
    meaning = "Not a hash type, or the row does not name its type."


class UnsupportedType(BadInput):
    meaning = "A hash type that this registry cannot compare."
    next_step = "Leave the row out."


class ConflictingRows(BadInput):
    meaning = "In a list: rows on one medium contradict each other; the medium matches no lookup."
    message = "Two rows on this medium contradict each other. It is disputed and matches no lookup."


class EntryStays(BadInput):
    meaning = "In a list: the row contradicts an entry that no list created; the entry stays unchanged."
    message = "The bank holds this medium in an entry that no list created. The entry stays unchanged."


class UnknownImport(NotFound):
    meaning = "The organization has no import with that id."


class PipeNotResumable(BadInput):
    """The list came through a pipe, so an import of it cannot be resumed."""

    code = "import_moved"


class ImportMoved(Conflict):
    meaning = "The import is at another byte, or its previous bytes differ; `bytes` is its position."
    next_step = "Continue there with the same list, or begin a new import."


class ImportFinished(Conflict):
    meaning = "The import is finished."
    next_step = "Begin a new import. Rows that the bank already holds are not stored again."


class BankClosed(Conflict):
    meaning = "The bank was closed."


class OtherList(BadInput):
    """The file is not the list that the import began with."""

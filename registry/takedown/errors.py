"""Errors that several parts of takedown raise."""

from __future__ import annotations

from registry.core.errors import BadInput, Conflict, NotFound, TooLarge


class WrongEntry(BadInput):
    """A form or a row names an entry that is none, or that the campaign is not about."""

    code = "unknown_entry"


class UnknownRegime(BadInput):
    meaning = "Not a regime that is known, or none of the campaign's."


class NoWording(BadInput):
    meaning = "The regime has no wording in that language."


class NoRows(BadInput):
    meaning = "There is no row in what was given."


class BadZone(BadInput):
    meaning = "Not a time zone, as Europe/Madrid."


class WhichNotices(BadInput):
    meaning = "No notice is named, or more than 10,000."
    message = "Nothing is chosen."


class BadExhibit(BadInput):
    meaning = "An exhibit is not as asked, or the file is not the one whose digest was given."


class UnknownMandate(NotFound):
    meaning = "The client has no such mandate."


class UnknownNotice(NotFound):
    meaning = "The campaign has no such notice."


class ClientErased(Conflict):
    meaning = "What was personal of the client was erased."


class SheetTooLarge(TooLarge):
    meaning = "A workbook unpacks to more than is read."

"""Errors that several sub-rooms of takedown raise."""

from __future__ import annotations

from registry.core.errors import BadInput, Conflict, NotFound, TooLarge


class WrongEntry(BadInput):
    """A form or a row names an entry that does not exist, or is not in the campaign."""

    code = "unknown_entry"


class UnknownRegime(BadInput):
    meaning = "The regime is unknown, or not one of the campaign's."


class NoWording(BadInput):
    meaning = "The regime has no wording in that language."


class NoRows(BadInput):
    meaning = "The input has no rows."


class BadZone(BadInput):
    meaning = "Not a time zone, such as Europe/Madrid."


class WhichNotices(BadInput):
    meaning = "No notice is named, or more than 10,000."
    message = "No notice is chosen."


class BadExhibit(BadInput):
    meaning = "An exhibit is invalid, or its file does not have the stated digest."


class UnknownMandate(NotFound):
    meaning = "The client has no such mandate."


class UnknownNotice(NotFound):
    meaning = "The campaign has no such notice."


class ClientErased(Conflict):
    meaning = "The personal data of the client were erased."


class SheetTooLarge(TooLarge):
    meaning = "A workbook is too large after unpacking."

"""Errors of request bodies, of the service's load and of its spool."""

from __future__ import annotations

from registry.core.errors import BadInput, TooLarge, Unavailable


class BadJson(BadInput):
    meaning = "The body, or a part of it, is not JSON, or holds a NUL character."


class BadMultipart(BadInput):
    meaning = "The form is malformed, cut off or not UTF-8."


class UnknownPart(BadInput):
    meaning = "The form has a part that this address does not take."


class DuplicatePart(BadInput):
    meaning = "A part of the form that may come once comes twice."


class TooManyLines(TooLarge):
    meaning = "A batch has 10,000 lines at most; in the line that says so."
    next_step = "Send this line and those after it as another batch."


class BatchStalled(BadInput):
    meaning = "A batch stopped coming; in the line that says so."
    next_step = "Send this line and those after it as another batch."


class NoFile(BadInput):
    meaning = "The form has no media and no document where one is needed, or too many."


class TooManyParts(TooLarge):
    meaning = "The form has more parts than are taken."


class Busy(Unavailable):
    meaning = "Too many documents are being read or compared; try again after `Retry-After`."
    next_step = "Try again after the seconds of Retry-After."


class SpoolUnavailable(Unavailable):
    meaning = (
        "An upload cannot be kept while it arrives, or a lookup's record while the primary database is away."
    )


class SpoolFull(Unavailable):
    meaning = "The primary database is away, and no room is left for records of lookups."
    next_step = "Bring the primary database back, or raise FAKEPRINT_SPOOL_BYTES."

"""Errors of recurrences."""

from __future__ import annotations

from registry.core.errors import BadInput, Conflict, NotFound, TooLarge


class UnknownRecurrence(NotFound):
    meaning = "The campaign has no recurrence of that id."


class AlreadyDecided(Conflict):
    meaning = "The recurrence is not proposed any more; `outcome` is its result."


class NothingRemoved(NotFound):
    meaning = "The platform has not removed this fake for the campaign."
    next_step = "For a new place, add a notice: `fakeprint takedown add`."


class NotFoundAgain(Conflict):
    meaning = "The lookup finds none of the campaign's entries."
    next_step = "Look up the content at that address."


class PlaceTaken(Conflict):
    meaning = "Another notice of the campaign is about that place; `notice_id` names it."


class ListTooLarge(TooLarge):
    """The list of places that a form sent has too many bytes."""

    code = "too_many_rows"


class NotLookup(BadInput):
    """A form contains neither a lookup's id nor its URL."""

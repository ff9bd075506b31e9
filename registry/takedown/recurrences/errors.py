"""Errors of recurrences."""

from __future__ import annotations

from registry.core.errors import BadInput, Conflict, NotFound, TooLarge


class UnknownRecurrence(NotFound):
    meaning = "The campaign has no return of that id."


class AlreadyDecided(Conflict):
    meaning = "The return is not proposed any more; `outcome` says what it is."


class NothingRemoved(NotFound):
    meaning = "That platform has removed nothing of what was found there."
    next_step = "`fakeprint takedown add` makes a notice of a place that is new."


class NotFoundAgain(Conflict):
    meaning = "The lookup finds none of the campaign's entries."
    next_step = "Look up what is at that address."


class PlaceTaken(Conflict):
    meaning = "Another notice of the campaign is about that place; `notice_id` names it."


class ListTooLarge(TooLarge):
    """The list of places that a form sent has too many bytes."""

    code = "too_many_rows"


class NotLookup(BadInput):
    """What was given is not a lookup's id or address."""

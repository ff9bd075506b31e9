"""Errors of the lookups for fact-checkers' tools."""

from __future__ import annotations

from registry.core.errors import Conflict, Unavailable


class NoCheckCallback(Conflict):
    meaning = "Nobody set where Check is told the results of a search."
    next_step = "Set FAKEPRINT_CHECK_CALLBACK, or ask `/alegre/similarity/sync/…`."


class CheckUnreachable(Unavailable):
    meaning = "Check did not accept the results of a search."
    next_step = "See that FAKEPRINT_CHECK_CALLBACK is right and Check runs, then ask again."

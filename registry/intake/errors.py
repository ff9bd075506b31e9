"""Errors of intake cases."""

from __future__ import annotations

from registry.core.errors import BadInput, Conflict, Forbidden, TooLarge, TooMany


class NoPrivateCases(Conflict):
    meaning = "The operator has named no bank that takes private cases, or it may no longer."
    next_step = "Turn to https://stopncii.org, or to an organization that can register it for you."


class UnfitBank(Conflict):
    meaning = "A bank that takes private cases needs settings of its own; `needs` lists them."
    next_step = "Open one for them: `fakeprint cases take NAME --new`, or change its policy."


class NotDeclared(BadInput):
    meaning = "A private case needs the word of whoever opens it."
    next_step = "Send `true` as true."


class TooManyFiles(TooLarge):
    meaning = "A private case has 20 files and 50 places at most."
    next_step = "Open another case for the rest."


class BadCaseNumber(BadInput):
    meaning = "It can be no case number: mistyped, or another text."
    next_step = "It has ten letters and digits, as in 7QK4M-1XRDF; copy it once more."


class WrongCase(Forbidden):
    meaning = "There is no private case of that number and PIN."
    next_step = "Look both up again. A PIN that is lost cannot be replaced: open a new case."


class CaseLocked(TooMany):
    meaning = "Too many attempts with a wrong PIN, or from there; see `Retry-After`."


class NotConfirmed(BadInput):
    meaning = "On a page: what cannot be undone was not confirmed."


class CaseWithdrawn(Conflict):
    meaning = "Whoever opened the private case has withdrawn it; nobody restores it."


class IncompleteCase(BadInput):
    """The form of an intake case lacks something."""

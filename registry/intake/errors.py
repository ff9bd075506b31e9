"""Errors of intake cases."""

from __future__ import annotations

from registry.core.errors import BadInput, Conflict, Forbidden, TooLarge, TooMany


class NoPrivateCases(Conflict):
    meaning = "The operator has set no bank for private cases, or the bank is no longer suitable."
    next_step = "Use https://stopncii.org, or ask an organization to register it for you."


class UnfitBank(Conflict):
    meaning = "The bank's settings do not suit private cases; `needs` lists the required ones."
    next_step = "Create a bank for them: `fakeprint cases take NAME --new`, or change its policy."


class NotDeclared(BadInput):
    meaning = "A private case needs the declaration that its content is true."
    next_step = "Send `true` as true."


class TooManyFiles(TooLarge):
    meaning = "A private case has at most 20 files and 50 places."
    next_step = "Open another case for the rest."


class BadCaseNumber(BadInput):
    meaning = "Not a case number, or mistyped."
    next_step = "A number has ten letters and digits, as in 7QK4M-1XRDF. Copy it again."


class WrongCase(Forbidden):
    meaning = "There is no private case with that number and PIN."
    next_step = "Check both. A lost PIN cannot be replaced: open a new case."


class CaseLocked(TooMany):
    meaning = "Too many attempts with a wrong PIN, or from that network; see `Retry-After`."


class NotConfirmed(BadInput):
    meaning = "On a page: an irreversible act was not confirmed."


class CaseWithdrawn(Conflict):
    meaning = "The person who opened the private case has withdrawn it. It cannot be restored."


class IncompleteCase(BadInput):
    """The form of an intake case lacks something."""

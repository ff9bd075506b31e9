"""Errors of disputes."""

from __future__ import annotations

from registry.core.errors import BadInput, Conflict, Forbidden, NotFound, TooMany


class NeedsRemedy(BadInput):
    meaning = "An upheld dispute needs a `remedy`; other decisions take none."
    next_step = "Send `remedy`: withdrawn, or corrected with the `asset_ids` of fakes that are originals."


class NoSuchMedium(BadInput):
    meaning = "The entry has no such fake."
    next_step = "`fakeprint review show` lists its media."


class PartyDecides(Forbidden):
    meaning = "Parties to a dispute and reviewers of the entry cannot decide it."
    next_step = "Leave the decision to a reviewer of another organization."


class NotOpener(Forbidden):
    meaning = "Another organization opened the dispute."


class UnknownDispute(NotFound):
    meaning = "The key may see no dispute with that id."
    next_step = "`fakeprint dispute list` lists the visible ones."


class UnknownReview(NotFound):
    meaning = "The organization has no decision with that id."


class DisputeRepeated(Conflict):
    meaning = "Your organization already disputes the entry, or lost a dispute of it recently."


class DisputeClosed(Conflict):
    meaning = "The dispute was decided or withdrawn."


class NotHeard(Conflict):
    meaning = "The entry's owner may still answer, until `answer_due`."
    next_step = "Wait for the answer; `accept` suspends the entry until then."


class StatementErased(Conflict):
    meaning = "The texts of the dispute were erased."


class TooManyDisputes(TooMany):
    meaning = "Your organization has opened 20 disputes in 24 hours."

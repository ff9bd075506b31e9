"""Errors of disputes."""

from __future__ import annotations

from registry.core.errors import BadInput, Conflict, Forbidden, NotFound, TooMany


class NeedsRemedy(BadInput):
    meaning = "Who upholds a dispute says what becomes of the entry, and nobody else does."
    next_step = "Send `remedy`: withdrawn, or corrected with `asset_ids`, fakes that are originals."


class NoSuchMedium(BadInput):
    meaning = "The entry holds no such fake."
    next_step = "`fakeprint review show` lists its media."


class PartyDecides(Forbidden):
    meaning = "Who is a party to a dispute, or has reviewed the entry, does not decide it."
    next_step = "A reviewer of another organization decides it."


class NotOpener(Forbidden):
    meaning = "Another organization has opened the dispute."


class UnknownDispute(NotFound):
    meaning = "No dispute of that id that the key may see."
    next_step = "`fakeprint dispute list` shows those that it may."


class UnknownReview(NotFound):
    meaning = "No decision of that id of the key's organization."


class DisputeRepeated(Conflict):
    meaning = "Your organization disputes the entry already, or has in vain lately."


class DisputeClosed(Conflict):
    meaning = "The dispute was decided or withdrawn."


class NotHeard(Conflict):
    meaning = "The entry's owner may still answer; `answer_due` says how long."
    next_step = "Wait for the answer; `accept` suspends the entry until then."


class StatementErased(Conflict):
    meaning = "What was said in the dispute was erased."


class TooManyDisputes(TooMany):
    meaning = "Your organization has opened 20 disputes in 24 hours."

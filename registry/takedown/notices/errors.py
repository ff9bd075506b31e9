"""Errors of notices."""

from __future__ import annotations

from registry.core.errors import BadInput, Conflict, TooLarge


class WhichEntry(BadInput):
    meaning = "In a row: the campaign is about several entries, or none."


class RegimeNotForPlatform(BadInput):
    meaning = "In a row: the platform does not take notices under the campaign's regimes."
    next_step = "Name one of the campaign's regimes in the row."


class BadNote(BadInput):
    meaning = "In a row: a note has at most 2,000 characters."


class UnknownQuestion(BadInput):
    meaning = "The regime has no such question."


class BadAnswer(BadInput):
    meaning = "Questions are answered yes or no."


class TooManyMatches(BadInput):
    meaning = "One request attaches 1 to 1,000 lookups."


class RepeatedNotice(BadInput):
    meaning = "A notice is named twice."


class NotBreached(Conflict):
    meaning = "No deadline of the notice passed without an answer."


class OtherRegime(Conflict):
    meaning = "The notice is under another regime."


class GroundRefused(Conflict):
    meaning = "A lookup of the place contradicts the ground, or is missing; `notice_ids` lists the notices."
    next_step = "Leave these notices out, or look up the content at their places and attach the match."


class NoticeHindered(Conflict):
    meaning = "The notice cannot be sent; `hindrances` lists the reasons."
    next_step = "`fakeprint takedown check` shows what each notice of a campaign lacks."


class NoticePaused(Conflict):
    meaning = "The notice is paused; `paused_for` lists the reasons."


class NotPaused(Conflict):
    meaning = "The notice has no pause that a person can end."


class DisputeOpen(Conflict):
    meaning = "The dispute that the notice waits for is not decided."
    next_step = "Its outcome ends the pause. `fakeprint dispute show` shows its state."


class TooManyNotices(TooLarge):
    meaning = "One request has at most 10,000 rows, and a campaign at most 100,000 notices."


class WhichAct(BadInput):
    """A form does not name the result of the notice."""

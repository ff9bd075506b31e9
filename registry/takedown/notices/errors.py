"""Errors of notices."""

from __future__ import annotations

from registry.core.errors import BadInput, Conflict, TooLarge


class WhichEntry(BadInput):
    meaning = "In a row: the campaign is about several entries, or none."


class RegimeNotForPlatform(BadInput):
    meaning = "In a row: the platform is not asked under the campaign's regimes."
    next_step = "Name the regime in the row, where it is one of the campaign's."


class BadNote(BadInput):
    meaning = "In a row: a note has 2,000 characters at most."


class UnknownQuestion(BadInput):
    meaning = "The regime does not ask that."


class BadAnswer(BadInput):
    meaning = "Questions are answered yes or no."


class TooManyMatches(BadInput):
    meaning = "One request attaches 1 to 1,000 lookups."


class RepeatedNotice(BadInput):
    meaning = "A notice is named twice."


class NotBreached(Conflict):
    meaning = "No term of the notice was over without an answer."


class OtherRegime(Conflict):
    meaning = "The notice is under another regime."


class GroundRefused(Conflict):
    meaning = "A lookup says otherwise of the place, or there was none; `notice_ids` lists them."
    next_step = "Leave them away, or look up what is there and attach the match."


class NoticeHindered(Conflict):
    meaning = "The notice cannot be sent; `hindrances` says why."
    next_step = "`fakeprint takedown check` shows what each notice of a campaign lacks."


class NoticePaused(Conflict):
    meaning = "The notice is paused; `paused_for` says why."


class NotPaused(Conflict):
    meaning = "The notice waits for nothing that a person ends."


class DisputeOpen(Conflict):
    meaning = "The dispute that the notice waits for is not decided."
    next_step = "Its outcome ends the pause: `fakeprint dispute show` tells how it stands."


class TooManyNotices(TooLarge):
    meaning = "One request takes 10,000 rows, and a campaign has 100,000 notices at most."


class WhichAct(BadInput):
    """A form does not say what became of the notice."""

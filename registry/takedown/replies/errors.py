"""Errors of replies and statements of reasons."""

from __future__ import annotations

from registry.core.errors import BadInput, Conflict, NotFound, TooLarge


class NoStatements(BadInput):
    meaning = "There is no statement of reasons in what was given."


class BadStatement(BadInput):
    meaning = "Of a statement of reasons: `faults` says what is wrong with which field."


class StatementConflict(Conflict):
    meaning = "Of a statement of reasons: its `puid` is another's already."


class TooManyStatements(TooLarge):
    meaning = "2,000 statements of reasons are taken at once."
    next_step = "Send them in parts: what comes twice is kept once."


class NoStatement(Conflict):
    meaning = "The reply is no statement of reasons."
    next_step = "Read it, and say what became of the notice by moving that."


class NotMatched(Conflict):
    meaning = "Nobody has said which notice the statement of reasons answers."


class NothingProposed(Conflict):
    meaning = "The statement of reasons does not say plainly what became of the content."
    next_step = "Look at the place, and say what became of the notice by moving that."


class StatementAccepted(Conflict):
    meaning = "The statement of reasons was accepted already."


class StatementOutdated(Conflict):
    meaning = "The statement of reasons came before the notice was sent anew."
    next_step = "Look at the place, and say what became of the notice by moving that."


class NoMessages(BadInput):
    meaning = "There is no message in what was given."


class MessageTooLarge(BadInput):
    meaning = "Of a message in a mailbox: more than 8 MB are not read."


class NotAMessage(BadInput):
    meaning = "Of a message in a mailbox: it cannot be read."


class OwnMessage(BadInput):
    meaning = "Of a message in a mailbox: it is a notice that was sent from here."


class UnknownReply(NotFound):
    meaning = "No reply of that id of the key's organization."


class ReplyDismissed(Conflict):
    meaning = "The reply was dismissed, and what it said is gone."


class TooManyMessages(TooLarge):
    meaning = "A mailbox file of 2,000 messages is taken at once."
    next_step = "Send it in parts: what comes twice is kept once."


class ReplyKnown(Conflict):
    """The reply is stored already."""


class ReplyUnmatched(Conflict):
    """The reply answers no notice that was sent."""


class WhichNotice(BadInput):
    """A form does not name the one notice that a reply answers."""

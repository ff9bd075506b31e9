"""Errors of replies and statements of reasons."""

from __future__ import annotations

from registry.core.errors import BadInput, Conflict, NotFound, TooLarge


class NoStatements(BadInput):
    meaning = "The input contains no statement of reasons."


class BadStatement(BadInput):
    meaning = "Of a statement of reasons: `faults` lists the faulty fields."


class StatementConflict(Conflict):
    meaning = "Of a statement of reasons: another statement has its `puid` already."


class TooManyStatements(TooLarge):
    meaning = "One request takes at most 2,000 statements of reasons."
    next_step = "Send them in parts. A statement that is sent twice is stored once."


class NoStatement(Conflict):
    meaning = "The reply is not a statement of reasons."
    next_step = "Read it, and record the result as a move of the notice."


class NotMatched(Conflict):
    meaning = "The statement of reasons is not matched with a notice yet."


class NothingProposed(Conflict):
    meaning = "The statement of reasons does not clearly say what was decided on the content."
    next_step = "Look at the place, and record the result as a move of the notice."


class StatementAccepted(Conflict):
    meaning = "The statement of reasons was accepted already."


class StatementOutdated(Conflict):
    meaning = "The statement of reasons is older than the last sending of the notice."
    next_step = "Look at the place, and record the result as a move of the notice."


class NoMessages(BadInput):
    meaning = "The input contains no message."


class MessageTooLarge(BadInput):
    meaning = "Of a message in a mailbox: it has more than 8 MB."


class NotAMessage(BadInput):
    meaning = "Of a message in a mailbox: it cannot be read."


class OwnMessage(BadInput):
    meaning = "Of a message in a mailbox: it is a notice that this registry sent."


class UnknownReply(NotFound):
    meaning = "The key's organization has no reply with that id."


class ReplyDismissed(Conflict):
    meaning = "The reply was dismissed, and its content was deleted."


class TooManyMessages(TooLarge):
    meaning = "A mailbox file has at most 2,000 messages."
    next_step = "Send it in parts. A message that is sent twice is stored once."


class ReplyKnown(Conflict):
    """The reply is stored already."""


class ReplyUnmatched(Conflict):
    """The reply answers no notice that was sent."""


class WhichNotice(BadInput):
    """A form does not name the one notice that a reply answers."""

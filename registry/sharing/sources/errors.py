"""Errors of hash sources."""

from __future__ import annotations

from registry.core.errors import BadInput, Conflict, NotFound, Unavailable


class UnknownExchange(BadInput):
    meaning = "Not a kind of exchange."


class BadOptions(BadInput):
    meaning = "Not the options that the kind of exchange has."


class BadInterval(BadInput):
    meaning = "An exchange is read every minute at most, every 30 days at least."


class NoExchange(NotFound):
    meaning = "No exchange of that name or id of the key's organization."


class ExchangeExists(Conflict):
    meaning = "The organization has an exchange of that name, or for that bank."
    next_step = "Remove that one, or give this one another name and a bank of its own."


class BankNotPrivate(Conflict):
    meaning = "What an exchange shares is kept in a private bank."
    next_step = "Open another: `fakeprint admin bank add NAME --visibility private`."


class ExchangeGarbled(Unavailable):
    meaning = "At an exchange: what it answers cannot be read, or leads elsewhere."


class NoExchangeFile(BadInput):
    meaning = "At an exchange: no such file in the service's folder for them."
    next_step = "Put the list there: `TYPE HASH` a line."


class BankPublished(Conflict):
    meaning = "What comes from elsewhere is kept in banks that are not published."
    next_step = "Open another: `fakeprint admin bank add NAME --visibility private`."

"""Errors of hash sources."""

from __future__ import annotations

from registry.core.errors import BadInput, Conflict, NotFound, Unavailable


class UnknownExchange(BadInput):
    meaning = "Not a kind of exchange."


class BadOptions(BadInput):
    meaning = "Not the options of this kind of exchange."


class BadInterval(BadInput):
    meaning = "The interval is not between one minute and 30 days."


class NoExchange(NotFound):
    meaning = "The organization has no exchange with that name or id."


class ExchangeExists(Conflict):
    meaning = "The organization already has an exchange with that name, or for that bank."
    next_step = "Remove the existing one, or choose another name and another bank."


class ExchangeSuspended(Conflict):
    meaning = "The exchange is switched off; switch it on first."
    next_step = "`PUT /c/exchange/BANK` with `enabled` true switches it on."


class BankNotPrivate(Conflict):
    meaning = "Data of an exchange is stored only in a private bank."
    next_step = "Create one: `fakeprint admin bank add NAME --visibility private`."


class ExchangeGarbled(Unavailable):
    meaning = "At an exchange: the answer cannot be read, or redirects elsewhere."


class NoExchangeFile(BadInput):
    meaning = "At an exchange: the file is not in the service's folder for exchange files."
    next_step = "Put the list there, with one `TYPE HASH` on each line."


class BankPublished(Conflict):
    meaning = "Data from other sources is stored only in banks that are not published."
    next_step = "Create one: `fakeprint admin bank add NAME --visibility private`."

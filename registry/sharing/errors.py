"""Errors that hash sources, lists and federation raise."""

from __future__ import annotations

from registry.core.errors import BadInput, LowInformation, NotFound, Unavailable


class ExchangeAddressRefused(Unavailable):
    code = "address_refused"
    meaning = "At an exchange: its address is not public."
    next_step = "Where that is meant, set FAKEPRINT_EXCHANGE_PRIVATE=true."


class LineTooLong(BadInput):
    meaning = "In a list: a line has 8 MiB at most."


class BadOpinion(BadInput):
    meaning = "In a list: an opinion or status that is not known."


class BadAddress(BadInput):
    meaning = "An exchange's address is an https URL, of a file its name alone."


class BadCredentials(BadInput):
    meaning = "Not the credentials that the kind of exchange needs."


class ExchangeRefused(Unavailable):
    meaning = "At an exchange: it refuses the credentials, or their key is gone."


class ExchangeUnreachable(Unavailable):
    meaning = "At an exchange: it does not answer, or with an error."


class UnknownFeed(NotFound):
    meaning = "No published bank of that id that the key's organization may see."


class UninformativeHash(BadInput):
    code = "low_information"
    meaning = LowInformation.meaning
    next_step = "Send footage that shows more."

"""Errors that hash sources, lists and federation raise."""

from __future__ import annotations

from registry.core.errors import BadInput, LowInformation, NotFound, Unavailable


class ExchangeAddressRefused(Unavailable):
    code = "address_refused"
    meaning = "At an exchange: its address is not public."
    next_step = "If this is intended, set FAKEPRINT_EXCHANGE_PRIVATE=true."


class LineTooLong(BadInput):
    meaning = "In a list: a line is longer than 8 MiB."


class BadOpinion(BadInput):
    meaning = "In a list: an unknown opinion or status."


class BadAddress(BadInput):
    meaning = "Not an https URL, or for a file not a plain file name."


class BadCredentials(BadInput):
    meaning = "Not the credentials that this kind of exchange needs."


class ExchangeRefused(Unavailable):
    meaning = "At an exchange: it refuses the credentials, or they can no longer be decrypted."


class ExchangeUnreachable(Unavailable):
    meaning = "At an exchange: it does not answer, or answers with an error."


class UnknownFeed(NotFound):
    meaning = "No published bank with that id is visible to the organization."


class UninformativeHash(BadInput):
    code = "low_information"
    meaning = LowInformation.meaning
    next_step = "Send footage with more visible detail."

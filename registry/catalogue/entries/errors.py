"""Errors of entries."""

from __future__ import annotations

from registry.core.errors import BadInput, Conflict, NotFound


class BadClaimReview(BadInput):
    meaning = "What was given holds no ClaimReview and no MediaReview of schema.org."


class BadDetail(BadInput):
    meaning = "A person depicted, or a place where it was seen, is not as described."


class BadLanguage(BadInput):
    meaning = "Not a language tag of BCP 47."
    next_step = "Give it as BCP 47 has it: es, pt-BR, zh-Hant."


class NotAFake(BadInput):
    meaning = "The review rates the media as original content."
    next_step = "Register authentic footage as `original` of the fake that was made from it."


class OwnVariant(Conflict):
    meaning = "An entry cannot be a variant of itself, or of one of its own variants."
    next_step = "Take the other one out first: `fakeprint entries change ID --alone`."


class BadReference(BadInput):
    meaning = "A reference lacks an http(s) `url`, has an unknown or too long field, or is one too many."


class NoFake(BadInput):
    meaning = "An entry needs at least one fake."


class UnknownManipulation(BadInput):
    meaning = "Not a manipulation that is known."


class UnknownEntry(NotFound):
    meaning = "No entry of that id that the key may see."


class RoleConflict(Conflict):
    meaning = "The same file is, or is given, as fake and as original of one entry."


class NothingToRetry(Conflict):
    meaning = "No medium of the entry has failed."

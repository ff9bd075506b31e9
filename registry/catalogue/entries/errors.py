"""Errors of entries."""

from __future__ import annotations

from registry.core.errors import BadInput, Conflict, NotFound


class BadClaimReview(BadInput):
    meaning = "The JSON-LD holds no ClaimReview and no MediaReview of schema.org."


class BadDetail(BadInput):
    meaning = "A depicted person, or a place where it was seen, is malformed."


class BadLanguage(BadInput):
    meaning = "The language is not a tag of BCP 47."
    next_step = "Give a BCP 47 tag: es, pt-BR, zh-Hant."


class NotAFake(BadInput):
    meaning = "The review rates the media as original, or as genuine but shown out of context."
    next_step = "Register authentic footage as `original` of the fake that was made from it."


class OwnVariant(Conflict):
    meaning = "An entry cannot be a variant of itself, or of one of its own variants."
    next_step = "Remove the other entry from the family first: `fakeprint entries change ID --alone`."


class BadReference(BadInput):
    meaning = "A reference lacks an http(s) `url`, has an unknown or too long field, or exceeds the limit."


class NoFake(BadInput):
    meaning = "An entry needs at least one fake."


class UnknownManipulation(BadInput):
    meaning = "The manipulation is unknown."


class UnknownEntry(NotFound):
    meaning = "The key may see no entry of that id."


class RoleConflict(Conflict):
    meaning = "The same file is fake and original of one entry."


class NothingToRetry(Conflict):
    meaning = "No medium of the entry has failed."

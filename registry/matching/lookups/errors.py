"""Errors of lookups."""

from __future__ import annotations

from registry.core.errors import BadInput, Conflict, FakeprintError, NotFound
from registry.identity.callers.errors import OrganizationClosed


class LookupFailed(FakeprintError):
    """The worker could not answer, and the media are not the cause."""

    status = 500
    title = "The lookup could not be answered"
    meaning = "A worker could not answer the lookup, and the media is not the cause."


class BadHash(BadInput):
    meaning = "The hash does not have the width of its algorithm."


class WholeFileNotWatched(BadInput):
    meaning = "A value of a whole file cannot be watched."
    message = "A value of a whole file cannot be watched."


class UnknownLookup(NotFound):
    meaning = "The key's organization has no lookup of that id."


class NotAnswered(Conflict):
    meaning = "The lookup has no answer yet, or failed."


class BadMd5(BadInput):
    meaning = "The MD5 is not 32 hex digits."


class LookupOrganizationClosed(LookupFailed):
    code = "organization_closed"
    meaning = OrganizationClosed.meaning


class TooManyFiles(BadInput):
    """A form of the console holds more files than it may."""

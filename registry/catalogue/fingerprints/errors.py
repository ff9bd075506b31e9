"""Errors of fingerprints and their documents."""

from __future__ import annotations

from registry.core.errors import BadDocument, BadInput, BadMedia, Conflict


class UnknownAlgorithm(BadInput):
    meaning = "Not an algorithm, or version of one, that this service compares."


class UnsupportedVersion(BadDocument):
    meaning = "The fingerprint document is of another version."


class MomentsDiffer(BadMedia):
    """A file read anew does not show what is stored of it."""

    next_step = "Let it keep the version it has, or register the file in another bank."


class VersionInUse(Conflict):
    """The algorithm's version is still needed."""


class UnknownDocumentAlgorithm(BadDocument):
    code = "unknown_algorithm"
    meaning = UnknownAlgorithm.meaning

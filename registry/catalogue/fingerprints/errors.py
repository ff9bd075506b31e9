"""Errors of fingerprints and their documents."""

from __future__ import annotations

from registry.core.errors import BadDocument, BadInput, BadMedia, Conflict


class UnknownAlgorithm(BadInput):
    meaning = "This service does not compare this algorithm or version."


class UnsupportedVersion(BadDocument):
    meaning = "The fingerprint document is of another version."


class MomentsDiffer(BadMedia):
    """A file read again does not match its stored fingerprint."""

    next_step = "Keep its present version, or register the file in another bank."


class VersionInUse(Conflict):
    """The algorithm's version is still needed."""


class UnknownDocumentAlgorithm(BadDocument):
    code = "unknown_algorithm"
    meaning = UnknownAlgorithm.meaning

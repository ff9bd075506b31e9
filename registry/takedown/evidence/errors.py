"""Errors of evidence."""

from __future__ import annotations

from registry.core.errors import BadInput, Conflict, Unavailable


class MediaDamaged(Unavailable):
    meaning = "A stored medium is not the one that was registered."


class TooManyExhibits(Conflict):
    meaning = "A notice has at most 100 exhibits."


class NoMedia(Conflict):
    meaning = "No media of your own are stored here for it."
    next_step = "Get the bundle without media. It contains their fingerprints and digests."


class NoNotices(Conflict):
    meaning = "The campaign has no notices."


class FileNotSent(BadInput):
    """A list names a file that the form did not send."""

    code = "missing_path"
    next_step = "Check the path."


class RepeatedFile(BadInput):
    """Several files of a form have one name."""

"""Errors of evidence."""

from __future__ import annotations

from registry.core.errors import BadInput, Conflict, Unavailable


class MediaDamaged(Unavailable):
    meaning = "A kept medium is not the one that was registered."


class TooManyExhibits(Conflict):
    meaning = "A notice has 100 exhibits at most."


class NoMedia(Conflict):
    meaning = "None of the media is kept here, or yours to hand on."
    next_step = "Take the bundle without media: it has their fingerprints and digests."


class NoNotices(Conflict):
    meaning = "The campaign has no notices of which there could be evidence."


class FileNotSent(BadInput):
    """A list names a file that the form did not send."""

    code = "missing_path"
    next_step = "Check the path."


class RepeatedFile(BadInput):
    """Several files of a form have one name."""

"""Errors of previews."""

from __future__ import annotations

from registry.core.errors import BadInput, Conflict, Forbidden, NotFound, TooMany, Unavailable


class UnknownAsset(NotFound):
    meaning = "The entry has no medium of that id that the key may see."


class BadInstant(BadInput):
    meaning = "An instant lies outside the medium, or none was given."


class TooManyInstants(BadInput):
    meaning = "One question takes 24 instants."
    next_step = "Ask for the others when these are there."


class NotShown(Forbidden):
    meaning = "Pictures of others' entries are shown to reviewers, and to keys with the scope `signals`."


class RevealRefused(Forbidden):
    meaning = "Clear pictures are shown to reviewers, and to those who work on the entry."


class MediaNotKept(Conflict):
    meaning = "There are no pictures of the medium: its file is not kept here."


class NotFingerprinted(Conflict):
    meaning = "The medium has not been read yet."
    next_step = "Ask again in a while."


class PreviewNotReady(Conflict):
    meaning = "The picture was not asked for, or is not there yet."
    next_step = "Ask for it, and wait until it is ready."


class TooManyPreviews(TooMany):
    meaning = "As many pictures wait for the key as may."


class GivesWay(Unavailable):
    """A lookup takes precedence over previews."""

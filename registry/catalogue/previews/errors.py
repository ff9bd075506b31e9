"""Errors of previews."""

from __future__ import annotations

from registry.core.errors import BadInput, Conflict, Forbidden, NotFound, TooMany, Unavailable


class UnknownAsset(NotFound):
    meaning = "The key may see no medium of that id in the entry."


class BadInstant(BadInput):
    meaning = "An instant is outside the medium, or none was given."


class TooManyInstants(BadInput):
    meaning = "A request may have at most 24 instants."
    next_step = "Request the others when these are ready."


class NotShown(Forbidden):
    meaning = (
        "Only reviewers and keys with the scope `signals` may see pictures of other organizations' entries."
    )


class RevealRefused(Forbidden):
    meaning = "Only reviewers, and callers who work on the entry, may see clear pictures."


class MediaNotKept(Conflict):
    meaning = "The medium has no pictures, because its file is not kept here."


class NotFingerprinted(Conflict):
    meaning = "The medium is not fingerprinted yet."
    next_step = "Try again later."


class PreviewNotReady(Conflict):
    meaning = "The picture was not requested, or is not ready yet."
    next_step = "Request it, and wait until it is ready."


class TooManyPreviews(TooMany):
    meaning = "The key has reached its limit of waiting pictures."


class GivesWay(Unavailable):
    """A lookup takes precedence over previews."""

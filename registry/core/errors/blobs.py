"""Errors of the blob store."""

from __future__ import annotations

from registry.core.errors import BadInput, BadMedia, Conflict, NotFound, Unavailable


class MediaGone(Conflict):
    meaning = "The media is no longer kept."


class BlobCorrupt(BadMedia):
    meaning = "The kept media is not what was registered; register the file again."
    message = "The kept media is not what was registered."


class BlobsUnavailable(Unavailable):
    meaning = "Media cannot be kept or read: its store is full, slow or away."


class BlobsKeyMissing(Unavailable):
    meaning = "Kept media is sealed by a key that the deployment does not have."
    next_step = "Put that key back into FAKEPRINT_BLOBS_KEYS, after the one that seals."


class BadBlobKey(BadInput):
    """Not a key of a stored file."""


class BadBlobsKey(BadInput):
    """A key of FAKEPRINT_BLOBS_KEYS is malformed, or there is none."""


class BadBlobsUrl(BadInput):
    """FAKEPRINT_BLOBS_URL is not an address of a folder or a bucket."""


class MediaMissing(NotFound):
    code = "media_gone"
    meaning = MediaGone.meaning
    message = "The media of this job is no longer kept."

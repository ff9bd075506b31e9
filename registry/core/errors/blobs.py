"""Errors of the blob store."""

from __future__ import annotations

from registry.core.errors import BadInput, BadMedia, Conflict, NotFound, Unavailable


class MediaGone(Conflict):
    meaning = "The media is no longer stored."


class BlobCorrupt(BadMedia):
    meaning = "The stored media is damaged; register the file again."
    message = "The stored media is damaged."


class BlobsUnavailable(Unavailable):
    meaning = "Media cannot be stored or read: the store is full, slow or away."


class BlobsKeyMissing(Unavailable):
    meaning = "Stored media is encrypted with a key that the deployment does not have."
    next_step = "Add that key to FAKEPRINT_BLOBS_KEYS again, after the first one."


class BadBlobKey(BadInput):
    """Not a key of a stored file."""


class BadBlobsKey(BadInput):
    """A key of FAKEPRINT_BLOBS_KEYS is malformed, or there is none."""


class BadBlobsUrl(BadInput):
    """FAKEPRINT_BLOBS_URL is not an address of a folder or a bucket."""


class MediaMissing(NotFound):
    code = "media_gone"
    meaning = MediaGone.meaning
    message = "The media of this job is no longer stored."

"""Photos for enrolment: stored encrypted, analysed once, judged, deleted after review.

Owns: `person_photo`.
"""

from registry.persons.photos.store import named_blobs, needed_blobs

__all__ = ["named_blobs", "needed_blobs"]

"""Photos for enrolment: stored encrypted, analysed once, judged, deleted after review.

Owns: `person_photo`.
"""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from registry.persons.photos.store import named_blobs, needed_blobs
else:
    from registry.core.faces import lazily

    __getattr__ = lazily(__name__)

__all__ = ["named_blobs", "needed_blobs"]

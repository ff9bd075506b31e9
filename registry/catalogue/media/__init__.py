"""Uploaded media: receive, store, encrypt and delete files.

`service/uploads.py` receives files, `service/retention.py` deletes them, `service/blobs.py` re-encrypts them.
`store/face_retention.sql` deletes faces.

Owns: `asset`, `parting_blob`.
"""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from registry.catalogue.media.store.assets import by_md5, of_entry
    from registry.catalogue.media.store.face_retention import release
else:
    from registry.core.faces import lazily

    __getattr__ = lazily(__name__)

__all__ = ["by_md5", "of_entry", "release"]

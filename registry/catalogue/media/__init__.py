"""Uploaded media: receive, store, encrypt and delete files; retention.

Owns: `asset`, `parting_blob`.
"""

from registry.catalogue.media.store.assets import by_md5, of_entry

__all__ = ["by_md5", "of_entry"]

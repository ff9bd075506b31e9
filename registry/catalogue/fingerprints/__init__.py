"""Fingerprints: algorithms and versions, the fingerprint document, hash distances; long videos in segments.

Owns: `frame_fingerprint`, `face_fingerprint`, `file_fingerprint`, `audio_fingerprint`,
`mosaic_fingerprint`, `asset_algorithm`, `frame_vector`, `division`, `segment`, `refingerprinting`.
"""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from registry.catalogue.fingerprints.store.bulk import INDEX_MEMORY_MB, load
    from registry.catalogue.fingerprints.store.fingerprints import halfvec, read, write_whole
    from registry.catalogue.fingerprints.store.segments import tidy_divisions
    from registry.catalogue.fingerprints.store.whole_files import Searched, near_code, near_videohash
    from registry.catalogue.fingerprints.store.whole_files import read as read_whole_files
else:
    from registry.core.faces import lazily

    __getattr__ = lazily(__name__)

__all__ = [
    "INDEX_MEMORY_MB",
    "Searched",
    "halfvec",
    "load",
    "near_code",
    "near_videohash",
    "read",
    "read_whole_files",
    "tidy_divisions",
    "write_whole",
]

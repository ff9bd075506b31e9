"""Fingerprints: algorithms and versions, the fingerprint document, hash distances; long videos in segments.

Owns: `frame_fingerprint`, `face_fingerprint`, `video_fingerprint`, `audio_fingerprint`,
`asset_algorithm`, `frame_vector`, `division`, `segment`, `refingerprinting`.
"""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from registry.catalogue.fingerprints.store.bulk import INDEX_MEMORY_MB, load
    from registry.catalogue.fingerprints.store.fingerprints import halfvec, read, write_whole
    from registry.catalogue.fingerprints.store.segments import tidy_divisions
else:
    from registry.core.faces import lazily

    __getattr__ = lazily(__name__)

__all__ = ["INDEX_MEMORY_MB", "halfvec", "load", "read", "tidy_divisions", "write_whole"]

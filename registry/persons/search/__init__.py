"""Search for enrolled persons in media that workers read completely.

Owns: `face_search`, `face_match`, `asset_person`.
"""

from registry.persons.search.store import matches, protects

__all__ = ["matches", "protects"]

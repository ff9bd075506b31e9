"""Search for enrolled persons in media that workers read completely.

Owns: `face_search`, `face_match`, `asset_person`.
"""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from registry.persons.search.store import delete_matches, matches, protects
else:
    from registry.core.faces import lazily

    __getattr__ = lazily(__name__)

__all__ = ["delete_matches", "matches", "protects"]

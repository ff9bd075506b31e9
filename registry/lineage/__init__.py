"""Entries with the same footage, and the alignment of each fake with its originals.

Owns: `entry_link`, `entry_derivation`.
"""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from registry.lineage.store.lineage import derivations, links, media, owner
else:
    from registry.core.faces import lazily

    __getattr__ = lazily(__name__)

__all__ = ["derivations", "links", "media", "owner"]

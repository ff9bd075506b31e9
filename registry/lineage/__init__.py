"""Entries with the same footage, and the alignment of each fake with its originals.

Owns: `entry_link`, `entry_derivation`.
"""

from registry.lineage.store.lineage import derivations, links, media, owner

__all__ = ["derivations", "links", "media", "owner"]

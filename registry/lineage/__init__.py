"""Entries with the same footage, and the alignment of each fake with its originals.

Owns: `entry_link`, `entry_derivation`.

How related entries are found:
1. A matchable entry gets a job, `workers/tasks/relate_entry.py`.
2. `service.py` compares its media with those of other entries by `model/related.py`.
3. `store/related.py` writes the links; `store/lineage.py` aligns each fake with its originals.
4. `api/related.py` and `pages/related.py` show them; the review queue proposes variants from them.
"""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from registry.lineage.store.lineage import derivations, links, media, owner
else:
    from registry.core.faces import lazily

    __getattr__ = lazily(__name__)

__all__ = ["derivations", "links", "media", "owner"]

"""Registries that read each other's signed feeds, and compare the checkpoints that each was shown.

Owns: `feed_waiting`, `feed_page`, `feed_item`, `foreign_entry`, `peer_checkpoint`, `peer_fork`,
`peer_awaited`, `peer_heard`.
"""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from registry.sharing.federation.store.peers import count_states, newest_notes
else:
    from registry.core.faces import lazily

    __getattr__ = lazily(__name__)

__all__ = ["count_states", "newest_notes"]

"""Audit events, written in the same commit as the change, and the texts they commit to.

Owns: `event`, `event_waiting`, `asset_commitment`, `fingerprint_commitment`. The ledger assigns events their
positions in the Merkle tree.
"""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from registry.core.audit.store.commitments import (
        commitments_page,
        file_commitments,
        fingerprint_commitments,
        save_file_commitment,
        save_fingerprint_commitment,
        unrecorded_entries,
    )
    from registry.core.audit.store.events import dequeue_events
else:
    from registry.core.faces import lazily

    __getattr__ = lazily(__name__)

__all__ = [
    "commitments_page",
    "dequeue_events",
    "file_commitments",
    "fingerprint_commitments",
    "save_file_commitment",
    "save_fingerprint_commitment",
    "unrecorded_entries",
]

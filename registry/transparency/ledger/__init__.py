"""The append-only Merkle tree (RFC 6962) of audit events and lookups, its checkpoints and proofs.

Owns: `ledger_leaf`, `ledger_lookup`, `ledger_node`, `ledger_checkpoint`, `ledger_key`,
`ledger_cursor`.
"""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from registry.transparency.ledger.store import checkpoint, history, keys, oldest_unsigned, sizes
else:
    from registry.core.faces import lazily

    __getattr__ = lazily(__name__)

__all__ = ["checkpoint", "history", "keys", "oldest_unsigned", "sizes"]

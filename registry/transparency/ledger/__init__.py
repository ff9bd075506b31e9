"""The append-only Merkle tree (RFC 6962) of audit events and lookups, its checkpoints and proofs.

Owns: `ledger_leaf`, `ledger_lookup`, `ledger_node`, `ledger_checkpoint`, `ledger_key`,
`ledger_cursor`.
"""

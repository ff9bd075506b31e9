"""The audit events that every change writes in its own commit, and the texts they commit to.
Owns: `event`, `event_waiting`, `asset_commitment`, `fingerprint_commitment`. The ledger gives events their
place in
the Merkle tree."""

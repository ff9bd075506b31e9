"""Audit events, written in the same commit as the change, and the texts they commit to.

Owns: `event`, `event_waiting`, `asset_commitment`, `fingerprint_commitment`. The ledger assigns events their
positions in the Merkle tree.
"""

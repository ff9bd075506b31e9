"""The public record: a signed ledger, RFC 3161 timestamps, signed assertions and proofs.

Events: `ledger.*`.

How a change becomes provable:
1. Each change wrote an audit event in its own commit (`registry/core/audit`).
2. `ledger/service/sequencing.py` gives the events their places in the Merkle tree and signs a checkpoint.
3. `timestamps/service/timestamps.py` has the checkpoint timestamped.
4. `entry_proof/service.py` makes the proof of one entry, `entry_proof/model/chain.py` verifies it offline.
5. `credentials/service.py` signs assertions about entries.
"""

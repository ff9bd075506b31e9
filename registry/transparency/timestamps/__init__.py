"""RFC 3161 timestamps of checkpoints. Owns: `ledger_stamp`, `ledger_timestamping`."""

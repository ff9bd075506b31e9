"""RFC 3161 time stamps of checkpoints. Owns: `ledger_stamp`, `ledger_stamping`."""

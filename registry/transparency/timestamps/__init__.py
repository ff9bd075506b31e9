"""RFC 3161 timestamps of checkpoints. Owns the tables `ledger_stamp` and `ledger_stamping`."""

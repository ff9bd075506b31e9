"""Backups of a whole registry: its database, kept media and ledger, encrypted, and how they are restored."""

"""Disputes of entries: opened, answered, decided, settled. Owns the table `dispute`."""

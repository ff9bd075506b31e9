"""Entries that somebody contests: opened, answered, decided, settled. Owns: `dispute`."""

"""Disputes of entries: opened, answered, decided, settled. Owns: `dispute`."""

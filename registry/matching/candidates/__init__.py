"""Propose registered media that may match: SQL searches by hash, embedding and sound. Decides nothing."""

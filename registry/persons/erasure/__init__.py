"""Revocation and erasure: the person's key is destroyed first, then the rows are deleted."""

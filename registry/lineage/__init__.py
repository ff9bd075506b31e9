"""Entries with the same footage, and the alignment of each fake with its originals.

Owns the tables `entry_link` and `entry_derivation`.
"""

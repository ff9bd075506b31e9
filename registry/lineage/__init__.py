"""Entries with the same footage, and the alignment of each fake with its originals.

Owns: `entry_link`, `entry_derivation`.
"""

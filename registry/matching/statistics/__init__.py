"""Counts of lookups by organization, day and verdict, kept so that charts read no lookups.

Owns: `lookup_count`, `lookup_count_cursor`.
"""

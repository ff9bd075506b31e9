"""Exports and statistics of notices."""

"""Exports and statistics of notices. Owns: `notice_release`."""

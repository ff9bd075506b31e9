"""Entries: registration, description, changes, history and withdrawal.

An entry becomes matchable in one commit, when all its media are fingerprinted. Owns: `entry`,
`asset`, `entry_asset`, `entry_detail`.
"""

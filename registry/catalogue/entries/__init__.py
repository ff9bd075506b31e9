"""Entries: registration, description, changes, history and withdrawal.

An entry becomes matchable in one commit, when all its media are fingerprinted. Owns the tables `entry`,
`asset`, `entry_asset` and `entry_detail`.
"""

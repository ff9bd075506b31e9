"""Registries that read each other's signed feeds, and compare the checkpoints that each was shown.

Owns: `feed_waiting`, `feed_page`, `feed_item`, `foreign_entry`, `peer_checkpoint`, `peer_fork`,
`peer_awaited`, `peer_heard`.
"""

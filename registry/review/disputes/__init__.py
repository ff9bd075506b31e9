"""Disputes of entries: opened, answered, decided, settled. Owns: `dispute`."""

from registry.review.disputes.store import get_dispute

__all__ = ["get_dispute"]

"""Disputes of entries: opened, answered, decided, settled. Owns: `dispute`."""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from registry.review.disputes.store import get_dispute
else:
    from registry.core.faces import lazily

    __getattr__ = lazily(__name__)

__all__ = ["get_dispute"]

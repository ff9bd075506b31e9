"""Propose registered media that may match: SQL searches by hash, embedding and sound. Decides nothing."""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from registry.matching.candidates.store.candidates import FRAMES, TRUSTED, propose, read_mosaics
else:
    from registry.core.faces import lazily

    __getattr__ = lazily(__name__)

__all__ = [
    "FRAMES",
    "TRUSTED",
    "propose",
    "read_mosaics",
]

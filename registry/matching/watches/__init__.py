"""Watched lookups: their fingerprint is stored and answered again when similar media are registered. Owns:
`watch`, `watch_frame`, `watch_vector`, `watch_answer`, `watch_due`."""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from registry.matching.watches.store import holders as watchers_of
    from registry.matching.watches.store import is_due
    from registry.matching.watches.store import told as told_answer
else:
    from registry.core.faces import lazily

    __getattr__ = lazily(__name__)

__all__ = [
    "is_due",
    "told_answer",
    "watchers_of",
]

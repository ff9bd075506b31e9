"""Watched lookups: their fingerprint is stored and answered again when similar media are registered. Owns:
`watch`, `watch_frame`, `watch_vector`, `watch_answer`, `watch_due`."""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from registry.matching.watches.store import find_answer as find_answer
    from registry.matching.watches.store import is_due, watchers_of
else:
    from registry.core.faces import lazily

    __getattr__ = lazily(__name__)

__all__ = [
    "find_answer",
    "is_due",
    "watchers_of",
]

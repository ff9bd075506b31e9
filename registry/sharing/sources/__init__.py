"""Read external hash sources into banks: StopNCII, NCMEC, ThreatExchange, files, other registries.

Owns: `exchange`, `exchange_login`.
"""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from registry.sharing.sources.store import overdue, remove_all
else:
    from registry.core.faces import lazily

    __getattr__ = lazily(__name__)

__all__ = ["overdue", "remove_all"]

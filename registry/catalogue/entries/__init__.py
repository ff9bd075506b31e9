"""Entries: registration, description, changes, history and withdrawal.

An entry becomes matchable in one commit, when all its media are fingerprinted. Owns: `entry`,
`entry_asset`, `entry_detail`.
"""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from registry.catalogue.entries.store.details import variants
    from registry.catalogue.entries.store.entries import (
        get_entry,
        lock_entry,
        lock_registrations,
        make_originals,
        open_media,
        owned_by,
        set_status,
        set_trust,
        visible,
    )
    from registry.catalogue.entries.store.relatives import (
        ask_for_relatives,
        ask_for_relatives_of,
        mark_related,
        outdate_relatives,
    )
else:
    from registry.core.faces import lazily

    __getattr__ = lazily(__name__)

__all__ = [
    "ask_for_relatives",
    "ask_for_relatives_of",
    "get_entry",
    "lock_entry",
    "lock_registrations",
    "make_originals",
    "mark_related",
    "open_media",
    "outdate_relatives",
    "owned_by",
    "set_status",
    "set_trust",
    "variants",
    "visible",
]

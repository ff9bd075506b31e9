"""Bulk writes of media and entries that hash lists, exchanges and peers name: by COPY, thousands a commit."""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from registry.catalogue.bulk.store import (
        MediumTier,
        StatusChange,
        copy_frames,
        copy_rows,
        set_own_tiers,
        set_statuses,
        unlink_media,
    )
else:
    from registry.core.faces import lazily

    __getattr__ = lazily(__name__)

__all__ = [
    "MediumTier",
    "StatusChange",
    "copy_frames",
    "copy_rows",
    "set_own_tiers",
    "set_statuses",
    "unlink_media",
]

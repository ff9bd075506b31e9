"""The HTTP API of Hasher-Matcher-Actioner, for its clients. Owns: `hashing`,
`content_disabled`."""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from registry.sharing.hma.store.hashings import (
        clear_blob,
        delete_old_hashings,
        named_blobs,
        needed_blobs,
        unneeded_blobs,
    )
else:
    from registry.core.faces import lazily

    __getattr__ = lazily(__name__)

__all__ = ["clear_blob", "delete_old_hashings", "named_blobs", "needed_blobs", "unneeded_blobs"]

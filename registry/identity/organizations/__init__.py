"""Organizations: create, change, list, close. Owns: `organization`."""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from registry.identity.organizations.store.closing import closed_lately
    from registry.identity.organizations.store.organizations import (
        find_organization,
        first_organization,
        get_or_add_organization,
        lock_organization,
        operates,
        set_recording,
        set_watch_rules,
    )
else:
    from registry.core.faces import lazily

    __getattr__ = lazily(__name__)

__all__ = [
    "closed_lately",
    "find_organization",
    "first_organization",
    "get_or_add_organization",
    "lock_organization",
    "operates",
    "set_recording",
    "set_watch_rules",
]

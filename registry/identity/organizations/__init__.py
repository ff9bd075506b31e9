"""Organizations: create, change, list, close. Owns: `organization`."""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from registry.identity.organizations.store.closing import late as closed_lately
    from registry.identity.organizations.store.organizations import first as first_organization
    from registry.identity.organizations.store.organizations import lock as lock_organization
    from registry.identity.organizations.store.organizations import named as named_organization
    from registry.identity.organizations.store.organizations import operates, set_recording, set_watch_rules
    from registry.identity.organizations.store.organizations import show as find_organization
else:
    from registry.core.faces import lazily

    __getattr__ = lazily(__name__)

__all__ = [
    "closed_lately",
    "find_organization",
    "first_organization",
    "lock_organization",
    "named_organization",
    "operates",
    "set_recording",
    "set_watch_rules",
]

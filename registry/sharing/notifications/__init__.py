"""Events that the console shows to people, until they have read them.

Owns: `notification`, `notification_read`, `notification_digest`.
"""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from registry.sharing.notifications.store import delete_old, save
else:
    from registry.core.faces import lazily

    __getattr__ = lazily(__name__)

__all__ = ["delete_old", "save"]

"""Webhooks (Standard Webhooks): subscriptions, signed messages in order, retries, replay.

Owns: `webhook`, `webhook_secret`, `webhook_delivery`, `event_untold`, `match_cursor`.
"""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from registry.sharing.webhooks.store.webhooks import disable_all
else:
    from registry.core.faces import lazily

    __getattr__ = lazily(__name__)

__all__ = ["disable_all"]

"""Signed assertions about entries (JOSE) and their status lists. Owns: `assertion_status`."""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from registry.transparency.credentials.store import delete_expired_places
else:
    from registry.core.faces import lazily

    __getattr__ = lazily(__name__)

__all__ = ["delete_expired_places"]

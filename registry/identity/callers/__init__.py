"""Callers and API keys: authentication and roles. Owns: `caller`, `api_key`."""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from registry.identity.callers.store.callers import (
        any_exists,
        caller_of_row,
        insert_caller,
        insert_keyless,
        list_callers,
    )
else:
    from registry.core.faces import lazily

    __getattr__ = lazily(__name__)

__all__ = [
    "any_exists",
    "caller_of_row",
    "insert_caller",
    "insert_keyless",
    "list_callers",
]

"""Open the credentials of an exchange."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

import orjson

from registry.core.errors import Unavailable
from registry.core.service import Service

SEALED: Final = "exchange credentials"
"""What they are sealed as, see `registry.core.crypto.keys`."""


def open_credentials(service: Service, row: Mapping[str, Any]) -> dict[str, str]:
    """By their names; empty where it has none. Raises `Unavailable` (`exchange_refused`) without its key."""
    if row["credentials"] is None:
        return {}
    key = service.keys.find(row["exchange_id"])
    if key is None:
        raise Unavailable(
            "The exchange's credentials cannot be opened: their key is gone.",
            code="exchange_refused",
            next_step="Add it again.",
        )
    found: dict[str, str] = orjson.loads(key.open(bytes(row["credentials"]), SEALED))
    return found

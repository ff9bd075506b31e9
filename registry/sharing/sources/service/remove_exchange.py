"""Read an exchange no longer."""

from __future__ import annotations

from typing import Any

from registry.core.service import Service
from registry.identity.callers.model import Caller
from registry.sharing.sources import store as exchanges
from registry.sharing.sources.service.list_exchanges import find_exchange, shape


def remove_exchange(service: Service, caller: Caller, name: str) -> dict[str, Any]:
    """The exchange as it was. Its credentials are destroyed; its entries stay as they are, in its bank.

    Needs `admin`. Raises `NotFound` (`no_exchange`), `Unavailable` (`keys_unavailable`).
    """
    caller.require("admin")
    with service.pool.transaction() as connection:
        row = find_exchange(connection, caller, name)
        exchanges.remove(connection, row["exchange_id"])
    service.keys.destroy(row["exchange_id"])
    return shape(row | {"state": "removed", "credentials": None})

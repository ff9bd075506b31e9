"""Credentials of an organization for all its exchanges of a kind, and the progress of an exchange."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import nullcontext
from dataclasses import dataclass
from datetime import datetime
from uuid import uuid4

import orjson

from registry.core.service import Service
from registry.identity.callers.model import Caller
from registry.sharing.sources import model
from registry.sharing.sources import store as exchanges
from registry.sharing.sources.model import ExchangeKind
from registry.sharing.sources.schemas import Exchange
from registry.sharing.sources.service.exchanges import PURPOSE, find_exchange, shown_exchange


def has_login(service: Service, caller: Caller, kind: ExchangeKind) -> bool:
    """Return whether the organization has credentials for a kind of exchange."""
    with service.pool.transaction() as connection:
        return exchanges.find_login(connection, caller.organization_id, kind) is not None


def set_login(
    service: Service, caller: Caller, kind: ExchangeKind, credentials: Mapping[str, str], address: str = ""
) -> None:
    """Store the organization's credentials for a kind of exchange, encrypted; empty: delete them. Needs
    `admin`.

    Exchanges without credentials of their own are read with them, at once. `address`: they are read from
    there, whatever their own address. The key of the previous credentials is destroyed. Raises `BadInput`
    (`bad_credentials`, `bad_address`), `Unavailable` (`keys_unavailable`).
    """
    caller.require("admin")
    if credentials:
        model.check_credentials(kind, credentials)
    if address:
        address = model.checked_address(address, private=service.settings.exchange_private)
        credentials = {**credentials, model.ADDRESS: address}
    login_id = uuid4()
    keeping = service.keys.making(login_id) if credentials else nullcontext()
    with keeping as key, service.pool.transaction() as connection:
        login = (login_id, key.seal(orjson.dumps(dict(credentials)), PURPOSE)) if key else None
        previous = exchanges.replace_login(connection, caller.organization_id, kind, login)
    if previous is not None:
        service.keys.destroy(previous)


@dataclass(frozen=True, slots=True)
class Progress:
    """An exchange, when the reading under way was requested (None: there is none), and its records."""

    exchange: Exchange
    started_at: datetime | None
    records: int


def get_progress(service: Service, caller: Caller, name: str) -> Progress:
    """Return the progress of an exchange of the organization. Needs `admin`. Raises `NotFound`
    (`no_exchange`)."""
    caller.require("admin")
    with service.pool.transaction() as connection:
        source = find_exchange(connection, caller, name)
        return Progress(shown_exchange(source), *exchanges.progress(connection, source.exchange_id))

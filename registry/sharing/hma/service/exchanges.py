"""Exchanges as Hasher-Matcher-Actioner has them: each has the name of the bank that it fills, and ends with
it."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import suppress
from datetime import datetime
from typing import Any

from registry.catalogue.banks.errors import UnknownBank
from registry.catalogue.banks.service.banks import create_bank, delete_bank
from registry.core.errors import FakeprintError
from registry.core.service import Service
from registry.identity.callers.model import Caller
from registry.sharing.hma.schemas import HmaExchange, HmaExchangeApi, HmaExchangeStatus
from registry.sharing.hma.service.exchange_apis import APIS, OF_KIND, ExchangeApi
from registry.sharing.sources import model
from registry.sharing.sources.errors import BadOptions, NoExchange, UnknownExchange
from registry.sharing.sources.schemas import Exchange, NewExchange
from registry.sharing.sources.service.exchanges import (
    add_exchange,
    list_exchanges,
    remove_with_bank,
    switch_exchange,
)
from registry.sharing.sources.service.logins import get_progress, has_login, set_login


def exchange_api(name: str) -> ExchangeApi:
    """Return a kind of exchange. Raises `BadInput` (`unknown_exchange`)."""
    if name not in APIS:
        raise UnknownExchange(
            f"No such exchange type {name[:50]!r}.", next_step=f"Choose among {', '.join(APIS)}."
        )
    return APIS[name]


def get_authentication(service: Service, caller: Caller, api: ExchangeApi) -> HmaExchangeApi:
    """Return whether a kind of exchange needs credentials, and whether the organization has set them."""
    needed = api.credentials is not None
    return HmaExchangeApi(
        supports_authentification=needed,
        has_set_authentification=needed and has_login(service, caller, api.kind),
    )


def authenticate(service: Service, caller: Caller, api: ExchangeApi, fields: Mapping[str, Any]) -> None:
    """Set the organization's credentials for a kind of exchange; empty: delete them. Raises as
    `logins.set_login`."""
    if fields or api.credentials is not None:
        credentials, address = api.credentials_and_address(fields) if fields else ({}, "")
        set_login(service, caller, api.kind, credentials, address)


def names(service: Service, caller: Caller) -> list[str]:
    """Return the names of the organization's exchanges. Needs `admin`."""
    return sorted(exchange.bank for exchange in list_exchanges(service, caller))


def find(service: Service, caller: Caller, name: str) -> Exchange:
    """Return the exchange that fills the bank of that name. Needs `admin`. Raises `NotFound`
    (`no_exchange`)."""
    for exchange in list_exchanges(service, caller):
        if exchange.bank == name:
            return exchange
    raise NoExchange(f"Exchange {name[:100]!r} not found.", next_step="List them with GET /c/exchanges.")


def add(service: Service, caller: Caller, bank: str, api: ExchangeApi, settings: Mapping[str, Any]) -> None:
    """Create a private bank and the exchange that fills it, which is read with the organization's credentials
    of that kind. Needs `admin`.

    `settings`: those of the kind; `enabled` false: it is not read. Raises `BadInput` (`bad_options`,
    `bad_address`), `Conflict` (`bank_exists`).
    """
    private = service.settings.exchange_private
    address, options = api.address_and_options(settings, private=private)
    enabled = settings.get("enabled", True)
    if not isinstance(enabled, bool):
        raise BadOptions("Failed to parse `api_json`: 'enabled' is true or false.")
    model.terms(api.kind, address, options, None, private=private)
    bank_id = create_bank(service, caller, name=bank, visibility="private").bank_id
    new = NewExchange(name=bank, kind=api.kind, bank=bank, address=address, options=options)
    try:
        exchange = add_exchange(service, caller, new, shared=True)
    except FakeprintError:
        delete_bank(service, caller, str(bank_id))
        raise
    if not enabled:
        switch_exchange(service, caller, exchange.exchange_id, active=False)


def switch(service: Service, caller: Caller, name: str, *, active: bool | None) -> Exchange:
    """Switch an exchange on or off (None: leave it) and return it. Raises as `find`."""
    exchange = find(service, caller, name)
    if active is None:
        return exchange
    return switch_exchange(service, caller, exchange.exchange_id, active=active)


def remove(service: Service, caller: Caller, name: str) -> None:
    """Remove an exchange, delete its bank and withdraw the bank's entries. Does nothing if there is none.
    Raises `Conflict` (`court_ordered`)."""
    with suppress(NoExchange, UnknownBank):  # deleted before, perhaps meanwhile
        remove_with_bank(service, caller, find(service, caller, name).exchange_id)


def shape(exchange: Exchange) -> HmaExchange:
    """Return an exchange with its settings."""
    api = OF_KIND[exchange.kind]
    named = {"name": exchange.bank, "api": api.name, "enabled": exchange.state == "active"}
    return HmaExchange.model_validate(named | api.settings_of(exchange))


def get_status(service: Service, caller: Caller, name: str) -> HmaExchangeStatus:
    """Return the progress of an exchange, with times in seconds since 1970. Raises as `find`."""
    progress = get_progress(service, caller, find(service, caller, name).exchange_id)
    exchange = progress.exchange
    succeeded = None if exchange.fetched_at is None else True
    return HmaExchangeStatus(
        checkpoint_ts=_seconds(exchange.progress_at),
        running_fetch_start_ts=int(progress.started_at.timestamp()) if progress.started_at else None,
        last_fetch_complete_ts=_seconds(exchange.fetched_at),
        last_fetch_succeeded=False if exchange.error else succeeded,
        up_to_date=exchange.fetched_at is not None and not exchange.error and not progress.started_at,
        fetched_items=progress.records,
    )


def _seconds(time: str | None) -> int | None:
    return int(datetime.fromisoformat(time).timestamp()) if time else None

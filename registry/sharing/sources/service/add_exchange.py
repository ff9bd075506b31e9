"""Add a hash exchange that is read into a bank of its own."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import nullcontext
from typing import Any, Final
from uuid import uuid4

import orjson

from registry.catalogue.banks.service.find_bank import own_bank
from registry.catalogue.banks.store.banks import BankRef
from registry.core.database.pool import Connection
from registry.core.errors import BadInput, Conflict
from registry.core.labels import label
from registry.core.service import Service
from registry.identity.callers.model import Caller
from registry.jobs.store import jobs
from registry.sharing.sources import model as exchange
from registry.sharing.sources import store as exchanges
from registry.sharing.sources.service.list_exchanges import shape
from registry.sharing.sources.service.open_credentials import SEALED

SOONEST: Final = 60
LATEST: Final = 30 * 86_400


def require_unpublished(connection: Connection, home: BankRef) -> None:
    """Raise `Conflict` (`bank_published`) where the bank has a feed: what others say is not said again."""
    if exchanges.bank(connection, home.bank_id)["published"]:
        raise Conflict(
            f"The bank {home.name!r} is published; what comes from elsewhere is kept in banks that are not.",
            code="bank_published",
            next_step="Open another: `fakeprint admin bank add NAME --visibility private`.",
        )


def add_exchange(
    service: Service,
    caller: Caller,
    *,
    name: str,
    kind: str,
    bank: str,
    address: str = "",
    options: Mapping[str, Any] | None = None,
    credentials: Mapping[str, str] | None = None,
    every: int = 3600,
) -> dict[str, Any]:
    """A new exchange, which is read soon, and again `every` so many seconds. Needs `admin`.

    Its credentials are sealed under a key of its own, outside the database, and shown to nobody. What an
    exchange shares is for its members: the bank is private. Raises `BadInput` (`bad_label`, `bad_interval`,
    and as `sharing.sources.model.terms`), `Conflict` (`exchange_exists`, `bank_not_private`), `NotFound`,
    `Forbidden`.
    """
    caller.require("admin")
    name = label(name, "name", longest=100)
    private = service.settings.exchange_private
    terms = exchange.terms(kind, address, options or {}, credentials or {}, private=private)
    if not SOONEST <= every <= LATEST:
        raise BadInput(f"`every` lies within {SOONEST} and {LATEST} seconds.", code="bad_interval")
    exchange_id = uuid4()
    keeping = service.keys.making(exchange_id) if terms.credentials else nullcontext()
    with keeping as key, service.pool.transaction() as connection:
        home = own_bank(connection, caller, bank)
        if exchanges.bank(connection, home.bank_id)["visibility"] != "private":
            raise Conflict(
                f"The bank {home.name!r} is not private; what an exchange shares is for its members alone.",
                code="bank_not_private",
                next_step="Open another: `fakeprint admin bank add NAME --visibility private`.",
            )
        require_unpublished(connection, home)
        sealed = key.seal(orjson.dumps(dict(terms.credentials or {})), SEALED) if key else None
        made = exchanges.insert(
            connection,
            exchange_id,
            organization_id=caller.organization_id,
            bank_id=home.bank_id,
            name=name,
            kind=terms.kind,
            address=terms.address,
            options=terms.options,
            credentials=sealed,
            every=every,
            created_by=caller.caller_id,
        )
        row = exchanges.lock(connection, exchange_id) if made else None
        if row is None:
            raise Conflict(
                "Your organization has an exchange of that name, or one that fills that bank.",
                code="exchange_exists",
                next_step="Remove that one, or give this one another name and a bank of its own.",
            )
        jobs.enqueue(connection, "fetch_exchange", exchange_id)
    return shape(row | {"fetching": True})

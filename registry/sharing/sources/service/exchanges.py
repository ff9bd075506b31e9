"""Add, list, lock and remove hash exchanges."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import nullcontext
from dataclasses import replace
from datetime import UTC, datetime
from typing import Final, cast
from uuid import uuid4

import orjson

from registry import jobs
from registry.catalogue.banks import BankRef
from registry.catalogue.banks.service.banks import Closing, delete_bank, own_bank
from registry.core.database.pool import Connection
from registry.core.labels import label
from registry.core.service import Service
from registry.identity.callers.model import Caller
from registry.jobs import Job
from registry.jobs.service.queue import wake_workers
from registry.sharing.errors import BadCredentials, ExchangeRefused
from registry.sharing.sources import model
from registry.sharing.sources import store as exchanges
from registry.sharing.sources.errors import (
    BadInterval,
    BankNotPrivate,
    BankPublished,
    ExchangeExists,
    ExchangeSuspended,
    NoExchange,
)
from registry.sharing.sources.schemas import Exchange, ExchangeKind, NewExchange
from registry.sharing.sources.store import NewSource, Source

PURPOSE: Final = "exchange credentials"
"""Purpose with which credentials are encrypted, see `registry.core.crypto.keys`."""


def open_credentials(service: Service, source: Source) -> dict[str, str]:
    """Return the decrypted credentials by name: the exchange's own, else those of its organization for
    that kind. Nothing if there are none.

    Raises `Unavailable` (`exchange_refused`) if their key is gone.
    """
    subject_id, encrypted = source.exchange_id, source.credentials
    if encrypted is None:
        with service.pool.transaction() as connection:
            login = exchanges.find_login(connection, source.organization_id, source.kind)
        if login is None:
            return {}
        subject_id, encrypted = login
    key = service.keys.find(subject_id)
    if key is None:
        raise ExchangeRefused(
            "The exchange's credentials cannot be decrypted: their key was destroyed.",
            next_step="Add the exchange again.",
        )
    credentials: dict[str, str] = orjson.loads(key.open(bytes(encrypted), PURPOSE))
    return credentials


def change_credentials(
    service: Service, caller: Caller, name: str, credentials: Mapping[str, str]
) -> Exchange:
    """Replace the credentials of an exchange, and return it. Its next reading, which is due at once, uses
    them. Needs `admin`.

    Raises `BadInput` (`bad_credentials`), `NotFound` (`no_exchange`), `Unavailable` (`keys_unavailable`).
    """
    caller.require("admin")
    with service.pool.transaction() as connection:
        source = find_exchange(connection, caller, name)
        kind = cast("ExchangeKind", source.kind)
        model.check_credentials(kind, credentials)
        if not credentials:
            raise BadCredentials(f"An exchange of the kind {kind} has none.")
        replace_credentials(service, connection, source, credentials)
        source = find_exchange(connection, caller, str(source.exchange_id))
    return shown_exchange(source)


def replace_credentials(
    service: Service, connection: Connection, source: Source, credentials: Mapping[str, str]
) -> None:
    """Encrypt and store credentials in place of others. Raises `Unavailable` (`keys_unavailable`)."""
    key = service.keys.find(source.exchange_id) or service.keys.create(source.exchange_id)
    encrypted = key.seal(orjson.dumps(dict(credentials)), PURPOSE)
    exchanges.set_credentials(connection, source.exchange_id, encrypted)


def list_exchanges(service: Service, caller: Caller) -> list[Exchange]:
    """List the organization's exchanges by name. Needs `admin`."""
    caller.require("admin")
    with service.pool.transaction() as connection:
        return [shown_exchange(source) for source in exchanges.list_of(connection, caller.organization_id)]


def find_exchange(connection: Connection, caller: Caller, name: str) -> Source:
    """Find the organization's exchange by name or id. Raises `NotFound` (`no_exchange`)."""
    for source in exchanges.list_of(connection, caller.organization_id):
        if name in {source.name, str(source.exchange_id)}:
            return source
    raise NoExchange(
        f"There is no exchange {name[:100]!r} in your organization.",
        next_step="List them with GET /v1/exchanges or `fakeprint exchange list`.",
    )


def shown_exchange(source: Source) -> Exchange:
    """Return an exchange as the API shows it, without credentials."""
    checkpoint = source.checkpoint or {}
    reached = checkpoint.get("update_time") or checkpoint.get("get_entries_max_ts")
    return Exchange(
        exchange_id=source.exchange_id,
        name=source.name,
        kind=source.kind,
        bank=source.bank,
        address=source.address,
        options=source.options,
        credentials=source.credentials is not None,
        every=source.every_s,
        state=source.state,
        progress_at=datetime.fromtimestamp(reached, UTC) if reached else None,
        fetching=source.fetching,
        next_at=source.next_at,
        fetched_at=source.fetched_at,
        added=source.added,
        withdrawn=source.withdrawn,
        rejected=source.rejected,
        error=source.error,
        created_at=source.created_at,
    )


def request_exchange(service: Service, caller: Caller, name: str) -> Exchange:
    """Enqueue a reading of the exchange and return it. Needs `admin`. Raises `NotFound` (`no_exchange`),
    `Conflict` (`exchange_suspended`)."""
    caller.require("admin")
    with service.pool.transaction() as connection:
        source = find_exchange(connection, caller, name)
        if source.state == "suspended":
            raise ExchangeSuspended("The exchange is switched off.")
        jobs.enqueue(connection, "fetch_exchange", source.exchange_id)
    wake_workers(service)
    return shown_exchange(replace(source, fetching=True))


SOONEST: Final = 60
LATEST: Final = 30 * 86_400


def check_interval(seconds: int) -> None:
    """Raise `BadInput` (`bad_interval`) if a source cannot be read that often, or that rarely."""
    if not SOONEST <= seconds <= LATEST:
        raise BadInterval(f"`every` is a number of seconds from {SOONEST} to {LATEST}.")


def require_unpublished(connection: Connection, home: BankRef) -> None:
    """Raise `Conflict` (`bank_published`) if the bank has a feed: entries of other sources are not
    republished."""
    if exchanges.bank(connection, home.bank_id)["published"]:
        raise BankPublished(
            f"The bank {home.name!r} is published. Data from other sources needs an unpublished bank."
        )


def add_exchange(service: Service, caller: Caller, new: NewExchange, *, shared: bool = False) -> Exchange:
    """Add an exchange. A worker reads it soon, and then at its interval. Needs `admin`.

    `shared`: it has no credentials of its own; see `logins.set_login`.

    Its credentials are encrypted with a key of their own, kept outside the database, and never shown. The
    bank must be private, because an exchange shares its data with members only. Raises `BadInput`
    (`bad_label`, `bad_interval`, and the codes of `sharing.sources.model.terms`), `Conflict`
    (`exchange_exists`, `bank_not_private`), `NotFound`, `Forbidden`.
    """
    caller.require("admin")
    name = label(new.name, "name", longest=100)
    private = service.settings.exchange_private
    credentials = None if shared else new.credentials
    terms = model.terms(new.kind, new.address, new.options, credentials, private=private)
    check_interval(new.every)
    exchange_id = uuid4()
    keeping = service.keys.making(exchange_id) if terms.credentials else nullcontext()
    with keeping as key, service.pool.transaction() as connection:
        home = own_bank(connection, caller, new.bank)
        if exchanges.bank(connection, home.bank_id)["visibility"] != "private":
            raise BankNotPrivate(
                f"The bank {home.name!r} is not private. An exchange shares its data with members only."
            )
        require_unpublished(connection, home)
        encrypted = key.seal(orjson.dumps(dict(terms.credentials)), PURPOSE) if key else None
        added = NewSource(exchange_id, name, terms.kind, terms.address, terms.options, encrypted, new.every)
        inserted = exchanges.insert(connection, caller, home.bank_id, added)
        source = exchanges.lock(connection, exchange_id) if inserted else None
        if source is None:
            raise ExchangeExists(
                "Your organization already has an exchange with that name, or one that fills that bank."
            )
        jobs.enqueue(connection, "fetch_exchange", exchange_id)
    return shown_exchange(replace(source, fetching=True))


def switch_exchange(service: Service, caller: Caller, name: str, *, active: bool) -> Exchange:
    """Suspend an exchange, or resume it, and return it. Needs `admin`. Raises `NotFound` (`no_exchange`)."""
    caller.require("admin")
    state = "active" if active else "suspended"
    with service.pool.transaction() as connection:
        source = find_exchange(connection, caller, name)
        if source.state != state:
            exchanges.set_state(connection, source.exchange_id, state)
    return shown_exchange(replace(source, state=state))


class Removed(Exception):
    """The exchange is no longer read."""


def hold_exchange(connection: Connection, job: Job) -> Source:
    """Return the exchange, locked, if this worker has the job. Raises `Removed` if the exchange is no longer
    active, `Conflict` (`lease_lost`)."""
    source = exchanges.lock(connection, job.subject_id)
    jobs.hold(connection, job)
    if source is None or source.state != "active" or not source.open:
        raise Removed
    return source


def remove_exchange(service: Service, caller: Caller, name: str) -> Exchange:
    """Remove an exchange and return it. Its credentials are destroyed; its entries stay in the bank.

    Needs `admin`. Raises `NotFound` (`no_exchange`), `Unavailable` (`keys_unavailable`).
    """
    caller.require("admin")
    with service.pool.transaction() as connection:
        source = find_exchange(connection, caller, name)
        exchanges.remove(connection, source.exchange_id)
    service.keys.destroy(source.exchange_id)
    return shown_exchange(replace(source, state="removed", credentials=None))


def remove_with_bank(service: Service, caller: Caller, name: str) -> None:
    """Remove an exchange, delete the bank that it fills and withdraw the bank's entries, in one commit.

    Needs `admin`. Raises `NotFound` (`no_exchange`), `Conflict` (`court_ordered`), `Unavailable`
    (`keys_unavailable`).
    """
    caller.require("admin")
    with service.pool.transaction() as connection:
        source = find_exchange(connection, caller, name)
    delete_bank(service, caller, str(source.bank_id), withdraw=True)


def end_with_bank(connection: Connection, closing: Closing) -> None:
    """End the exchange that fills a bank which is being deleted."""
    closing.key_ids.extend(exchanges.end_with_bank(connection, closing.bank_id))


def fetch_due(service: Service) -> int:
    """Enqueue readings of the exchanges that are due, and return how many."""
    with service.pool.transaction() as connection:
        due = exchanges.take_due(connection)
        for exchange_id in due:
            jobs.enqueue(connection, "fetch_exchange", exchange_id)
    if due:
        wake_workers(service)
    return len(due)

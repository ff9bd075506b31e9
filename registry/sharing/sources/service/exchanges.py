"""Add, list, lock and remove hash exchanges."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import nullcontext
from datetime import UTC, datetime
from typing import Any, Final
from uuid import uuid4

import orjson

from registry import jobs
from registry.catalogue.banks import BankRef
from registry.catalogue.banks.service.banks import own_bank
from registry.core.database.pool import Connection
from registry.core.errors import BadInput, Conflict, NotFound, Unavailable
from registry.core.labels import label
from registry.core.service import Service
from registry.identity.callers.model import Caller
from registry.jobs import Job
from registry.jobs.service.queue import wake_workers
from registry.sharing.sources import model as exchange
from registry.sharing.sources import store as exchanges

SEALED: Final = "exchange credentials"
"""Purpose with which credentials are encrypted, see `registry.core.crypto.keys`."""


def open_credentials(service: Service, row: Mapping[str, Any]) -> dict[str, str]:
    """Return the decrypted credentials by name, or nothing if the exchange needs none.

    Raises `Unavailable` (`exchange_refused`) if their key is gone.
    """
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


def list_exchanges(service: Service, caller: Caller) -> list[dict[str, Any]]:
    """List the organization's exchanges by name. Needs `admin`."""
    caller.require("admin")
    with service.pool.transaction() as connection:
        return [shape(row) for row in exchanges.list_of(connection, caller.organization_id)]


def find_exchange(connection: Connection, caller: Caller, name: str) -> dict[str, Any]:
    """Find the organization's exchange by name or id. Raises `NotFound` (`no_exchange`)."""
    for row in exchanges.list_of(connection, caller.organization_id):
        if name in {row["name"], str(row["exchange_id"])}:
            return row
    raise NotFound(
        f"There is no exchange {name[:100]!r} in your organization.",
        code="no_exchange",
        next_step="List them with GET /v1/exchanges or `fakeprint exchange list`.",
    )


def shape(row: dict[str, Any]) -> dict[str, Any]:
    """Return an exchange as the API shows it, without credentials."""
    checkpoint = row["checkpoint"] or {}
    reached = checkpoint.get("update_time") or checkpoint.get("get_entries_max_ts")
    error = {"code": row["error_code"], "message": row["error_message"]} if row["error_code"] else None
    return {
        "exchange_id": str(row["exchange_id"]),
        "name": row["name"],
        "kind": row["kind"],
        "bank": row["bank"],
        "address": row["address"],
        "options": row["options"],
        "credentials": row["credentials"] is not None,
        "every": row["every_s"],
        "state": row["state"],
        "progress_at": datetime.fromtimestamp(reached, UTC).isoformat() if reached else None,
        "fetching": row["fetching"],
        "next_at": row["next_at"].isoformat(),
        "fetched_at": row["fetched_at"].isoformat() if row["fetched_at"] else None,
        "added": row["added"],
        "withdrawn": row["withdrawn"],
        "rejected": row["rejected"],
        "error": error,
        "created_at": row["created_at"].isoformat(),
    }


def ask_exchange(service: Service, caller: Caller, name: str) -> dict[str, Any]:
    """Enqueue a reading of the exchange and return it. Needs `admin`. Raises `NotFound` (`no_exchange`)."""
    caller.require("admin")
    with service.pool.transaction() as connection:
        row = find_exchange(connection, caller, name)
        jobs.enqueue(connection, "fetch_exchange", row["exchange_id"])
    wake_workers(service)
    return shape(row | {"fetching": True})


SOONEST: Final = 60
LATEST: Final = 30 * 86_400


def require_unpublished(connection: Connection, home: BankRef) -> None:
    """Raise `Conflict` (`bank_published`) if the bank has a feed: entries of other sources are not
    republished."""
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
    """Add an exchange. A worker reads it soon, and then at intervals of `every` seconds. Needs `admin`.

    Its credentials are encrypted with a key of their own, kept outside the database, and never shown. The
    bank must be private, because an exchange shares its data with members only. Raises `BadInput`
    (`bad_label`, `bad_interval`, and the codes of `sharing.sources.model.terms`), `Conflict`
    (`exchange_exists`, `bank_not_private`), `NotFound`, `Forbidden`.
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


class Removed(Exception):
    """The exchange is no longer read."""


def hold_exchange(connection: Connection, job: Job) -> dict[str, Any]:
    """Return the exchange, locked, if this worker has the job. Raises `Removed` if the exchange is no longer
    active, `Conflict` (`lease_lost`)."""
    row = exchanges.lock(connection, job.subject_id)
    jobs.hold(connection, job)
    if row is None or row["state"] != "active" or not row["open"]:
        raise Removed
    return row


def remove_exchange(service: Service, caller: Caller, name: str) -> dict[str, Any]:
    """Remove an exchange and return it. Its credentials are destroyed; its entries stay in the bank.

    Needs `admin`. Raises `NotFound` (`no_exchange`), `Unavailable` (`keys_unavailable`).
    """
    caller.require("admin")
    with service.pool.transaction() as connection:
        row = find_exchange(connection, caller, name)
        exchanges.remove(connection, row["exchange_id"])
    service.keys.destroy(row["exchange_id"])
    return shape(row | {"state": "removed", "credentials": None})


def fetch_due(service: Service) -> int:
    """Enqueue readings of the exchanges that are due, and return how many."""
    with service.pool.transaction() as connection:
        found = exchanges.due(connection)
        for exchange_id in found:
            jobs.enqueue(connection, "fetch_exchange", exchange_id)
    if found:
        wake_workers(service)
    return len(found)

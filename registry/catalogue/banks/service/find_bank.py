"""Which bank is meant by a name or an id?"""

from __future__ import annotations

from uuid import UUID

from registry.catalogue.banks.store import banks
from registry.catalogue.banks.store.banks import BankRef
from registry.core.database.pool import Connection
from registry.core.errors import Conflict, Forbidden, NotFound
from registry.core.identifiers import as_id
from registry.identity.callers.model import Caller
from registry.identity.organizations.service.bootstrap import BANK


def find_bank(connection: Connection, caller: Caller, name: str | UUID | None) -> BankRef | None:
    """A bank that the caller may ask, by its name or id; None for no name.

    Raises `NotFound` (code `unknown_bank`), `Conflict` (`ambiguous_bank`) where several organizations have
    one of that name and the caller's has none.
    """
    if name is None:
        return None
    bank_id = as_id(name)
    if bank_id is not None:
        found = banks.by_id(connection, caller.organization_id, bank_id)
    else:
        found = _by_name(connection, caller, str(name))
    if found is None:
        raise NotFound(
            f"There is no bank {str(name)[:100]!r} that this key may use.",
            code="unknown_bank",
            next_step="List them with GET /v1/banks or `fakeprint admin bank list`.",
        )
    return found


def _by_name(connection: Connection, caller: Caller, name: str) -> BankRef | None:
    if "\0" in name:
        return None  # PostgreSQL's text holds none
    found = banks.by_name(connection, caller.organization_id, name)
    if len(found) > 1 and not found[0].own:
        raise Conflict(
            f"Several banks that this key may use are named {name[:100]!r}.",
            code="ambiguous_bank",
            next_step="Give its id: GET /v1/banks or `fakeprint admin bank list`.",
        )
    return found[0] if found else None


def own_bank(connection: Connection, caller: Caller, name: str | None) -> BankRef:
    """A bank that the caller may write to; `default` for no name.

    Raises `NotFound` (`unknown_bank`), `Forbidden` (`foreign_bank`).
    """
    try:
        found = find_bank(connection, caller, name or BANK)
    except Conflict:  # several of others have that name, and none of them can be meant
        raise NotFound(
            f"Your organization has no bank {(name or BANK)[:100]!r}.",
            code="unknown_bank",
            next_step="Open one: `fakeprint admin bank add NAME`.",
        ) from None
    assert found is not None  # noqa: S101 - a name was given
    if not found.own:
        raise Forbidden(
            f"The bank {found.name!r} belongs to another organization.",
            code="foreign_bank",
            next_step="Open one of your own: `fakeprint admin bank add NAME`.",
        )
    return found

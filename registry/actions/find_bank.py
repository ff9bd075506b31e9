"""Which bank is meant by a name or an id?"""

from __future__ import annotations

from registry.actions.bootstrap import BANK
from registry.domain.caller import Caller
from registry.errors import Forbidden, NotFound
from registry.store import banks
from registry.store.banks import BankRef
from registry.store.pool import Connection


def find_bank(connection: Connection, caller: Caller, name: str | None) -> BankRef | None:
    """A bank that the caller may ask; None for no name. Raises `NotFound` (code `unknown_bank`)."""
    if name is None:
        return None
    found = banks.by_name(connection, caller.organization_id, name)
    if found is None:
        raise NotFound(
            f"There is no bank {name[:100]!r} that this key may use.",
            code="unknown_bank",
            next_step="List them with GET /v1/banks or `fakeprint admin bank list`.",
        )
    return found


def own_bank(connection: Connection, caller: Caller, name: str | None) -> BankRef:
    """A bank that the caller may write to; `default` for no name.

    Raises `NotFound` (`unknown_bank`), `Forbidden` (`foreign_bank`).
    """
    found = find_bank(connection, caller, name or BANK)
    assert found is not None  # noqa: S101 - a name was given
    if not found.own:
        raise Forbidden(
            f"The bank {found.name!r} belongs to another organization.",
            code="foreign_bank",
            next_step="Open one of your own: `fakeprint admin bank add NAME`.",
        )
    return found

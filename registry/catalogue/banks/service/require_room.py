"""May a bank take what has just been put into it?"""

from __future__ import annotations

from typing import Final
from uuid import UUID

from registry.catalogue.banks.store import banks
from registry.core.database.pool import Connection
from registry.core.errors import Conflict, NotFound

_LIMITS: Final = {"entries": "most_entries", "media": "most_media", "bytes": "most_bytes"}


def require_room(connection: Connection, bank_id: UUID, *, grew: bool) -> None:
    """Raise where the bank holds more than it may, in the transaction that has put something there (`grew`)
    and that is undone by this: `Conflict` (`bank_full`), or, whether it grew or not, `NotFound`
    (`unknown_bank`) where it was deleted meanwhile.

    With `entries.lock_bank` held, so that nobody else adds at the same time. A bank without limits costs one
    look at its row.
    """
    row = banks.room(connection, bank_id)
    if row["closed"]:
        raise NotFound("The bank was deleted.", code="unknown_bank")
    for what, most in _LIMITS.items():
        if grew and row[most] is not None and row[what] > row[most]:
            raise Conflict(
                f"The bank may hold {row[most]:,} {what}, and would hold {row[what]:,}.",
                code="bank_full",
                next_step="Withdraw entries, or ask whoever runs the deployment for a higher limit.",
            )

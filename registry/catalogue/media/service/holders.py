"""Which blobs are needed: by assets and their pictures, and by rows of rooms above."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final

from registry.catalogue.media.store import blobs
from registry.core.database.pool import Connection
from registry.core.service import Service

LETTER_DAYS: Final = 7
"""For so long a file that was looked up is kept where that failed for a reason not its own, so that it can be
done again: until somebody has dealt with the dead letter, and no longer than this."""


@dataclass(frozen=True, slots=True)
class Holder:
    """A table of another room that names blobs. The days are those of `letter_days`.

    `needed` tells which of the keys its rows need, `named` all that they name. Where rows go on naming a blob
    until it is deleted, `unneeded` tells some of these, and `forget` has the rows name it no longer.
    """

    needed: Callable[[Connection, Sequence[str], int], set[str]]
    named: Callable[[Connection], list[str]]
    unneeded: Callable[[Connection, int], list[str]] | None = None
    forget: Callable[[Connection, str, int], None] | None = None


HOLDERS: Final[list[Holder]] = []
"""`registry/app/wiring.py` fills the table."""


def holders() -> list[Holder]:
    """Those of other rooms. Raises `LookupError` where none is known: all their blobs would be deleted."""
    if not HOLDERS:
        raise LookupError("nobody has said who else needs blobs: the process has not called `wire`")
    return HOLDERS


def letter_days(service: Service) -> int:
    """For how many days here. A deployment that keeps no media keeps none of these."""
    return LETTER_DAYS if service.settings.keep_media else 0


def needed(service: Service, connection: Connection, keys: Sequence[str]) -> set[str]:
    """Those of the keys that anybody needs."""
    found = blobs.needed(connection, keys)
    for holder in holders():
        found |= holder.needed(connection, keys, letter_days(service))
    return found

"""What platforms had removed is found at many places again: reopen the notices, each with its proof."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final
from uuid import UUID

from registry.core.errors import BadInput, Conflict, FakeprintError, NotFound
from registry.core.service import Service
from registry.identity.callers.model import Caller
from registry.takedown.recurrences.service.reopen_notice import reopen_notice

_WHOLE: Final = frozenset({"unknown_campaign", "campaign_closed", "client_erased"})


@dataclass(frozen=True, slots=True, repr=False)
class Again:
    """A row: where it is, and the lookup of what is there."""

    line: int
    url: str
    lookup_id: UUID


@dataclass(frozen=True, slots=True, repr=False)
class Reopened:
    """What became of a row: its notice, or why there is none."""

    row: Again
    notice: dict[str, Any] | None = None
    error: FakeprintError | None = None


def reopen_notices(
    service: Service, caller: Caller, campaign_id: UUID, rows: Sequence[Again]
) -> list[Reopened]:
    """`reopen_notice` for each row, in their order; one that is refused keeps none of the others. Needs
    `takedown`. Raises what concerns the whole: `NotFound` (`unknown_campaign`), `Conflict`
    (`campaign_closed`, `client_erased`), `Forbidden`, `Unavailable`."""
    caller.require("takedown")
    done = []
    for row in rows:
        try:
            made = reopen_notice(service, caller, campaign_id, url=row.url, lookup_id=row.lookup_id)
        except (BadInput, NotFound, Conflict) as error:
            if error.code in _WHOLE:
                raise
            done.append(Reopened(row, error=error))
        else:
            done.append(Reopened(row, notice=made))
    return done

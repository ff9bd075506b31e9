"""Keep a lookup's fingerprint, for a caller who asks for it, so that what is registered later is told."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any
from uuid import UUID

from registry.catalogue.banks.service.banks import find_bank
from registry.catalogue.entries.model.entry import is_partial
from registry.catalogue.fingerprints.model.fingerprint import Fingerprint
from registry.core.audit.service import record_event
from registry.core.database.pool import Connection
from registry.core.errors import BadInput, NotSettled
from registry.core.service import Service
from registry.identity.callers.model import Caller
from registry.matching.decision.model.examined import Given
from registry.matching.watches import model as watch
from registry.matching.watches import store as watches

Note = Callable[[dict[str, Any]], None]
"""Says what the lookup's own answer is, before it is recorded: that is not told again. Adds `watch` to it."""


@contextmanager
def watching(
    service: Service,
    caller: Caller,
    fingerprint: Fingerprint,
    days: int,
    *,
    lookup_id: UUID,
    bank: str | UUID | None,
    given: Given,
    sha256: str | None,
) -> Iterator[Note]:
    """A watch of a lookup that is answered in the block; it ends where the block fails.

    It is committed before the answer is looked for, on the primary: what opens before that is in the answer,
    and what opens after finds the watch.
    Raises `BadInput` (`watch_too_long`), `NotFound` (`unknown_bank`), `NotSettled` for a part of a file.
    """
    if is_partial(fingerprint) or (given == "file" and not fingerprint.frames):
        raise NotSettled("A watch keeps the fingerprint of the whole file.", wanted="full")
    keys = watch.found_by(fingerprint)
    raw = watch.packed(fingerprint) if fingerprint.frames else None
    with service.pool.transaction() as connection:
        check_days(connection, service, caller, days)
        found = find_bank(connection, caller, bank)
        kept = watches.insert(
            connection,
            lookup_id=lookup_id,
            caller=caller,
            bank_id=found.bank_id if found else None,
            given=given,
            sha256=sha256,
            fingerprint=raw,
            keys=keys,
            days=days,
        )

    verdicts: list[tuple[UUID, str, bool]] = []

    def note(body: dict[str, Any]) -> None:
        body["lookup_id"] = str(lookup_id)
        body["watch"] = {"watch_id": str(kept.watch_id), "expires_at": kept.expires_at.isoformat()}
        verdicts.extend((UUID(one["entry_id"]), one["verdict"], unreviewed(one)) for one in body["matches"])

    try:
        yield note
    except BaseException:
        with service.pool.transaction() as connection:
            watches.delete(connection, caller.organization_id, kept.watch_id)
        raise
    with service.pool.transaction() as connection:
        watches.said(connection, kept.watch_id, verdicts)
        record_event(
            connection,
            caller,
            "watch.created",
            subject={"watch_id": kept.watch_id, "lookup_id": lookup_id},
            said={"expires_at": kept.expires_at.isoformat()},
        )


def unreviewed(match: Mapping[str, Any]) -> bool:
    """Whether a match is in doubt, of an entry that nobody has reviewed. To a watch, which keeps no faces, a
    face swap stays `related`: that it was reviewed is then all that changes, and worth telling."""
    return bool(match["verdict"] == "related" and match["tier"] == "unreviewed")


def check_days(connection: Connection, service: Service, caller: Caller, days: int) -> None:
    """Raise `BadInput` (`watch_too_long`) where the caller's lookups may not be watched for so long."""
    own = watches.longest(connection, caller.organization_id)
    most = service.settings.watch_days if own is None else min(own, service.settings.watch_days)
    if not 1 <= days <= most:
        raise BadInput(
            f"A lookup may be watched for 1 to {most} days." if most else "Lookups may not be watched.",
            code="watch_too_long",
            next_step="An administrator of your organization may allow more, up to what the deployment does.",
        )

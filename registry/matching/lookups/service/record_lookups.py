"""Keep the record of lookups that were answered at once."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from registry.core.database.pool import PATIENCE, Pool
from registry.core.database.replicas import IMPATIENT
from registry.core.errors import Unavailable
from registry.core.service import Service
from registry.matching.decision.model.examined import Given
from registry.matching.lookups.store import lookups
from registry.matching.lookups.store.unrecorded import Unrecorded


def record_lookups(
    service: Service,
    answers: Sequence[Mapping[str, Any]],
    *,
    caller_id: UUID,
    given: Given,
    bank_id: UUID | None = None,
    sha256: str | None = None,
) -> None:
    """On the primary; where there are replicas and it is away, on disk, until `drain_spool`. Either way the
    records outlast a crash once this returns.

    Raises `Unavailable`: without replicas as `Pool.transaction`, with them `spool_full`, `spool_unavailable`.
    """
    if service.replicas is None:
        _record(service.pool, answers, caller_id, given, bank_id, sha256, PATIENCE)
        return
    if not service.replicas.primary.is_away():
        try:
            _record(service.pool, answers, caller_id, given, bank_id, sha256, IMPATIENT)
        except Unavailable:
            pass  # perhaps it was recorded after all: then it is not again
        else:
            return
    at = datetime.now(UTC)
    service.journal.append(
        [Unrecorded(caller_id, bank_id, given, sha256, at, one).packed() for one in answers]
    )


def _record(
    pool: Pool,
    answers: Sequence[Mapping[str, Any]],
    caller_id: UUID,
    given: Given,
    bank_id: UUID | None,
    sha256: str | None,
    patience: float,
) -> None:
    if bank_id is None and sha256 is None:
        with pool.quick(patience) as connection:
            lookups.record_all(connection, caller_id=caller_id, given=given, answers=answers)
        return
    with pool.transaction(patience) as connection:
        for one in answers:
            lookups.record(
                connection,
                lookup_id=UUID(one["lookup_id"]),
                caller_id=caller_id,
                bank_id=bank_id,
                given=given,
                sha256=sha256,
                answer=one,
            )

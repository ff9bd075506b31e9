"""End persons whose time has passed, finish erasures that were cut off, repeat those that a backup undid."""

from __future__ import annotations

import logging
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any, Literal
from uuid import UUID

from registry.core.errors import Unavailable
from registry.core.service import Service
from registry.persons import model as person
from registry.persons import store as persons
from registry.persons.erasure import store as erasure
from registry.persons.erasure.service.finish_erasure import finish_erasure
from registry.persons.photos import store as person_photos
from registry.persons.photos.service.forget_photos import forget_photos
from registry.persons.service.record_act import record_act

log = logging.getLogger(__name__)

Step = Callable[[Service, UUID], object]


def sweep_persons(service: Service) -> int:
    """How many persons were erased. Safe to run at any time and by several at once. Raises `Unavailable`, in
    the end: one person who cannot be erased now keeps nobody else from it.

    Only a key's own mark that it was destroyed makes this erase somebody again: a folder of keys that is
    empty, or another's, erases nobody. A key that is there though its person is erased is destroyed: its
    folder was away when the person ended, or came back from a backup.
    """
    with service.pool.transaction() as connection:
        due = persons.expiring(connection, proposal_days=person.PROPOSAL_DAYS)
        restored = erasure.unerased(connection, service.keys.destroyed())
        left = erasure.remains(connection)
        left += erasure.erased_of(connection, service.keys.held())
        erasure.forget_outside(connection)
    for person_id in due:
        _end(service, person_id, "expired")
    for person_id in restored:
        _end(service, person_id, "erased")
    with service.pool.transaction() as connection:
        ended = persons.ended(connection)
        decided = person_photos.decided(connection)
    steps: list[tuple[Step, UUID]] = [(finish_erasure, one) for one in (*ended, *restored, *left)]
    steps += [(forget_photos, one) for one in decided]
    failed = {one: error for step, one in steps if (error := _tried(service, step, one)) is not None}
    erased = (set(ended) | set(restored)) - set(failed)
    if erased:
        log.info("persons erased", extra={"persons": len(erased), "restored": len(restored)})
    if failed:
        raise next(iter(failed.values()))
    return len(erased)


def _tried(service: Service, step: Step, person_id: UUID) -> Unavailable | None:
    """What keeps a step from being done now."""
    try:
        step(service, person_id)
    except Unavailable as error:
        log.warning("person not swept: %s", error.code, extra={"person_id": str(person_id)})
        return error
    return None


def _end(service: Service, person_id: UUID, state: Literal["expired", "erased"]) -> None:
    with service.pool.transaction() as connection:
        row = persons.lock_any(connection, person_id)
        if row is None or row["state"] not in person.LIVING:
            return
        if state == "expired" and not _over(row, datetime.now(UTC)):
            return  # renewed meanwhile
        persons.end(connection, person_id, state)
        record_act(connection, person_id, state, actor="service")


def _over(row: dict[str, Any], now: datetime) -> bool:
    waited = now - row["proposed_at"] >= timedelta(days=person.PROPOSAL_DAYS)
    return bool(row["expires_at"] <= now or (row["state"] == "proposed" and waited))

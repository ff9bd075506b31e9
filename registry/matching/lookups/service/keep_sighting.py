"""Keep where what a lookup asked about was seen, so that what comes of that can be followed."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, Final
from uuid import UUID

from registry.catalogue.platforms import service as platforms
from registry.catalogue.platforms.model.web_address import Address
from registry.core.audit import service as statements
from registry.core.crypto.keys import Key
from registry.core.database.pool import Connection
from registry.core.errors import BadInput
from registry.core.service import Service
from registry.identity.callers.model import Caller
from registry.identity.organizations.service.organization_key import organization_key
from registry.jobs.service.queue import wake_workers
from registry.jobs.store import jobs
from registry.matching.lookups.store import sightings

SIGHTING: Final = "sighting"
"""For what a place is sealed, under the organization's key."""
_AHEAD: Final = timedelta(minutes=5)
_LONGEST_AGO: Final = timedelta(days=3660)


@dataclass(frozen=True, slots=True, repr=False)
class Seen:
    """Where, normalised as in lists of addresses, and when; None: when the lookup was asked."""

    address: Address
    time: datetime | None


def seen(
    url: str | None, platform: str | None, content_id: str | None, moment: str | None = None
) -> Seen | None:
    """What a lookup says of where its media were seen; None where it says nothing. Raises `BadInput`, with
    the codes of `platforms.place` and `bad_time`."""
    if url is None and platform is None and content_id is None:
        if moment is not None:
            raise BadInput("`seen_time` needs a place.", code="no_place", next_step="Give `seen_at`.")
        return None
    return Seen(platforms.place(url, platform, content_id), _time(moment) if moment is not None else None)


def _time(text: str) -> datetime:
    try:
        found = datetime.fromisoformat(text).astimezone(UTC) if "T" in text or " " in text else None
        aware = found is not None and datetime.fromisoformat(text).tzinfo is not None
    except (ValueError, OverflowError):
        found, aware = None, False
    now = datetime.now(UTC)
    if found is None or not aware or not now - _LONGEST_AGO <= found <= now + _AHEAD:
        raise BadInput(
            "`seen_time` is a past time with its offset, such as 2026-11-25T10:00:00+01:00.", code="bad_time"
        )
    return found


def write(
    connection: Connection, key: Key, caller: Caller, lookup_id: UUID, place: Seen, *, follow: bool
) -> None:
    """In the transaction: where it was seen, and that it is to be followed. `key`: `organization_key`."""
    address = place.address
    sealed, _ = statements.pack(key, {"url": address.text, "given": address.given}, SIGHTING)
    platform = address.platform or address.host
    sightings.keep(connection, lookup_id, caller, platform=platform, sealed=sealed, seen_time=place.time)
    if follow:
        jobs.enqueue(connection, "follow_sighting", lookup_id)


def keep_sighting(service: Service, caller: Caller, answer: Mapping[str, Any], place: Seen) -> None:
    """Of a lookup that was just answered. What found nothing and is not watched is not kept.

    Raises `Unavailable` (`keys_unavailable`, or while the primary database is away)."""
    found = any(one["verdict"] in {"known_fake", "related"} for one in answer["matches"])
    if not found and "watch" not in answer:
        return
    key = organization_key(service, caller.organization_id)
    with service.pool.transaction() as connection:
        write(connection, key, caller, UUID(answer["lookup_id"]), place, follow=True)
    wake_workers(service)

"""Read a list of addresses, in whichever form people keep it, into places for a campaign."""

from __future__ import annotations

import io
from datetime import UTC, datetime
from uuid import UUID
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from registry.core.errors import BadInput
from registry.takedown.campaigns.model import MOST_AT_ONCE
from registry.takedown.notices.service.add_notices import Place
from registry.takedown.platforms.service import platforms
from registry.takedown.url_lists.model.url_list import Format, UrlList
from registry.takedown.url_lists.model.url_rows import Fault, Manner, Row


def read_places(
    content: bytes,
    form: Format = "auto",
    *,
    zone: str = "UTC",
    entry_id: UUID | None = None,
    regime: str | None = None,
) -> list[Place]:
    """The rows of a list as they come, those that cannot be read with why. `zone`: of moments that do not say
    theirs. `entry_id`, `regime`: what every row is about, and under which regime.

    Raises `BadInput` for what is wrong with the whole (`bad_format`, `not_text`, `no_header`, `bad_sheet`,
    `sheet_too_large`, `old_sheet`, `bad_zone`, `bad_platforms`)."""
    manner = Manner(zone=zone_of(zone), now=datetime.now(UTC), most=MOST_AT_ONCE)
    found = UrlList(io.BytesIO(content), form, platforms.table(), manner)
    return [_place(one, entry_id, regime) for one in found]


def _place(one: Row | Fault, entry_id: UUID | None, regime: str | None) -> Place:
    if isinstance(one, Fault):
        error = BadInput(one.message, code=one.code, next_step=one.next_step)
        return Place(one.line, sheet=one.sheet, given=one.given, fault=error)
    return Place(
        one.line,
        sheet=one.sheet,
        given=one.address.given,
        address=one.address,
        note=one.note or None,
        seen_at=one.seen_at.astimezone(UTC).isoformat() if one.seen_at else None,
        file=one.file,
        sha256=one.sha256,
        entry_id=entry_id,
        regime=regime,
    )


def zone_of(name: str) -> ZoneInfo:
    """A time zone by its name, as Europe/Madrid. Raises `BadInput` (`bad_zone`)."""
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        raise BadInput(
            f"{name[:50]!r} is no time zone.", code="bad_zone", next_step="Give one as Europe/Madrid."
        ) from None

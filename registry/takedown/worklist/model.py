"""What waits for a person in takedown."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final, Literal, get_args
from uuid import UUID

from registry.takedown.delivery.model.delivery import Status
from registry.takedown.notices.model.notice import Stand

Kind = Literal["due", "letters", "unsent", "recurrences", "reopened", "ready"]
KINDS: Final[tuple[Kind, ...]] = get_args(Kind)
"""due: notices whose deadline is near or over. letters: a person has to hand them over. unsent: letters that
could not be sent, or perhaps were. recurrences: a person has to decide whether the fake is back.
reopened: notices that the service opened or added because it is. ready: notices to be sent."""
NEAR: Final = timedelta(days=2)
"""How long before its end a deadline is listed."""


@dataclass(frozen=True, slots=True)
class WaitingItem:
    """A waiting notice, letter or recurrence. `url`, `content_id`, `campaign`: None if erased.

    `at`: the deadline of a notice, else since when it waits. `stands`: None for a recurrence. `status`: of a
    letter.
    """

    item_id: UUID
    campaign_id: UUID
    notice_id: UUID
    campaign: str | None
    title: str
    platform: str
    url: str | None
    content_id: str | None
    at: datetime
    stands: Stand | None
    status: Status | None


@dataclass(frozen=True, slots=True)
class Worklist:
    """A page of waiting items, most urgent first. `next` continues after it."""

    items: list[WaitingItem]
    next: str | None

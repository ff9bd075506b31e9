"""Fields of a query besides the media: where it was seen, and how long to watch it."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from registry.core.http.schemas import Request

WatchDays = Annotated[
    int,
    Field(
        ge=1,
        le=3650,
        description="days to keep the fingerprint, without faces. Matches registered later are reported by "
        "webhook (`watch.matched`)",
    ),
]


class Placed(Request):
    """A query that may state where its media was seen. The place is not part of any answer. It is stored
    encrypted until it is followed up: if the fake had been removed there, its campaign gets a recurrence."""

    seen_at: str | None = Field(None, max_length=8_000, description="the URL at which it was seen")
    seen_platform: str | None = Field(None, max_length=100, description="a platform, with `seen_content_id`")
    seen_content_id: str | None = Field(None, max_length=500)
    seen_time: str | None = Field(
        None,
        max_length=40,
        description="time it was seen, with its UTC offset; absent: the time of the lookup",
    )

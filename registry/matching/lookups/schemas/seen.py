"""What lookups may say beside their question: where it was seen, how long it is watched. As models."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from registry.core.http.schemas import Request

WatchDays = Annotated[
    int,
    Field(
        ge=1,
        le=3650,
        description="keep the fingerprint so many days, without faces: what is registered later and matches "
        "it is told by webhook (`watch.matched`)",
    ),
]


class Placed(Request):
    """A query that may state where its media were seen. The place is not part of any answer. It is stored
    encrypted while it may matter: if the fake had been removed there, its notice is reopened."""

    seen_at: str | None = Field(None, max_length=8_000, description="the URL at which it was seen")
    seen_platform: str | None = Field(None, max_length=100, description="a platform, with `seen_content_id`")
    seen_content_id: str | None = Field(None, max_length=500)
    seen_time: str | None = Field(
        None, max_length=40, description="when, with its offset; absent: when the lookup is asked"
    )

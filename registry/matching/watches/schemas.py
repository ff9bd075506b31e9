"""Watched lookups, as models."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from registry.catalogue.entries.model.entry import Tier
from registry.catalogue.entries.model.verdict import Verdict
from registry.core.http.schemas import Answer, Request
from registry.matching.lookups.schemas.checked import Checked
from registry.matching.lookups.schemas.lookup import Coverage, Relation, Span


class WatchRules(Request):
    """What is absent stays as it is."""

    watch_days_most: int | None = Field(
        None, ge=0, le=3650, description="0: no lookup is watched; null: as long as the deployment allows"
    )
    tells_matches: bool = Field(
        False,
        description="owners of entries are told, without who asked, that a lookup matched them; so is, once "
        "it is confirmed, whoever opened a private case without an account: how many lookups met it, and "
        "the day of the last one",
    )
    reports_places: bool = Field(
        False,
        description="who had a fake removed at a platform is told where your lookups saw it there again",
    )


class WatchRulesInForce(Answer):
    watch_days_most: int | None
    tells_matches: bool
    reports_places: bool
    deployment_days: int = Field(description="what the deployment allows at most")


class Watch(Answer):
    watch_id: str
    lookup_id: str
    input: Literal["document", "file", "sha256", "hash"]
    created_at: str
    expires_at: str = Field(description="when what is kept is deleted")
    answers: int = Field(description="how many new answers there have been")


class WatchMatch(Answer):
    """As of a lookup, without texts and signals; `confidence` to .05."""

    entry_id: str
    asset_id: str
    tier: Tier
    relation: Relation
    verdict: Verdict
    reasons: list[str]
    coverage: Coverage
    spans: list[Span]
    confidence: float | None


class WatchAnswer(Checked):
    """A new answer, and which entry it is about."""

    verdict: Verdict
    reasons: list[str]
    mixed: bool
    confidence: float | None
    matches: list[WatchMatch]
    entry_id: str
    answered_at: str


class WatchWithAnswers(Watch):
    matched: list[WatchAnswer] = Field(description="the newest hundred, newest first")


class WatchPage(Answer):
    watches: list[Watch]
    next: str | None = Field(description="`after` for the next page; null: this is the last")

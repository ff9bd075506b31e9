"""Watched lookups, as models."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from registry.catalogue.entries.model.entry import Tier
from registry.catalogue.entries.model.verdict import Verdict
from registry.core.http.schemas import Answer, Request, TimeText, UuidText
from registry.matching.lookups.schemas.checked import Checked
from registry.matching.lookups.schemas.lookup import Coverage, Relation, Span


class WatchRules(Request):
    """Changes of the rules. Absent fields stay as they are."""

    watch_days_most: int | None = Field(
        None,
        ge=0,
        le=3650,
        description="0: no lookup is watched; null: as long as the deployment allows",
        examples=[30],
    )
    tells_matches: bool = Field(
        False,
        description="owners of entries are notified that a lookup matched, without your name. People with a "
        "confirmed private case see how many lookups matched it, and the day of the last one",
    )
    reports_places: bool = Field(
        False,
        description="organizations that had a fake removed from a platform learn where your lookups saw it "
        "there again",
    )


class WatchRulesInForce(Answer):
    watch_days_most: int | None = Field(examples=[30])
    tells_matches: bool
    reports_places: bool
    deployment_days: int = Field(description="the deployment's limit", examples=[90])


class Watch(Answer):
    watch_id: UuidText = Field(examples=["6b0f3c1a-2f4e-4d58-8a53-51b1f7e3c9d2"])
    lookup_id: UuidText = Field(examples=["c4b7a3de-52f1-4f7e-9f0e-0d2f6a1b7c55"])
    input: Literal["document", "file", "sha256", "hash"]
    created_at: TimeText = Field(examples=["2026-01-31T09:30:00+00:00"])
    expires_at: TimeText = Field(
        description="when its fingerprint is deleted", examples=["2026-03-02T09:30:00+00:00"]
    )
    answers: int = Field(description="number of new answers", examples=[1])


class WatchMatch(Answer):
    """A match as in a lookup's answer, without texts and signals. `confidence` is rounded to .05."""

    entry_id: UuidText = Field(examples=["5a1e4bb2-1f0f-4c3c-9d4b-6f0c2f6c7f10"])
    asset_id: str = Field(examples=["0d6c3f5e-8a64-4c39-8f57-0b7b1f6a9a21"])
    tier: Tier = Field(examples=["reviewed"])
    relation: Relation | None
    verdict: Verdict
    reasons: list[str]
    coverage: Coverage
    spans: list[Span]
    confidence: float | None = Field(examples=[0.95])


class WatchAnswer(Checked):
    """A new answer, and the entry that it is about."""

    verdict: Verdict
    reasons: list[str]
    mixed: bool
    confidence: float | None = Field(examples=[0.95])
    matches: list[WatchMatch]
    entry_id: UuidText = Field(examples=["5a1e4bb2-1f0f-4c3c-9d4b-6f0c2f6c7f10"])
    answered_at: TimeText = Field(examples=["2026-02-03T18:00:00+00:00"])


class WatchWithAnswers(Watch):
    matched: list[WatchAnswer] = Field(
        description="the hundred newest, newest first",
        examples=[
            [
                {
                    "verdict": "known_fake",
                    "reasons": [],
                    "mixed": False,
                    "confidence": 0.95,
                    "matches": [
                        {
                            "entry_id": "5a1e4bb2-1f0f-4c3c-9d4b-6f0c2f6c7f10",
                            "asset_id": "0d6c3f5e-8a64-4c39-8f57-0b7b1f6a9a21",
                            "tier": "reviewed",
                            "relation": "copy",
                            "verdict": "known_fake",
                            "reasons": [],
                            "coverage": {"query": 0.31, "asset": 1.0},
                            "spans": [
                                {"query": [12.0, 20.1], "asset": [0.0, 8.1], "speed": 1.0, "mirrored": False}
                            ],
                            "confidence": 0.95,
                        }
                    ],
                    "checked": ["sha256", "frames", "embedding", "sound"],
                    "not_checked": [{"what": "faces", "reason": "left_out"}],
                    "next_step": None,
                    "entry_id": "5a1e4bb2-1f0f-4c3c-9d4b-6f0c2f6c7f10",
                    "answered_at": "2026-02-03T18:00:00+00:00",
                }
            ]
        ],
    )


class WatchPage(Answer):
    watches: list[Watch]
    next: str | None = Field(description="`after` for the next page; null: this is the last page")

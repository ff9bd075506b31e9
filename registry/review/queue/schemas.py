"""Models of reviews, opinions and disputes."""

from __future__ import annotations

from typing import Annotated, Any, Literal
from uuid import UUID

from pydantic import Field

from registry.catalogue.entries.model.entry import Manipulation, Tier
from registry.catalogue.entries.schemas.registration import EntryStatus
from registry.catalogue.media.model import Kind, Role
from registry.core.http.schemas import Answer, BodyId, Request, Seconds, Sha256, TimeText, UuidText
from registry.review.disputes import model as dispute
from registry.review.queue import model as review

Prose = Annotated[str, Field(max_length=20_000)]
Digest = Annotated[str, Field(max_length=64, description="64 hex digits")]
Opinion = Literal["true_positive", "false_positive"]


class CourtOrder(Request):
    """A court order. Its document stays with you; both reviewers send its digest."""

    court: str = Field(max_length=300)
    docket: str = Field(max_length=100, description="case number")
    date: str = Field(max_length=10, description="for example 2026-11-25")
    document_sha256: Digest


class NewClaim(Request):
    """The duration of a claim."""

    minutes: float | None = Field(None, description="1 to 240; absent: 30", examples=[30])


class NewDecision(Request):
    """A reviewer's decision on a claimed entry."""

    decision: Literal["approve", "reject", "court_order", "restore"]
    covers: list[Role] = Field(
        default=["fake", "original"],
        min_length=1,
        max_length=2,
        description="roles of the media that the decision covers",
        examples=[["fake"]],
    )
    reason_code: review.Why | None = Field(None, description="needed to reject")
    reason: Prose | None = Field(
        None, description="in words; stored encrypted", examples=["Both clips seen side by side."]
    )
    order: CourtOrder | None = Field(None, description="only with court_order")
    unseen_ok: bool = Field(
        True, description="false: refuse to approve media whose clear pictures you have not viewed here"
    )


class NewWithdrawal(Request):
    """The reason for withdrawing an entry."""

    reason_code: review.Withdrawn
    reason: Prose | None = Field(
        None, description="in words; stored encrypted", examples=["It is another clip."]
    )


class NewOpinion(Request):
    """Whether a match is right."""

    entry_id: Annotated[UUID, BodyId("Entry")] = Field(examples=["3f0d7f6e-1d1c-4b6a-9c39-0c1d6f2b7a10"])
    opinion: Opinion = Field(examples=["false_positive"])


class NewDispute(Request):
    """A dispute to open."""

    kind: dispute.Kind
    standing: dispute.Standing = Field(
        description="depicted: the person shown, or somebody who acts for them", examples=["author"]
    )
    statement: Prose = Field(
        description="stored encrypted; the entry's owner can read it",
        examples=["A sketch of our programme of 30 January, announced as such."],
    )
    contact: str | None = Field(
        None,
        max_length=300,
        description="stored encrypted; the other side cannot read it",
        examples=["redaccion@teatro.example"],
    )


class NewDisputeAnswer(Request):
    """The answer of the entry's owner."""

    statement: Prose = Field(examples=["It went round without the announcement."])


class NewRuling(Request):
    """The decision of a reviewer who is of neither party."""

    decision: Literal["accept", "uphold", "reject"] = Field(
        description="accept: suspend the entry until the decision", examples=["uphold"]
    )
    reason_code: dispute.Why | None = Field(
        None, description="needed to uphold or reject", examples=["shown_satire"]
    )
    reason: Prose | None = Field(
        None,
        description="in words; stored encrypted; both sides can read it",
        examples=["The programme shows it announced."],
    )
    remedy: dispute.Remedy | None = Field(
        None, description="with uphold: the entry is withdrawn or corrected", examples=["withdrawn"]
    )
    asset_ids: list[Annotated[UUID, BodyId("Asset")]] = Field(
        default=[], max_length=100, description="with corrected: fakes that are originals"
    )
    order: CourtOrder | None = Field(None, description="needed against an entry under a court order")


class Claimed(Answer):
    by: Literal["you", "another"]
    lease_until: TimeText = Field(examples=["2026-02-01T08:30:00+00:00"])


class ReviewItem(Answer):
    entry_id: UuidText = Field(examples=["3f0d7f6e-1d1c-4b6a-9c39-0c1d6f2b7a10"])
    reason: review.Reason = Field(examples=["unreviewed"])
    priority: int = Field(
        description="0: a private case, before all others; then 1 comes first", examples=[5]
    )
    title: str = Field(examples=["Councillor, face-swapped"])
    status: EntryStatus = Field(examples=["matchable"])
    tier: Tier
    original_tier: Tier
    own_tier: Tier | None = Field(description="for your own entries: the tier by your own reviewers")
    bank: str = Field(examples=["default"])
    organization: str = Field(examples=["Example Newsroom"])
    own: bool
    unverified: bool = Field(description="some media are known only by a document")
    private_case: bool = Field(description="a person without an account registered it")
    since: TimeText = Field(examples=["2026-02-01T08:00:00+00:00"])
    created_at: TimeText = Field(examples=["2026-02-01T08:00:00+00:00"])
    claimed: Claimed | None = Field(examples=[None])


class ReviewPage(Answer):
    items: list[ReviewItem]
    next: str | None


class ReviewedMedium(Answer):
    asset_id: UuidText = Field(examples=["a3c9d0e1-52b7-4f3f-8a2e-6f1f2f3c4d5e"])
    role: Role
    sha256: Sha256 | None = Field(
        examples=["9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08"]
    )
    kind: Kind | None = Field(examples=["video"])
    duration: float | None = Field(examples=[8.1])
    notes: list[str]
    tier: Tier
    media_kept: bool = Field(examples=[True])
    recomputed: bool = Field(
        description="a worker has computed its fingerprint from the file", examples=[True]
    )
    added_at: TimeText = Field(examples=["2026-02-01T08:00:00+00:00"])
    added_by_you: bool
    seen_by_you: bool = Field(description="you have viewed its clear pictures here", examples=[True])


class DerivedSpan(Answer):
    """A span of a fake and the matching span of its original, in seconds."""

    fake: Seconds = Field(examples=[[0.0, 8.1]])
    original: Seconds = Field(examples=[[12.0, 20.1]])
    speed: float = Field(examples=[1.0])
    mirrored: bool


class Derived(Answer):
    """A fake aligned with an original of the same entry by the registry."""

    fake_id: UuidText = Field(examples=["a3c9d0e1-52b7-4f3f-8a2e-6f1f2f3c4d5e"])
    original_id: UuidText = Field(examples=["5b8f3c52-0b9e-4c0e-a9ce-1d2a7c4f8e63"])
    faces: Literal["same", "other"] | None = Field(examples=["other"])
    spans: list[DerivedSpan]


class KeptOrder(Answer):
    court: str | None = Field(examples=["Juzgado de Instrucción n.º 2 de Melilla"])
    docket: str | None = Field(examples=["DP 123/2026"])
    date: str | None = Field(examples=["2026-01-30"])
    document_sha256: Sha256 = Field(
        examples=["9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08"]
    )


class KeptDecision(Answer):
    review_id: UuidText = Field(examples=["c56a4180-65aa-42ec-a945-5fd21dec0538"])
    decision: review.Act = Field(examples=["court_order"])
    organization: str = Field(examples=["Example Bar"])
    caller_id: UuidText | None = Field(description="only for callers of your organization")
    caller: str | None = Field(description="name of that caller")
    reason_code: str | None
    reason: str | None = Field(description="null: none, or erased")
    order: KeptOrder | None
    decided_at: TimeText = Field(examples=["2026-02-01T08:00:00+00:00"])
    stands: bool = Field(examples=[True])
    unseen: int | None = Field(
        description="for an approval: number of files whose clear pictures the reviewer had not viewed"
    )


class SaidOfCase(Answer):
    """The declaration of a person without an account."""

    standing: Literal["depicted", "authorized"] = Field(description="depicted: it shows the person")
    intimate: bool


class RoleConflict(Answer):
    asset_id: UuidText
    role: Role
    entry_id: UuidText
    other_role: Role
    title: str
    bank: str
    tier: Tier


class DisputeSummary(Answer):
    dispute_id: UuidText = Field(examples=["9a7b330a-a736-4d2f-8d3e-1f1f6a1c2b3d"])
    entry_id: UuidText = Field(examples=["3f0d7f6e-1d1c-4b6a-9c39-0c1d6f2b7a10"])
    kind: dispute.Kind
    standing: dispute.Standing = Field(examples=["author"])
    state: dispute.State
    suspends: bool = Field(examples=[True])
    outcome: dispute.Outcome | None
    remedy: dispute.Remedy | None
    title: str = Field(examples=["Councillor, face-swapped"])
    entry_status: EntryStatus = Field(examples=["suspended"])
    bank: str = Field(examples=["default"])
    organization: str = Field(examples=["Example Theatre"])
    owner: str = Field(examples=["Example Newsroom"])
    opened_at: TimeText = Field(examples=["2026-02-01T08:00:00+00:00"])
    answer_due: TimeText = Field(examples=["2026-02-08T08:00:00+00:00"])
    closed_at: TimeText | None


class DisputePage(Answer):
    disputes: list[DisputeSummary]
    next: str | None


class Dispute(DisputeSummary):
    side: dispute.Side
    statement: str | None = Field(
        description="null once erased",
        examples=["A sketch of our programme of 30 January, announced as such."],
    )
    contact: str | None = Field(examples=["redaccion@teatro.example"])
    answer: str | None
    answered_at: TimeText | None
    accepted_at: TimeText | None
    reason_code: str | None
    reasons: str | None
    order_sha256: Sha256 | None
    erased_at: TimeText | None


class OpinionSummary(Answer):
    true_positive: int = Field(examples=[4])
    false_positive: int = Field(examples=[1])
    confirming: int = Field(description="number of organizations that confirm matches", examples=[2])
    denying: int = Field(examples=[1])
    latest: TimeText | None = Field(examples=["2026-02-01T08:00:00+00:00"])


class ReviewSummary(Answer):
    """The review of an entry as its own organization sees it."""

    own_tier: Tier
    own_original_tier: Tier
    suspended_for: str | None
    opinions: OpinionSummary


class EntryReview(Answer):
    entry_id: UuidText = Field(examples=["3f0d7f6e-1d1c-4b6a-9c39-0c1d6f2b7a10"])
    title: str = Field(examples=["Councillor, face-swapped"])
    bank: str = Field(examples=["default"])
    organization: str = Field(examples=["Example Newsroom"])
    own: bool
    status: EntryStatus = Field(examples=["matchable"])
    suspended_for: str | None
    tier: Tier = Field(description="tier for other organizations")
    original_tier: Tier
    own_tier: Tier | None
    own_original_tier: Tier | None
    created_at: TimeText = Field(examples=["2026-02-01T08:00:00+00:00"])
    claim: str | None = Field(examples=["The councillor confessed on air."])
    language: str | None = Field(examples=["en"])
    manipulation: Manipulation | None = Field(examples=["face_swap"])
    references: list[dict[str, Any]] = Field(examples=[[{"url": "https://example.org/debunked"}]])
    depicted: list[dict[str, Any]] = Field(
        description="for other organizations' entries: only public names", examples=[[]]
    )
    seen: list[dict[str, Any]] = Field(
        description="where it was seen; only for your organization's entries", examples=[[]]
    )
    evidence: str | None = Field(
        description="only for your organization's entries; for a private case, the person's note"
    )
    private_case: SaidOfCase | None = Field(
        description="only for your organization's private cases", examples=[None]
    )
    registered_by_you: bool = Field(description="you registered it, so somebody else has to decide")
    media: list[ReviewedMedium]
    derived: list[Derived]
    decisions: list[KeptDecision]
    conflicts: list[RoleConflict] = Field(examples=[[]])
    disputes: list[DisputeSummary] = Field(examples=[[]])
    opinions: OpinionSummary
    claimed: Claimed | None


class Released(Answer):
    entry_id: UuidText = Field(examples=["3f0d7f6e-1d1c-4b6a-9c39-0c1d6f2b7a10"])
    released: bool = Field(description="false: you had not claimed it", examples=[True])


class Verified(Answer):
    entry_id: UuidText = Field(examples=["3f0d7f6e-1d1c-4b6a-9c39-0c1d6f2b7a10"])
    asset_id: UuidText = Field(examples=["a3c9d0e1-52b7-4f3f-8a2e-6f1f2f3c4d5e"])
    sha256: Sha256 = Field(examples=["9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08"])
    recomputed: bool = Field(description="false: a worker is computing the fingerprint")


class ErasedReview(Answer):
    review_id: UuidText = Field(examples=["c56a4180-65aa-42ec-a945-5fd21dec0538"])
    erased: bool = Field(examples=[True])


class GivenOpinion(Answer):
    lookup_id: UuidText = Field(examples=["0b7a2c9e-8d1f-4e6a-b3c5-7d9e1f2a3b4c"])
    entry_id: UuidText = Field(examples=["3f0d7f6e-1d1c-4b6a-9c39-0c1d6f2b7a10"])
    opinion: Opinion = Field(examples=["false_positive"])
    given_at: TimeText = Field(examples=["2026-02-01T08:00:00+00:00"])
    changed_at: TimeText | None


class KeptOpinion(Answer):
    entry_id: UuidText = Field(examples=["3f0d7f6e-1d1c-4b6a-9c39-0c1d6f2b7a10"])
    lookup_id: UuidText | None = Field(
        description="only for your organization's lookups", examples=["0b7a2c9e-8d1f-4e6a-b3c5-7d9e1f2a3b4c"]
    )
    caller_id: UuidText | None = Field(examples=["6ecd8c99-4036-403d-bf84-cf8400f67836"])
    organization: str = Field(examples=["Example Platform"])
    opinion: Opinion = Field(examples=["false_positive"])
    verdict: str = Field(examples=["known_fake"])
    confidence: float | None = Field(examples=[0.95])
    relation: str | None = Field(examples=["copy"])
    reasons: list[str]
    exact: bool
    signals: dict[str, Any] | None = Field(description="with the scope `signals`", examples=[None])
    given_at: TimeText = Field(examples=["2026-02-01T08:00:00+00:00"])
    changed_at: TimeText | None


class EntryOpinions(Answer):
    entry_id: UuidText = Field(examples=["3f0d7f6e-1d1c-4b6a-9c39-0c1d6f2b7a10"])
    summary: OpinionSummary
    opinions: list[KeptOpinion]
    next: str | None


class OpinionPage(Answer):
    opinions: list[KeptOpinion]
    next: str | None

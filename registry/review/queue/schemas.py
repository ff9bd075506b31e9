"""What goes in and what comes out about reviews, opinions and disputes, as models."""

from __future__ import annotations

from typing import Annotated, Any, Literal
from uuid import UUID

from pydantic import Field

from registry.catalogue.entries.model.entry import Manipulation, Tier
from registry.catalogue.entries.schemas.registration import EntryStatus
from registry.catalogue.media.model import Kind, Role
from registry.core.http.schemas import Answer, BodyId, Request, Seconds, Sha256
from registry.review.disputes import model as dispute
from registry.review.queue import model as review

Prose = Annotated[str, Field(max_length=20_000)]
Digest = Annotated[str, Field(max_length=64, description="64 hex digits")]
Opinion = Literal["true_positive", "false_positive"]


class CourtOrder(Request):
    """A court's order; its document stays with you, both reviewers name its digest."""

    court: str = Field(max_length=300)
    docket: str = Field(max_length=100, description="the case's number")
    date: str = Field(max_length=10, description="as 2026-11-25")
    document_sha256: Digest


class NewClaim(Request):
    """For how long."""

    minutes: float | None = Field(None, description="1 to 240; absent: 30")


class NewDecision(Request):
    """What a reviewer decides of an entry that they have claimed."""

    decision: Literal["approve", "reject", "court_order", "restore"]
    covers: list[Role] = Field(
        default=["fake", "original"], min_length=1, max_length=2, description="as what its media are reviewed"
    )
    reason_code: review.Why | None = Field(None, description="needed to reject")
    reason: Prose | None = Field(None, description="in words; kept sealed")
    order: CourtOrder | None = Field(None, description="with court_order, and with nothing else")
    unseen_ok: bool = Field(
        True, description="false: refuse to approve media of which you were shown no clear picture here"
    )


class NewWithdrawal(Request):
    """Why an owner takes an entry back."""

    reason_code: review.Withdrawn
    reason: Prose | None = Field(None, description="in words; kept sealed")


class NewOpinion(Request):
    """Whether a match is right."""

    entry_id: Annotated[UUID, BodyId("Entry")]
    opinion: Opinion


class NewDispute(Request):
    """What is said against an entry, and by whom."""

    kind: dispute.Kind
    standing: dispute.Standing = Field(description="depicted: who is shown, or acts for them")
    statement: Prose = Field(description="kept sealed; the entry's owner reads it")
    contact: str | None = Field(None, max_length=300, description="kept sealed, and not for the other side")


class NewDisputeAnswer(Request):
    """What the owner of the entry says."""

    statement: Prose


class NewRuling(Request):
    """What a reviewer of neither party decides."""

    decision: Literal["accept", "uphold", "reject"] = Field(description="accept: suspend it, and hear both")
    reason_code: dispute.Why | None = Field(None, description="needed to uphold or reject")
    reason: Prose | None = Field(None, description="in words; kept sealed, both sides read it")
    remedy: dispute.Remedy | None = Field(None, description="with uphold: what becomes of the entry")
    asset_ids: list[Annotated[UUID, BodyId("Asset")]] = Field(
        default=[], max_length=100, description="with corrected: fakes that are originals"
    )
    order: CourtOrder | None = Field(None, description="against an entry that stands by an order")


class Claimed(Answer):
    by: Literal["you", "another"]
    lease_until: str


class ReviewItem(Answer):
    entry_id: str
    reason: review.Reason
    priority: int = Field(description="0: a private case, before all others; else 1 comes first")
    title: str
    status: EntryStatus
    tier: Tier
    original_tier: Tier
    own_tier: Tier | None = Field(description="of an entry of your own: what your own reviewers say")
    bank: str
    organization: str
    own: bool
    unverified: bool = Field(description="some of it is known by a document alone")
    private_case: bool = Field(description="a person without an account registered it")
    since: str
    created_at: str
    claimed: Claimed | None


class ReviewPage(Answer):
    items: list[ReviewItem]
    next: str | None


class ReviewedMedium(Answer):
    asset_id: str
    role: Role
    sha256: Sha256 | None
    kind: Kind | None
    duration: float | None
    notes: list[str]
    tier: Tier
    media_kept: bool
    recomputed: bool = Field(description="a worker has computed its fingerprint from the file")
    added_at: str
    added_by_you: bool
    seen_by_you: bool = Field(description="clear pictures of it were shown to you here")


class DerivedSpan(Answer):
    """A stretch of a fake that shows what a stretch of its original shows, in seconds."""

    fake: Seconds
    original: Seconds
    speed: float
    mirrored: bool


class Derived(Answer):
    """A fake beside an original of the same entry, by the registry's own alignment."""

    fake_id: str
    original_id: str
    faces: Literal["same", "other"] | None
    spans: list[DerivedSpan]


class KeptOrder(Answer):
    court: str | None
    docket: str | None
    date: str | None
    document_sha256: Sha256


class KeptDecision(Answer):
    review_id: str
    decision: review.Act
    organization: str
    caller_id: str | None = Field(description="of your own organization's callers")
    caller: str | None = Field(description="likewise, by name")
    reason_code: str | None
    reason: str | None = Field(description="null where there is none, or it was erased")
    order: KeptOrder | None
    decided_at: str
    stands: bool
    unseen: int | None = Field(
        description="of an approval: of how many files whoever approved was shown no clear picture here"
    )


class SaidOfCase(Answer):
    """What a person without an account says of themselves and of what they registered."""

    standing: Literal["depicted", "authorized"] = Field(description="depicted: it shows them")
    intimate: bool


class RoleConflict(Answer):
    asset_id: str
    role: Role
    entry_id: str
    other_role: Role
    title: str
    bank: str
    tier: Tier


class DisputeSummary(Answer):
    dispute_id: str
    entry_id: str
    kind: dispute.Kind
    standing: dispute.Standing
    state: dispute.State
    suspends: bool
    outcome: dispute.Outcome | None
    remedy: dispute.Remedy | None
    title: str
    entry_status: EntryStatus
    bank: str
    organization: str
    owner: str
    opened_at: str
    answer_due: str
    closed_at: str | None


class DisputePage(Answer):
    disputes: list[DisputeSummary]
    next: str | None


class Dispute(DisputeSummary):
    side: dispute.Side
    statement: str | None = Field(description="null once erased")
    contact: str | None
    answer: str | None
    answered_at: str | None
    accepted_at: str | None
    reason_code: str | None
    reasons: str | None
    order_sha256: Sha256 | None
    erased_at: str | None


class OpinionSummary(Answer):
    true_positive: int
    false_positive: int
    confirming: int = Field(description="organizations")
    denying: int
    latest: str | None


class EntryReview(Answer):
    entry_id: str
    title: str
    bank: str
    organization: str
    own: bool
    status: EntryStatus
    suspended_for: str | None
    tier: Tier = Field(description="what strangers go by")
    original_tier: Tier
    own_tier: Tier | None
    own_original_tier: Tier | None
    created_at: str
    claim: str | None
    language: str | None
    manipulation: Manipulation | None
    references: list[dict[str, Any]]
    depicted: list[dict[str, Any]] = Field(description="of other organizations' entries: the public names")
    seen: list[dict[str, Any]] = Field(description="where it was seen; of your organization's entries alone")
    evidence: str | None = Field(description="likewise; of a private case, what the person wrote")
    private_case: SaidOfCase | None = Field(description="of your own organization's private cases")
    registered_by_you: bool = Field(description="then somebody else decides")
    media: list[ReviewedMedium]
    derived: list[Derived]
    decisions: list[KeptDecision]
    conflicts: list[RoleConflict]
    disputes: list[DisputeSummary]
    opinions: OpinionSummary
    claimed: Claimed | None


class Released(Answer):
    entry_id: str
    released: bool = Field(description="false: you had not claimed it")


class Verified(Answer):
    entry_id: str
    asset_id: str
    sha256: Sha256
    recomputed: bool = Field(description="false: a worker does it now")


class ErasedReview(Answer):
    review_id: str
    erased: bool


class GivenOpinion(Answer):
    lookup_id: str
    entry_id: str
    opinion: Opinion
    given_at: str
    changed_at: str | None


class KeptOpinion(Answer):
    entry_id: str
    lookup_id: str | None = Field(description="of your own organization's lookups")
    caller_id: str | None
    organization: str
    opinion: Opinion
    verdict: str
    confidence: float | None
    relation: str | None
    reasons: list[str]
    exact: bool
    signals: dict[str, Any] | None = Field(description="with the scope `signals`")
    given_at: str
    changed_at: str | None


class EntryOpinions(Answer):
    entry_id: str
    summary: OpinionSummary
    opinions: list[KeptOpinion]
    next: str | None


class OpinionPage(Answer):
    opinions: list[KeptOpinion]
    next: str | None

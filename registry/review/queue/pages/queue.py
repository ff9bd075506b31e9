"""The pages of the review queue: its list, an entry beside related entries, claims and decisions."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final, Literal
from urllib.parse import parse_qsl, urlencode

from starlette.responses import Response

from registry.catalogue.banks.model import TIERS
from registry.catalogue.banks.schemas import ListedBank
from registry.catalogue.banks.service.banks import list_banks
from registry.catalogue.entries.pages.entries import CHANNELS
from registry.catalogue.entries.service.entries import show_entry
from registry.catalogue.media.model import Role
from registry.catalogue.media.service.uploads import uploads
from registry.console import filters, maps
from registry.console.area import Area
from registry.console.languages import N_
from registry.console.view import Nav, Page, Shown
from registry.core.errors import BadInput, NotFound
from registry.core.http.schemas import Seconds
from registry.lineage.schemas import RelatedEntry
from registry.lineage.service import get_related
from registry.review.opinions.pages import matches
from registry.review.opinions.service import entry_opinions
from registry.review.queue import model as review
from registry.review.queue.pages.comparisons import comparisons
from registry.review.queue.pages.decisions import approvals, court_order, one_of, own_claim
from registry.review.queue.pages.tasks import TASKS
from registry.review.queue.schemas import Derived, ReviewedMedium
from registry.review.queue.service.decisions import Decision, decide_entry
from registry.review.queue.service.differing import differing_cells
from registry.review.queue.service.queue import (
    ReviewFilter,
    claim_entry,
    get_review,
    list_reviews,
    release_entry,
)
from registry.review.queue.service.tiers import get_missing_approvals, verify_entry

Claimed = Literal["mine", "others", "none"]
CLAIMED: Final[tuple[Claimed, ...]] = ("mine", "others", "none")
ROLES: Final[tuple[Role, ...]] = ("fake", "original")
NEAREST: Final = 10


area = Area(
    "review",
    nav=(Nav("/review", N_("Review"), "listReviews", N_("Entries that wait for a review."), 30),),
    waiting=TASKS,
    says={
        "claimed": N_("You have claimed the entry. Nobody else can decide on it until your claim ends."),
        "released": N_("You have released the entry."),
        "decided": N_("Your decision is recorded."),
        "verifying": N_("The file has arrived and is being fingerprinted. Reload this page in a minute."),
        **filters.SAYS,
        "answered": N_("Your answer is saved. The dispute can be decided now."),
        "ruled": N_("Your decision on the dispute is recorded."),
        "taken_back": N_("The dispute is withdrawn."),
    },
    explains={
        **filters.EXPLAINS,
        "claimed_by_another": N_("Another reviewer has claimed this entry. Choose another one, or wait."),
        "not_claimed": N_("You do not hold a claim on this entry. Claim it again."),
        "claim_spent": N_("Your claim reached its limit of four hours. Others can claim the entry now."),
        "too_many_claims": N_("You have claimed twenty entries, the limit. Decide on some, or release them."),
        "second_reviewer": N_("You registered this entry or one of its files, so you cannot review it."),
        "needs_reason": N_("Choose a reason."),
        "needs_order": N_("This needs a court order: enter court, case number, date and SHA-256."),
        "needs_remedy": N_("Choose what happens to the entry, only if you uphold the dispute."),
        "pictures_unseen": N_(
            "You have not looked at all pictures of the files that you approve. Open them under “Its "
            "media”, or tick below to approve without."
        ),
        "unverified": N_("Only a fingerprint document is known. Send the file first."),
        "forged_fingerprint": N_(
            "The file contradicts the fingerprint document that was registered. Reject the entry."
        ),
        "role_conflict": N_(
            "The same file is reviewed in the other role in another entry. One of the two is wrong."
        ),
        "nothing_to_review": N_(
            "The decision covers no file that you claimed. Claim the entry again and look at its files."
        ),
        "wrong_status": N_("The entry has changed. Look at it again before you decide."),
        "wrong_state": N_("The dispute has changed. Look at it again before you decide."),
        "party_decides": N_("Parties and reviewers of the entry cannot decide the dispute."),
        "not_heard": N_("The owner can still answer. Until then you can only accept or reject the dispute."),
        "dispute_closed": N_("The dispute is closed."),
        "statement_erased": N_("The text of this dispute was erased."),
        "not_that_file": N_("That is a different file. Send the one whose SHA-256 is shown below."),
        "bad_sha256": N_("Enter the SHA-256 of the document: 64 hex digits."),
        "bad_time": N_("A date cannot be read, or is in the future."),
    },
)


@area.page("/review", operation="listReviews")
def queue(page: Page) -> Shown:
    """List the review queue, filtered."""
    banks = list_banks(page.service, page.caller)
    chosen = _filters(page, banks)
    since, until = filters.days(page, chosen)
    filter_ = ReviewFilter(
        bank=chosen.get("bank"),
        reason=one_of(review.REASONS, chosen.get("reason")),
        claimed=one_of(CLAIMED, chosen.get("claimed")),
        unverified={"yes": True, "no": False}.get(chosen.get("unverified", "")),
        text=chosen.get("text"),
        tier=one_of(TIERS, chosen.get("tier")),
        since=since,
        until=until,
        person=chosen.get("person"),
    )
    page_ = list_reviews(page.service, page.caller, filter_, after=page.query("after") or None)
    return page.show(
        "review/queue.html",
        items=page_.items,
        next=None if page.error else page_.next,
        chosen=chosen,
        kept_of=filters.savable(chosen),
        banks=banks,
        reasons=review.REASONS,
        views=filters.views(page, "review"),
    )


filters.register_views(
    area,
    "/review",
    "review",
    operation="listReviews",
    again=queue,
    filters=lambda page: filters.savable(_filters(page, list_banks(page.service, page.caller))),
)


@area.page("/review/{entry_id}", operation="showReview")
def item(page: Page) -> Shown:
    """Show an entry with its related entries, decisions, disputes and opinions."""
    entry_id = page.uuid("entry_id")
    review_ = get_review(page.service, page.caller, entry_id)
    opinions = None
    if review_.own and page.may("listEntryOpinions"):
        opinions = entry_opinions(page.service, page.caller, entry_id, limit=20).opinions
    try:
        details = show_entry(page.service, page.caller, entry_id)
        near = get_related(page.service, page.caller, entry_id, limit=NEAREST)
    except NotFound:  # other organizations see a suspended entry only as reviewers
        details, near = None, None
    return page.show(
        "review/item.html",
        item=review_,
        told=details,
        near=near,
        drawn=[_related(relative, review_.media) for relative in near.related] if near else [],
        derived=[_beside(pair, review_.media) for pair in review_.derived],
        maps=[
            maps.drawn((row, column, "differs") for row, column in cells)
            for cells in differing_cells(page.service, review_.derived)
        ],
        eyes=approvals(page, review_),
        missing=get_missing_approvals(page.service, page.caller, entry_id),
        opinions=opinions,
        matches=matches(page, entry_id),
        whys=review.WHYS,
        channels=CHANNELS,
        shown=comparisons(page, entry_id, review_, near.related if near else ()),
        list=urlencode(_queue_filters(page)),
        **own_claim(review_),
    )


@area.form("/review/{entry_id}/claim", operation="claimReview", again=item)
def claim(page: Page) -> Response:
    """Claim the entry, or extend the claim."""
    entry_id = page.uuid("entry_id")
    claim_entry(page.service, page.caller, entry_id)
    return page.go(f"/review/{entry_id}", "claimed", **_carried_filters(page))


@area.form("/review/{entry_id}/release", operation="releaseReview", again=item)
def release(page: Page) -> Response:
    """End the claim."""
    release_entry(page.service, page.caller, page.uuid("entry_id"))
    return page.go("/review", "released", **_queue_filters(page))


@area.form("/review/{entry_id}/decide", operation="decideReview", again=item)
def decide(page: Page) -> Shown | Response:
    """Decide on the entry. If the claim ended meanwhile, claim it again and keep the form's content."""
    entry_id, typed = page.uuid("entry_id"), page.typed
    if typed.text("then") == "claim":
        claim_entry(page.service, page.caller, entry_id)
        return item(page)
    act = one_of(review.ACTS, typed.text("decision"))
    covers = tuple(role for role in ROLES if role in typed.all("covers"))
    if act is None or (act in {"approve", "court_order"} and not covers):
        raise BadInput("Choose a decision, and what it covers.", next_step="Choose, and send it again.")
    decision = Decision(
        act,
        covers=covers or ROLES,
        reason_code=one_of(review.WHYS, typed.text("reason_code")),
        reason=typed.text("reason").strip() or None,
        order=court_order(page) if act == "court_order" else None,
        unseen_ok=typed.given("unseen"),
    )
    decide_entry(page.service, page.caller, entry_id, decision)
    return page.go("/review", "decided", **_queue_filters(page))


@area.form("/review/{entry_id}/verify", operation="verifyReview", again=item, files=1)
def verify(page: Page) -> Response:
    """Send the file of an entry that is known by a document alone."""
    entry_id, files = page.uuid("entry_id"), page.files("media")[:1]
    if not files:
        raise BadInput("No file was chosen.", next_step="Choose the file, and send it again.")
    with uploads(page.service, files) as stored:
        verify_entry(page.service, page.caller, entry_id, stored[0])
    return page.go(f"/review/{entry_id}", "verifying", **_carried_filters(page))


def _filters(page: Page, banks: Sequence[ListedBank]) -> dict[str, str]:
    """Return the valid filters of the request."""
    allowed: dict[str, Sequence[str]] = {
        "bank": [bank.bank_id for bank in banks],
        "reason": review.REASONS,
        "tier": TIERS,
        "claimed": CLAIMED,
        "unverified": ("yes", "no"),
    }
    typed = filters.chosen_filters(page, "text", "person", *allowed, "since", "until")
    return {name: value for name, value in typed.items() if name not in allowed or value in allowed[name]}


def _queue_filters(page: Page) -> dict[str, str]:
    """Return the queue's filters with which the reader opened the entry. Its page carries them along."""
    return dict(parse_qsl((page.typed.text("list") or page.query("list"))[:4000]))


def _carried_filters(page: Page) -> dict[str, str]:
    """Return these filters for the URL of the entry's page."""
    came_from = _queue_filters(page)
    return {"list": urlencode(came_from)} if came_from else {}


Bands = Sequence[tuple[Seconds, Seconds]]
"""Matching spans of two media, in seconds."""


def _related(near: RelatedEntry, media: Sequence[ReviewedMedium]) -> dict[str, Any]:
    """Draw the spans of a relative."""
    return _drawn(near.asset_id, [(span.entry, span.related) for span in near.spans], media)


def _beside(pair: Derived, media: Sequence[ReviewedMedium]) -> dict[str, Any]:
    """Draw a fake and an original of its entry, like a relative."""
    named = {medium.asset_id: medium.sha256 for medium in media}
    return {
        "faces": pair.faces,
        "fake": named.get(pair.fake_id) or "",
        "original": named.get(pair.original_id) or "",
        "spans": [{**span.model_dump(), "entry": span.fake, "related": span.original} for span in pair.spans],
        **_drawn(pair.fake_id, [(span.fake, span.original) for span in pair.spans], media),
    }


def _drawn(asset_id: str, bands: Bands, media: Sequence[ReviewedMedium]) -> dict[str, Any]:
    """Return a drawing 1000 wide: seconds of the entry's medium above, of the other below, to scale."""
    duration = next((medium.duration for medium in media if medium.asset_id == asset_id), None)
    longest = max((side[1] for band in bands for side in band), default=0.0)
    scale = 1000 / max(duration or 0.0, longest, 0.1)
    bands_ = []
    for band in bands:
        (a, b), (c, d) = ([round(at * scale, 1) for at in side] for side in band)
        b, d = max(b, a + 6), max(d, c + 6)
        bands_.append({"above": (a, b - a), "below": (c, d - c), "points": f"{a},20 {b},20 {d},52 {c},52"})
    return {"bands": bands_, "ours": round((duration or longest) * scale, 1)}

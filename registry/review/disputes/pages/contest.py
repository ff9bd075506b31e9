"""Opinions on matches of an entry, and disputes of it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final
from uuid import UUID

from starlette.responses import Response

from registry.catalogue.entries.pages.entries import shown
from registry.catalogue.entries.service.entries import show_entry
from registry.console.area import Area
from registry.console.languages import N_
from registry.console.view import Page, Shown, as_uuid
from registry.core.errors import BadInput, NotFound
from registry.review.disputes import model as dispute
from registry.review.disputes.service.disputes import Contest, DisputeFilter, list_disputes, open_dispute
from registry.review.opinions.pages import matches
from registry.review.opinions.service import give_opinion
from registry.review.queue.schemas import Opinion

OPINIONS: Final[tuple[Opinion, ...]] = ("true_positive", "false_positive")
CONTESTED: Final = ("matchable", "suspended")
"""Statuses of an entry that can be contested."""

area = Area(
    "contest",
    says={
        "opinion_kept": N_("Your opinion is saved. The owner of the entry can see it."),
        "contested": N_("The dispute is open. The owner of the entry can answer before it is decided."),
        "contested_at_once": N_("The dispute is open. Lookups do not find the entry until it is decided."),
    },
    explains={
        "unknown_lookup": N_("Your organization has no lookup with that id."),
        "unknown_match": N_("That lookup did not find this entry."),
        "not_answered": N_("That lookup has not been answered."),
        "dispute_repeated": N_(
            "Your organization already has a dispute about this entry, or lost one recently. See “Disputes”."
        ),
        "too_many_disputes": N_(
            "Your organization has reached its number of disputes for today. Try again tomorrow."
        ),
    },
)


def section(page: Page, entry_id: UUID) -> Mapping[str, Any]:
    """Return the entry's disputes, and the lookups on which the reader can give an opinion."""
    page_ = list_disputes(page.service, page.caller, DisputeFilter(entry_id=entry_id), limit=50)
    return {"disputes": page_.disputes, "matches": matches(page, entry_id)}


@area.form("/entries/{entry_id}/opinion", operation="giveOpinion", again=shown)
def say(page: Page) -> Response:
    """Store an opinion on a match."""
    entry_id, typed = page.uuid("entry_id"), page.typed
    opinion = next((opinion for opinion in OPINIONS if opinion == typed.text("opinion")), None)
    if opinion is None:
        raise BadInput("Say whether the match is right or wrong.")
    try:
        lookup_id = as_uuid(typed.text("lookup"))
        give_opinion(page.service, page.caller, lookup_id, entry_id=entry_id, opinion=opinion)
    except NotFound as error:  # the form is shown again with the error
        code = "unknown_lookup" if error.code == "not_found" else error.code
        raise BadInput.of_code(code, error.message) from None
    place = "review" if typed.text("back") == "review" else "entries"
    return page.go(f"/{place}/{entry_id}", "opinion_kept", lookup=str(lookup_id))


@area.page("/entries/{entry_id}/contest", operation="openDispute")
def ask(page: Page) -> Shown:
    """Show the form to contest an entry."""
    entry = show_entry(page.service, page.caller, page.uuid("entry_id"))
    return page.show(
        "contest/form.html",
        entry=entry,
        possible=entry.status in CONTESTED,
        kinds=dispute.KINDS,
        standings=dispute.STANDINGS,
        days=dispute.ANSWER_DAYS,
    )


@area.form("/entries/{entry_id}/contest", operation="openDispute", again=ask)
def contest(page: Page) -> Response:
    """Open a dispute."""
    typed = page.typed
    kind = next((kind for kind in dispute.KINDS if kind == typed.text("kind")), None)
    standing = next((standing for standing in dispute.STANDINGS if standing == typed.text("standing")), None)
    if kind is None or standing is None:
        raise BadInput("Say what the entry is, and who you are.", next_step="Choose, and send it again.")
    statement = Contest(kind, standing, typed.text("statement"), typed.text("contact").strip() or None)
    dispute_ = open_dispute(page.service, page.caller, page.uuid("entry_id"), statement)
    word = "contested_at_once" if dispute_.suspends else "contested"
    return page.go(f"/disputes/{dispute_.dispute_id}", word)

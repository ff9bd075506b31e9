"""Entries: their list, and the page of one: what it is, where it comes from, what happened to it."""

from __future__ import annotations

from collections.abc import Container, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final
from uuid import UUID

import orjson
from starlette.responses import Response

from registry.catalogue.banks.model import TIERS
from registry.catalogue.banks.service.list_banks import list_banks
from registry.catalogue.entries.service.list_entries import list_entries
from registry.catalogue.entries.service.retry_entry import retry_entry
from registry.catalogue.entries.service.show_claim_review import show_claim_review
from registry.catalogue.entries.service.show_entry import show_entry, works_on
from registry.catalogue.entries.service.show_public_entry import show_public_entry
from registry.console import filters
from registry.console.area import EVERYBODY, Area
from registry.console.languages import N_
from registry.console.view import Nav, Page, Shown, home
from registry.core.errors import NotFound
from registry.lineage.model import lineage_drawing
from registry.lineage.service.show_provenance import show_provenance
from registry.lineage.service.show_related import show_related
from registry.matching.decision.model.coarse import rounded
from registry.review.disputes.service.list_disputes import list_disputes
from registry.review.opinions.pages import matches
from registry.takedown.campaigns.service.list_campaigns import list_campaigns
from registry.transparency.entry_proof.model import entry_proof
from registry.transparency.entry_proof.service import prove_entry
from registry.transparency.ledger.service.show_history import show_history

MANIPULATIONS: Final = {
    "face_swap": N_("Face swap"),
    "lip_sync": N_("Lip-sync"),
    "synthetic": N_("Synthetic"),
    "edited": N_("Edited"),
    "audio": N_("Voice or sound"),
}
STATUSES: Final = {
    "pending": N_("Waiting"),
    "matchable": N_("Matchable"),
    "failed": N_("Failed"),
    "suspended": N_("Suspended"),
    "withdrawn": N_("Withdrawn"),
}
MEDIUM: Final = {
    "pending": N_("Waiting"),
    "fingerprinted": N_("Fingerprinted"),
    "failed": N_("Failed"),
}
KINDS: Final = {
    "entry.registered": N_("Registered"),
    "entry.changed": N_("Its description was changed"),
    "entry.retried": N_("Its media were read again"),
    "entry.reviewed": N_("Its tier was set"),
    "entry.suspended": N_("Suspended"),
    "entry.restored": N_("Restored"),
    "entry.withdrawn": N_("Withdrawn"),
    "entry.details_erased": N_("People, places and evidence were erased"),
    "asset.added": N_("A medium was added"),
    "asset.fingerprinted": N_("A medium was fingerprinted"),
    "asset.failed": N_("A medium could not be read"),
    "asset.removed": N_("A medium was taken out"),
    "asset.revealed": N_("A picture of it was shown clearly"),
    "entry.failed": N_("It could not be read"),
    "entry.matchable": N_("It answers lookups from here on"),
    "entry.reweighed": N_("Its tier was set anew"),
    "review.claimed": N_("A reviewer took it up"),
    "review.released": N_("A reviewer laid it down"),
    "review.decided": N_("A reviewer decided"),
    "review.erased": N_("A reviewer’s reasons were erased"),
    "opinion.given": N_("An opinion was given"),
    "dispute.opened": N_("It was contested"),
    "dispute.answered": N_("The dispute was answered"),
    "dispute.decided": N_("The dispute was decided"),
    "dispute.erased": N_("What was written in the dispute was erased"),
    "case.matched": N_("A lookup met what a private case is about"),
    "notice.added": N_("A takedown notice was drafted"),
    "notice.found_again": N_("It was found again where it had been removed"),
}
"""Events in words; what is not here is told by its kind."""
RELATIONS: Final = {
    "copy": N_("the same fake"),
    "same_footage_other_face": N_("same footage, another face"),
    "shares_original": N_("made from the same original"),
}
ORIGINS: Final = {
    "absent": N_("no manifest"),
    "unreadable": N_("a manifest that could not be read"),
    "invalid": N_("a manifest that does not hold"),
    "valid": N_("a manifest by a signer who is not known here"),
    "trusted": N_("a manifest by a known signer"),
}
DISPUTES: Final = {
    "satire": N_("Satire"),
    "own_consent": N_("Made with consent"),
    "mistaken": N_("A mistake"),
    "authentic": N_("Authentic footage"),
}
CHANNELS: Final = {
    "public": N_("open to anybody"),
    "messaging": N_("messaging group or chat"),
    "other": N_("elsewhere"),
}

DRAWING: Final = {
    "title": N_("Where an entry comes from"),
    "fp:Entry": N_("entry"),
    "fp:Fake": N_("fake"),
    "fp:Original": N_("original"),
    "fp:Sighting": N_("seen here"),
    "fp:ForeignEntry": N_("entry of another registry"),
    "wasDerivedFrom": N_("made from"),
    "alternateOf": N_("same footage"),
    "hadMember": N_("belongs to"),
    "specializationOf": N_("seen at"),
    "variant": N_("variant"),
    "taken": N_("taken from"),
    "face_swap": N_("face swap"),
    "lip_sync": N_("lip-sync"),
    "synthetic": N_("synthetic"),
    "edited": N_("edited"),
    "audio": N_("voice or sound"),
    "unreviewed": N_("unreviewed"),
    "reviewed": N_("reviewed"),
    "court_order": N_("court order"),
    "untitled": N_("without a title"),
}
"""The words of the drawing: those of `lineage_drawing.ENGLISH`, to be translated."""

area = Area(
    "entries",
    nav=(
        Nav("/entries", N_("Entries"), "listEntries", N_("What your organization has registered."), place=40),
    ),
    says={"retried": N_("Its media are being read again."), **filters.SAYS},
    explains={
        **filters.EXPLAINS,
        "unknown_entry": N_(
            "There is no such entry, or your account does not show it: private cases are for reviewers alone."
        ),
        "nothing_to_retry": N_("No medium of this entry has failed."),
        "media_gone": N_("The media are no longer kept: register the files again."),
        "not_signed": N_("The ledger does not cover the entry yet; that takes a second or two. Try again."),
        "bad_cursor": N_("That page of the list is gone. Begin at the first one."),
    },
)


@dataclass(frozen=True, slots=True)
class Told:
    """An event of the history: its kind in words, and at what place of the ledger it stands."""

    index: int | None
    kind: str
    said: str
    at: str
    covered: bool


@area.page("/entries", door="listEntries")
def listed(page: Page) -> Shown:
    """What my organization has registered, newest first."""
    asked = _asked(page)
    since, until = filters.days(page, asked)
    found = list_entries(
        page.service,
        page.caller,
        bank=asked.get("bank"),
        status=asked.get("status"),
        text=asked.get("text"),
        tier=next((tier for tier in TIERS if tier == asked.get("tier")), None),
        since=since,
        until=until,
        person=asked.get("person"),
        limit=50,
        after=page.query("after") or None,
    )
    return page.show(
        "entries/list.html",
        entries=found["entries"],
        next=None if page.error else found["next"],
        asked=asked,
        kept_of=_kept(page),
        views=filters.views(page, "entries"),
        banks=own_banks(page),
        statuses=[(code, page.words.text(said)) for code, said in STATUSES.items()],
        manipulations=MANIPULATIONS,
    )


def _asked(page: Page) -> dict[str, str]:
    """The filters that were asked for, of those that there are."""
    found = filters.asked(page, "text", "person", "bank", "tier", "status", "since", "until")
    known: dict[str, Container[str]] = {"status": STATUSES, "tier": TIERS}
    return {name: value for name, value in found.items() if value in known.get(name, (value,))}


def _kept(page: Page) -> dict[str, str]:
    return filters.keepable(_asked(page))


filters.keep_views(area, "/entries", "entries", door="listEntries", again=listed, filters=_kept)


def own_banks(page: Page) -> list[tuple[str, str]]:
    """The banks of my organization, as a list to choose from."""
    return [(one["name"], one["name"]) for one in list_banks(page.service, page.caller) if one["own"]]


@area.page("/entries/{entry_id}", door="showEntry")
def shown(page: Page) -> Shown:
    """An entry."""
    entry_id = page.uuid("entry_id")
    entry = show_entry(page.service, page.caller, entry_id)
    own = entry["review"] is not None
    related = show_related(page.service, page.caller, entry_id, limit=20, after=page.query("after") or None)
    history = show_history(page.service, page.caller, entry_id)
    return page.show(
        "entries/entry.html",
        entry=entry,
        own=own,
        works=works_on(page.caller, own=own),
        working=is_working(entry),
        family=[one for one in entry["variants"] if one["entry_id"] != entry["entry_id"]],
        related=related,
        relatives=[coarse(page, one) for one in related["related"]],
        disputes=list_disputes(page.service, page.caller, entry_id=entry_id, limit=50)["disputes"],
        history=history,
        events=list(_told(page, history)),
        language=_language(page, entry["language"]),
        public=public_address(page, entry_id) if own else "",
        matches=matches(page, entry_id),
        campaigns=_campaigns(page, entry_id),
        **WORDS,
    )


def _campaigns(page: Page, entry_id: UUID) -> list[dict[str, Any]] | None:
    """Of my organization's takedown those campaigns that are about it; None for who has no part in that."""
    if not page.may("listCampaigns"):
        return None
    found: list[dict[str, Any]] = list_campaigns(page.service, page.caller, entry_id=entry_id)["campaigns"]
    return found


WORDS: Final[Mapping[str, Any]] = {
    "manipulations": MANIPULATIONS,
    "medium_words": MEDIUM,
    "relations": RELATIONS,
    "origins": ORIGINS,
    "contests": DISPUTES,
    "channels": CHANNELS,
}


def is_working(entry: Mapping[str, Any]) -> bool:
    """Whether workers have yet to read media of it."""
    return entry["status"] != "withdrawn" and any(one["status"] == "pending" for one in entry["assets"])


def public_address(page: Page, entry_id: UUID) -> str:
    """Where everybody may read it; empty where its bank shows it to nobody."""
    try:
        show_public_entry(page.service, entry_id)
    except NotFound:
        return ""
    return f"{page.origin}{home(f'/public/{entry_id}')}"


@area.page("/public/{entry_id}", door=EVERYBODY)
def public(page: Page) -> Shown:
    """What everybody may read of an entry, with ClaimReview for machines."""
    entry_id = page.uuid("entry_id")
    entry = show_public_entry(page.service, entry_id)
    address = f"{page.origin}{home(f'/public/{entry_id}')}"
    first, *others = entry["claim_review"]["@graph"]
    review = {**entry["claim_review"], "@graph": [{**first, "url": address}, *others]}
    return page.show(
        "entries/public.html",
        entry=entry,
        address=address,
        review=review,
        language=_language(page, entry["language"]),
        manipulations=MANIPULATIONS,
    )


@area.page("/entries/{entry_id}/media", door="showEntry")
def media(page: Page) -> Shown | Response:
    """How far its media are; asked again and again while they are read, then the whole page once."""
    entry = show_entry(page.service, page.caller, page.uuid("entry_id"))
    if not page.fragment:
        return page.go(f"/entries/{entry['entry_id']}")
    if not is_working(entry):
        return Response(status_code=200, headers={"HX-Refresh": "true"})
    own = entry["review"] is not None
    return page.show("entries/media_part.html", entry=entry, own=own, working=True, **WORDS)


@area.form("/entries/{entry_id}/retry", door="retryEntry", again=shown)
def retry(page: Page) -> Response:
    """Read media again that could not be."""
    entry = retry_entry(page.service, page.caller, page.uuid("entry_id"))
    return page.go(f"/entries/{entry['entry_id']}", "retried")


@area.page("/entries/{entry_id}/graph.svg", door="showProvenance")
def graph(page: Page) -> Response:
    """Where it comes from, as the API draws it. By itself it runs nothing and fetches nothing."""
    found = show_provenance(page.service, page.caller, page.uuid("entry_id"))
    headers = {
        "Content-Security-Policy": "default-src 'none'; style-src 'unsafe-inline'; sandbox",
        "Cache-Control": "private, no-cache",
        "Vary": "Cookie, Accept-Language",
    }
    speaks = page.words.within("entries")
    drawing = lineage_drawing.svg(found, {name: speaks.text(word) for name, word in DRAWING.items()})
    return Response(drawing, media_type="image/svg+xml", headers=headers)


@area.page("/entries/{entry_id}/history.json", door="showHistory")
def history_file(page: Page) -> Response:
    """Its history with the proofs: what the script checks, and `fakeprint verify` as a file."""
    found = show_history(page.service, page.caller, page.uuid("entry_id"))
    return _file(orjson.dumps(found), "application/json", f"history-{found['entry_id']}.json")


@area.page("/entries/{entry_id}/proof.json", door="proveEntry")
def proof_file(page: Page) -> Response:
    """What was known of it when, for whoever checks it without a network."""
    entry_id = page.uuid("entry_id")
    found = prove_entry(page.service, page.caller, entry_id, with_fingerprints=False)
    return _file(found, entry_proof.MEDIA_TYPE, f"proof-{entry_id}.json")


@area.page("/entries/{entry_id}/claim-review.jsonld", door="showClaimReview")
def claim_review_file(page: Page) -> Response:
    """As ClaimReview and MediaReview, for the page of a fact-checker."""
    entry_id = page.uuid("entry_id")
    found = show_claim_review(page.service, page.caller, entry_id)
    return _file(orjson.dumps(found), "application/ld+json", f"claim-review-{entry_id}.jsonld")


def _file(body: bytes, kind: str, name: str) -> Response:
    headers = {"Content-Disposition": f'attachment; filename="{name}"', "Cache-Control": "private, no-cache"}
    return Response(body, media_type=kind, headers=headers)


def _told(page: Page, history: Mapping[str, Any]) -> Iterator[Told]:
    for one in history["events"]:
        said = KINDS.get(one["kind"])
        yield Told(
            one["index"],
            one["kind"],
            page.words.text(said) if said else one["kind"],
            one["at"],
            one["proof"] is not None,
        )


def coarse(page: Page, one: Mapping[str, Any]) -> dict[str, Any]:
    """Without the scope `signals`, the probability to .05, as the API tells it."""
    score = one["score"]
    return {**one, "score": score if score is None or page.caller.sees_signals else rounded(score)}


def _language(page: Page, tag: str | None) -> str:
    """A tag's language by its name, where the reader's language has one."""
    named = page.words.locale.languages.get((tag or "").partition("-")[0].lower(), tag or "")
    return str(named)

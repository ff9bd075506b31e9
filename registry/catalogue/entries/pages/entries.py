"""Pages of one entry: what it is and what to do next, its media, and its public page."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final, Literal
from uuid import UUID

import orjson
from starlette.responses import Response

from registry.catalogue.banks.service.banks import list_banks
from registry.catalogue.entries.schemas.registration import Entry
from registry.catalogue.entries.service.addresses import public_page
from registry.catalogue.entries.service.entries import (
    count_failed_entries,
    get_claim_review,
    get_public_entry,
    show_entry,
    works_on,
)
from registry.catalogue.entries.service.registration import retry_entry
from registry.catalogue.previews.pages import pictures
from registry.console import filters
from registry.console.area import EVERYBODY, Area
from registry.console.languages import N_
from registry.console.view import Card, Nav, Page, Shown, Waiting
from registry.core.errors import NotFound

MANIPULATIONS: Final = {
    "face_swap": N_("Face swap"),
    "lip_sync": N_("Lip-sync"),
    "synthetic": N_("Synthetic"),
    "edited": N_("Edited"),
    "audio": N_("Voice or sound"),
    "voice_clone": N_("Imitated voice"),
    "spliced": N_("Cut or joined speech"),
}
TIER_NAMES: Final = {
    "unreviewed": N_("Unreviewed"),
    "reviewed": N_("Reviewed"),
    "court_order": N_("Court order"),
}
STATUSES: Final = {
    "pending": N_("Waiting"),
    "matchable": N_("Searchable"),
    "failed": N_("Failed"),
    "suspended": N_("Suspended"),
    "withdrawn": N_("Withdrawn"),
}
MEDIUM: Final = {
    "pending": N_("Waiting"),
    "fingerprinted": N_("Fingerprinted"),
    "failed": N_("Failed"),
}
ORIGINS: Final = {
    "absent": N_("no manifest"),
    "unreadable": N_("a manifest that could not be read"),
    "invalid": N_("a manifest that is not valid"),
    "valid": N_("a manifest by an unknown signer"),
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

Section = Callable[[Page, UUID], Mapping[str, Any]]
SECTIONS: Final[list[Section]] = []
"""Sections of an entry's page that other rooms provide, as template values by name. Filled in
`registry/app/pages/entries.py`."""


@dataclass(frozen=True, slots=True)
class Step:
    """What a reader does next with an entry: why, and a link or, with `method` post, a button."""

    text: str
    label: str
    path: str
    method: Literal["get", "post"] = "get"


Advice = Callable[[Page, Entry, Mapping[str, Any]], Step | None]
STEPS: Final[list[Advice]] = []
"""Next steps of a reader, the most urgent first. Each sees the values of `SECTIONS`. Filled in
`registry/app/pages/entries.py`."""


def _failed(page: Page) -> Card:
    return Card(
        N_("Failed registrations"),
        N_("No registration failed."),
        "/entries?status=failed",
        count_failed_entries(page.service, page.caller),
        N_("These files could not be read, so lookups do not find them. Retry, or send other files."),
        broken=True,
    )


area = Area(
    "entries",
    waiting=(Waiting("retryEntry", _failed),),
    nav=(Nav("/entries", N_("Entries"), "listEntries", N_("Entries of your organization."), place=40),),
    says={
        "retried": N_("Its files are being read again."),
        "changed": N_("The changes are saved."),
        "added": N_("The files are added. Lookups find them as soon as they are read."),
        "added_before": N_("The entry already had these files. Nothing has changed."),
        "linked": N_("The entry is now a variant of the other one."),
        "unlinked": N_("The entry is no longer a variant."),
        "details_erased": N_(
            "People, places and evidence are erased. Copies in backups cannot be read either."
        ),
        "withdrawn": N_("The entry is withdrawn. Lookups no longer find it."),
        **filters.SAYS,
    },
    explains={
        **filters.EXPLAINS,
        "unknown_entry": N_(
            "This entry does not exist, or your account may not see it. Only reviewers see private cases."
        ),
        "nothing_to_retry": N_("No file of this entry has failed."),
        "media_gone": N_("The files are no longer stored. Register them again."),
        "not_signed": N_("The ledger does not cover the entry yet. Try again in two seconds."),
        "bad_cursor": N_("That page of the list no longer exists. Go back to the first page."),
        "no_file": N_("Choose a file."),
        "foreign_bank": N_("The entry belongs to another organization, which alone can change it."),
        "own_variant": N_("An entry cannot be a variant of itself, or of one of its own variants."),
        "bad_document": N_("A fingerprint document cannot be read. Create it again with `fakeprint hash`."),
        "role_conflict": N_(
            "The same file was chosen as fake and as original. Choose the genuine footage as the original."
        ),
        "bad_reference": N_(
            "One of the fact-check addresses is not valid. Write one a line, each beginning with https://."
        ),
        "bad_detail": N_(
            "A place where it was seen cannot be read. Write one a line: an address or a platform, with "
            "or without a day before it."
        ),
        "bank_full": N_("The bank is full. Ask an administrator to raise its limit."),
        "entry_withdrawn": N_("The entry is withdrawn. Only reviewers can restore it."),
    },
)


def own_banks(page: Page) -> list[tuple[str, str]]:
    """Return the banks of the reader's organization, as options of a select."""
    return [(bank.name, bank.name) for bank in list_banks(page.service, page.caller) if bank.own]


@area.page("/entries/{entry_id}", operation="showEntry")
def shown(page: Page) -> Shown:
    """Show an entry."""
    entry_id = page.uuid("entry_id")
    entry = show_entry(page.service, page.caller, entry_id)
    own = entry.review is not None
    parts = {name: value for section in SECTIONS for name, value in section(page, entry_id).items()}
    return page.show(
        "entries/entry.html",
        entry=entry,
        own=own,
        works=works_on(page.caller, own=own),
        working=is_working(entry),
        step=next((step for advise in STEPS if (step := advise(page, entry, parts))), None),
        pictures=pictures.of_entry(page, entry),
        family=entry.variants,
        language=language_name(page, entry.language),
        named=lambda tag: language_name(page, tag),
        public=public_address(page, entry_id) if own else "",
        **WORDS,
        **parts,
    )


WORDS: Final[Mapping[str, Any]] = {
    "manipulations": MANIPULATIONS,
    "medium_words": MEDIUM,
    "origins": ORIGINS,
    "contests": DISPUTES,
    "channels": CHANNELS,
}


def is_working(entry: Entry) -> bool:
    """Return whether media of the entry waits for the workers."""
    return entry.status != "withdrawn" and any(asset.status == "pending" for asset in entry.assets)


def public_address(page: Page, entry_id: UUID) -> str:
    """Return the address of the entry's public page. Empty if its bank does not publish it."""
    try:
        get_public_entry(page.service, entry_id, page.origin)
    except NotFound:
        return ""
    return public_page(page.origin, entry_id)


@area.page("/public/{entry_id}", operation=EVERYBODY)
def public(page: Page) -> Shown:
    """Show the public page of an entry, with ClaimReview for machines."""
    entry_id = page.uuid("entry_id")
    entry = get_public_entry(page.service, entry_id, page.origin)
    return page.show(
        "entries/public.html",
        entry=entry,
        address=public_page(page.origin, entry_id),
        review=entry.claim_review,
        language=language_name(page, entry.language),
        manipulations=MANIPULATIONS,
    )


@area.page("/entries/{entry_id}/media", operation="showEntry")
def media(page: Page) -> Shown | Response:
    """Show the progress of an entry's media. The browser polls it, and reloads the page at the end."""
    entry = show_entry(page.service, page.caller, page.uuid("entry_id"))
    if not page.fragment:
        return page.go(f"/entries/{entry.entry_id}")
    if not is_working(entry):
        return Response(status_code=200, headers={"HX-Refresh": "true"})
    own = entry.review is not None
    return page.show("entries/media_part.html", entry=entry, own=own, working=True, **WORDS)


@area.form("/entries/{entry_id}/retry", operation="retryEntry", again=shown)
def retry(page: Page) -> Response:
    """Retry failed media."""
    entry = retry_entry(page.service, page.caller, page.uuid("entry_id"))
    return page.go(f"/entries/{entry.entry_id}", "retried")


@area.page("/entries/{entry_id}/claim-review.jsonld", operation="showClaimReview")
def claim_reviewfile_of(page: Page) -> Response:
    """Download an entry as ClaimReview and MediaReview."""
    entry_id = page.uuid("entry_id")
    document = get_claim_review(page.service, page.caller, entry_id, page.origin)
    return file_of(orjson.dumps(document), "application/ld+json", f"claim-review-{entry_id}.jsonld")


def file_of(body: bytes, kind: str, name: str) -> Response:
    """Return a file to download under this name."""
    headers = {"Content-Disposition": f'attachment; filename="{name}"', "Cache-Control": "private, no-cache"}
    return Response(body, media_type=kind, headers=headers)


def language_name(page: Page, tag: str | None) -> str:
    """Return the name of a language tag in the reader's language, else the tag."""
    named = page.words.locale.languages.get((tag or "").partition("-")[0].lower(), tag or "")
    return str(named)

"""The page that makes an entry a variant of another, or ends that."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from starlette.responses import Response

from registry.catalogue.entries.pages.entries import area
from registry.catalogue.entries.pages.picker import find
from registry.catalogue.entries.service.entries import change_entry, show_entry
from registry.console.view import Page, Shown, as_uuid
from registry.core.errors import BadInput
from registry.lineage.pages.related import RELATIONS
from registry.lineage.schemas import RelatedEntry
from registry.lineage.service import get_related

NEAREST: Final = 10


@area.page("/entries/{entry_id}/variants", operation="changeEntry")
def variants(page: Page) -> Shown:
    """Show the variants of an entry, similar entries, and the entry picker."""
    entry = show_entry(page.service, page.caller, page.uuid("entry_id"))
    sought = page.query("sought")
    family = [entry.entry_id, *(variant.entry_id for variant in entry.variants)]
    return page.show(
        "entries/variants.html",
        entry=entry,
        family=family,
        sought=sought,
        found=find(page, sought, but=family),
        near=_near(page, family),
        relations=RELATIONS,
    )


def _near(page: Page, family: Sequence[str]) -> list[RelatedEntry]:
    related = get_related(page.service, page.caller, page.uuid("entry_id"), limit=NEAREST).related
    return [relative for relative in related if relative.entry_id not in family]


@area.form("/entries/{entry_id}/variants", operation="changeEntry", again=variants)
def link(page: Page) -> Response:
    """Make the entry a variant of the chosen one, or, with `leave`, of none."""
    entry_id = page.uuid("entry_id")
    if page.typed.given("leave"):
        change_entry(page.service, page.caller, entry_id, {"variant_of": None})
        return page.go(f"/entries/{entry_id}", "unlinked")
    if not page.typed.given("variant_of"):
        raise BadInput("Choose an entry.", next_step="Search for it, choose it, and send the form again.")
    change_entry(page.service, page.caller, entry_id, {"variant_of": as_uuid(page.typed.text("variant_of"))})
    return page.go(f"/entries/{entry_id}", "linked")

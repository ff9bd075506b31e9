"""The drawing of the provenance on the page of an entry."""

from __future__ import annotations

from typing import Final

from starlette.responses import Response

from registry.catalogue.entries.pages.entries import area
from registry.console.languages import N_
from registry.console.view import Page
from registry.sharing.prov.model import lineage_drawing
from registry.sharing.prov.service import get_provenance

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
    "taken": N_("imported from"),
    "face_swap": N_("face swap"),
    "lip_sync": N_("lip-sync"),
    "synthetic": N_("synthetic"),
    "edited": N_("edited"),
    "audio": N_("voice or sound"),
    "voice_clone": N_("imitated voice"),
    "spliced": N_("cut or joined speech"),
    "unreviewed": N_("unreviewed"),
    "reviewed": N_("reviewed"),
    "court_order": N_("court order"),
    "untitled": N_("without a title"),
}
"""The words of the drawing: those of `lineage_drawing.ENGLISH`, to be translated."""


@area.page("/entries/{entry_id}/graph.svg", operation="showProvenance")
def graph(page: Page) -> Response:
    """Return the drawing of the API, with words in the reader's language. It runs no script."""
    document = get_provenance(page.service, page.caller, page.uuid("entry_id"))
    headers = {
        "Content-Security-Policy": "default-src 'none'; style-src 'unsafe-inline'; sandbox",
        "Cache-Control": "private, no-cache",
        "Vary": "Cookie, Accept-Language",
    }
    translations = page.words.within("entries")
    drawing = lineage_drawing.svg(document, {name: translations.text(word) for name, word in DRAWING.items()})
    return Response(drawing, media_type="image/svg+xml", headers=headers)

"""The proof of an entry, as a file."""

from __future__ import annotations

from starlette.responses import Response

from registry.catalogue.entries.pages.entries import area, file_of
from registry.console.view import Page
from registry.transparency.entry_proof.model import entry_proof
from registry.transparency.entry_proof.service import prove_entry


@area.page("/entries/{entry_id}/proof.json", operation="proveEntry")
def proof_file(page: Page) -> Response:
    """Return the proof of the entry as a file for offline verification."""
    entry_id = page.uuid("entry_id")
    proof = prove_entry(page.service, page.caller, entry_id, with_fingerprints=False)
    return file_of(proof, entry_proof.MEDIA_TYPE, f"proof-{entry_id}.json")

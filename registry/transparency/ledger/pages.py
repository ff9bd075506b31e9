"""The history section on the page of an entry, with the proofs."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final
from uuid import UUID

import orjson
from starlette.responses import Response

from registry.catalogue.entries.pages.entries import area, file_of
from registry.console.languages import N_
from registry.console.view import Page
from registry.transparency.ledger.schemas import History
from registry.transparency.ledger.service.ledger import get_history

KINDS: Final = {
    "entry.registered": N_("Registered"),
    "entry.changed": N_("Its description was changed"),
    "entry.retried": N_("Its files were read again"),
    "entry.reviewed": N_("Its trust level was set"),
    "entry.suspended": N_("Suspended"),
    "entry.restored": N_("Restored"),
    "entry.withdrawn": N_("Withdrawn"),
    "entry.details_erased": N_("People, places and evidence were erased"),
    "asset.added": N_("A file was added"),
    "asset.fingerprinted": N_("A file was fingerprinted"),
    "asset.failed": N_("A file could not be read"),
    "asset.removed": N_("A file was removed"),
    "asset.revealed": N_("A clear picture of it was shown"),
    "entry.failed": N_("It could not be read"),
    "entry.matchable": N_("It became findable by lookups"),
    "entry.reweighed": N_("Its trust level was recomputed"),
    "review.claimed": N_("A reviewer claimed it"),
    "review.released": N_("A reviewer released it"),
    "review.decided": N_("A reviewer decided"),
    "review.erased": N_("A reviewer’s reasons were erased"),
    "opinion.given": N_("An opinion was given"),
    "dispute.opened": N_("It was contested"),
    "dispute.answered": N_("The dispute was answered"),
    "dispute.decided": N_("The dispute was decided"),
    "dispute.erased": N_("The text of the dispute was erased"),
    "case.matched": N_("A lookup matched a private case"),
    "notice.added": N_("A takedown notice was drafted"),
    "notice.found_again": N_("It was found again after removal"),
}
"""Texts of events. An event without a text is shown by its kind."""


@dataclass(frozen=True, slots=True)
class HistoryRow:
    """An event of the history: its text, its time, and its leaf index. `covered`: by a signed checkpoint."""

    index: int | None
    kind: str
    text: str
    at: str
    covered: bool


def section(page: Page, entry_id: UUID) -> Mapping[str, Any]:
    """Return the history of an entry for its page."""
    history = get_history(page.service, page.caller, entry_id)
    return {"history": history, "events": list(_rows(page, history))}


def _rows(page: Page, history: History) -> Iterator[HistoryRow]:
    for event in history.events:
        words = KINDS.get(event.kind)
        yield HistoryRow(
            event.index,
            event.kind,
            page.words.text(words) if words else event.kind,
            event.at,
            event.proof is not None,
        )


@area.page("/entries/{entry_id}/history.json", operation="showHistory")
def history_file(page: Page) -> Response:
    """Return the history with its proofs as a file, for `fakeprint verify`."""
    history = get_history(page.service, page.caller, page.uuid("entry_id"))
    return file_of(orjson.dumps(history.model_dump()), "application/json", f"history-{history.entry_id}.json")

"""The section of an entry's page with related entries."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final
from uuid import UUID

from registry.console.languages import N_
from registry.console.view import Page
from registry.lineage.service import get_related

RELATIONS: Final = {
    "copy": N_("the same fake"),
    "same_footage_other_face": N_("same footage, another face"),
    "shares_original": N_("made from the same original"),
}


def section(page: Page, entry_id: UUID) -> Mapping[str, Any]:
    """Return the entries with the same footage, as in the API's answer."""
    page_of_relatives = get_related(
        page.service, page.caller, entry_id, limit=20, after=page.query("after") or None
    )
    return {
        "related": page_of_relatives,
        "relatives": page_of_relatives.related,
        "relations": RELATIONS,
    }

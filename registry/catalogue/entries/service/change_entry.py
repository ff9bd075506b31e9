"""Say something else of an entry."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from registry.catalogue.entries.model.details import Details, details
from registry.catalogue.entries.model.reference import references
from registry.catalogue.entries.service.describe_entry import join_variants, keep_details, opened
from registry.catalogue.entries.service.find_entry import own_entry
from registry.catalogue.entries.service.show_entry import show_entry
from registry.catalogue.entries.store import details as kept
from registry.core.audit.service import record_event
from registry.core.errors import Conflict
from registry.core.labels import label
from registry.core.service import Service
from registry.identity.callers.model import Caller


def change_entry(
    service: Service, caller: Caller, entry_id: UUID, given: Mapping[str, Any]
) -> dict[str, Any]:
    """The entry after the change. Needs `register`. `given`: title, claim, language, references, depicted,
    seen, evidence, variant_of; what is absent stays, null takes it away. What the media are, and how far
    they are trusted, is not said here but by registration and review.

    Raises `NotFound` (`unknown_entry`), `Forbidden` (`foreign_bank`), `Conflict` (`entry_withdrawn`,
    `own_variant`), `BadInput` (`bad_label`, `bad_reference`, `bad_language`, `bad_detail`), `Unavailable`.
    """
    caller.require("register")
    with service.pool.transaction() as connection:
        if "variant_of" in given:
            kept.lock_joins(connection)
        kept.lock(connection, entry_id)  # what stays is read and written again, so changes take turns
        entry = own_entry(connection, caller, entry_id)
        if entry["status"] == "withdrawn":
            raise Conflict("The entry was withdrawn.", code="entry_withdrawn")
        said = _details(opened(service, connection, entry), given)
        plain: dict[str, str | None] = {}
        if "claim" in given:
            plain["claim"] = label(given["claim"], "claim", longest=5000) if given["claim"] else None
        if "language" in given:
            plain["language"] = said.language
        kept.change(
            connection,
            entry_id,
            title=label(given["title"], "title") if given.get("title") is not None else None,
            references=references(given["references"] or ()) if "references" in given else None,
            **plain,
        )
        if "variant_of" in given:
            join_variants(connection, caller, entry_id, given["variant_of"])
        subject = {"variant_of": given["variant_of"]} if given.get("variant_of") else {}
        record_event(
            connection,
            caller,
            "entry.changed",
            entry_id=entry_id,
            subject=subject,
            said={"fields": sorted(given)},
        )
        if {"depicted", "seen", "evidence"} & set(given):
            keep_details(service, connection, caller, entry_id, said.sealed or {"depicted": []})
    return show_entry(service, caller, entry_id)


def _details(before: Details, given: Mapping[str, Any]) -> Details:
    """What stays, and what is given in its place."""
    now = {"language": before.language, **before.shown(own=True)}
    return details(**now | {name: given[name] or _NOTHING[name] for name in _NOTHING if name in given})


_NOTHING: Mapping[str, Any] = {"language": None, "depicted": (), "seen": (), "evidence": None}

"""What the reader of an entry does next, as far as the catalogue knows: read, add or wait for files."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from registry.catalogue.entries.pages.entries import Step
from registry.catalogue.entries.schemas.registration import Entry
from registry.console.languages import N_
from registry.console.view import Page

WITH_ORIGINALS: Final = frozenset({"face_swap", "lip_sync", "edited", "spliced", None})
"""Manipulations of footage that exists without them."""


def unread(page: Page, entry: Entry, _parts: Mapping[str, Any]) -> Step | None:
    """Wait for files that are read, or read failed files again."""
    if entry.status == "pending":
        return Step(N_("You have nothing to do: the files are read one after the other."), "", "")
    if entry.status != "failed" or entry.review is None:
        return None
    if page.may("retryEntry"):
        text = N_("Read the files again. If that fails too, add another copy of the fake.")
        return Step(text, N_("Read the media again"), f"/entries/{entry.entry_id}/retry", "post")
    return Step(N_("Ask a colleague who registers entries to read the files again."), "", "")


def document_only(page: Page, entry: Entry, _parts: Mapping[str, Any]) -> Step | None:
    """Add the file of an entry that is known by its fingerprints only."""
    if entry.unverified and entry.status == "matchable" and entry.review and page.may("addAsset"):
        text = N_("Add the file of the fake. Reviewers cannot confirm an entry without it.")
        return Step(text, N_("Add the file"), f"/entries/{entry.entry_id}/add")
    return None


def no_original(page: Page, entry: Entry, _parts: Mapping[str, Any]) -> Step | None:
    """Add the original."""
    known = any(asset.role == "original" for asset in entry.assets)
    if known or entry.manipulation not in WITH_ORIGINALS:
        return None
    if entry.status == "matchable" and entry.review and page.may("addAsset"):
        text = N_("Add the genuine footage, if you have it. Its copies are then not taken for the fake.")
        return Step(text, N_("Add the original"), f"/entries/{entry.entry_id}/add")
    return None


def unreviewed(_page: Page, entry: Entry, _parts: Mapping[str, Any]) -> Step | None:
    """Wait for a reviewer."""
    if entry.review and entry.status in {"matchable", "suspended"} and entry.tier == "unreviewed":
        return Step(N_("A reviewer decides next. You have nothing to do."), "", "")
    return None

"""Pages of banks: contents, shares and policy."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final, Literal

from starlette.responses import Response

from registry.catalogue.banks import model as policies
from registry.catalogue.banks.service.banks import (
    change_bank,
    create_bank,
    delete_bank,
    list_banks,
    show_bank,
)
from registry.catalogue.banks.service.contents import limit_bank
from registry.catalogue.banks.service.shares import list_shares, overlay_bank, share_bank, unshare_bank
from registry.console.fields import area, bank_limits, parse_number, wrong
from registry.console.languages import N_
from registry.console.view import Page, Shown
from registry.core.errors import NotFound

Kind = Literal["number", "yes", "single", "tier", "reviewed", "public", "manifests", "text"]

POLICY: Final[tuple[tuple[str, tuple[tuple[str, str, Kind], ...]], ...]] = (
    (
        N_("What it matches"),
        (
            ("min_confidence", N_("Confidence in the same footage needed to decide, 0 to 0.97"), "number"),
            ("min_related", N_("Confidence needed to show a match, 0 to 0.97"), "number"),
            ("known_tier", N_("Lowest trust level that answers “known fake”"), "tier"),
            ("answer_tier", N_("Lowest trust level that is shown"), "tier"),
            ("single_frame", N_("One frame may decide"), "single"),
            ("audio", N_("Sound under other pictures counts as related"), "yes"),
            ("strangers_see_unreviewed", N_("Unreviewed entries decide for others too"), "yes"),
            ("rollout", N_("Share of lookups that use this bank, 0 to 1"), "number"),
        ),
    ),
    (
        N_("Recommended action for a match"),
        (
            ("known_fake_action", N_("For a known fake: a short code"), "text"),
            ("related_action", N_("For related matches"), "text"),
            ("authentic_original_action", N_("For a genuine original"), "text"),
        ),
    ),
    (
        N_("How long things are kept"),
        (
            ("face_retention_days", N_("Days that faces are kept; empty: as long as their entry"), "number"),
            ("entry_retention_days", N_("Days after which entries are withdrawn; empty: never"), "number"),
        ),
    ),
    (
        N_("How it decides"),
        (
            ("review_by_another_organization", N_("Needs a reviewer of another organization"), "yes"),
            ("source_original_tier", N_("Trust level of an original signed by a listed source"), "reviewed"),
        ),
    ),
    (
        N_("What others may do"),
        (
            ("subscribers_list", N_("Organizations it is shared with may list its entries"), "yes"),
            ("subscribers_act", N_("They may choose actions of their own"), "yes"),
            ("subscribers_min_confidence", N_("Lowest “decide” threshold they may choose"), "number"),
            ("subscribers_min_related", N_("Lowest “show” threshold they may choose"), "number"),
            ("assertions", N_("Sign assertions about reviewed entries on request"), "yes"),
            ("share_manifests", N_("Manifests (C2PA) of its originals that others may fetch"), "manifests"),
            ("public_tier", N_("Lowest trust level with a public page"), "public"),
            ("published", N_("Other registries may read its entries (federation)"), "yes"),
            ("share_claims", N_("Titles, claims and references as well"), "yes"),
            ("licence", N_("Licence under which it is published, as in CC-BY-4.0"), "text"),
        ),
    ),
)
"""Settings of `catalogue.banks.model.Policy` as people read them, in groups: name, label, kind."""

OVERLAID: Final = (
    *("min_confidence", "min_related", "known_tier", "answer_tier", "single_frame"),
    *("known_fake_action", "related_action", "authentic_original_action"),
)
"""Settings that other organizations may set for themselves, as far as the bank allows it."""


@area.page("/admin/banks", operation="createBank")
def banks(page: Page) -> Shown:
    """List the organization's own banks, and banks of others that answer it."""
    listed = list_banks(page.service, page.caller)
    return page.show(
        "admin/banks.html",
        banks=[bank for bank in listed if bank.own],
        foreign=[bank for bank in listed if not bank.own],
    )


@area.form("/admin/banks", operation="createBank", again=banks)
def create(page: Page) -> Response:
    """Create a bank."""
    typed = page.typed
    created = create_bank(
        page.service,
        page.caller,
        name=typed.text("name"),
        kind=typed.text("kind", "fakes"),
        visibility=typed.text("visibility") or None,
    )
    return page.go(f"/admin/banks/{created.bank_id}", "bank_created")


@area.page("/admin/banks/{bank_id}", operation="showBank")
def bank(page: Page) -> Shown:
    """Show a bank."""
    name = str(page.uuid("bank_id"))
    shown_bank = show_bank(page.service, page.caller, name)
    mine = shown_bank.own and page.may("listShares")
    shares = list_shares(page.service, page.caller, name).shares if mine else ()
    return page.show(
        "admin/bank.html",
        bank=shown_bank,
        mine=mine,
        shares=shares,
        policy=POLICY,
        settings=in_force(shown_bank.policy or {}),
        overlaid=OVERLAID,
        overlay={name: _text(value) for name, value in (shown_bank.overlay or {}).items()},
    )


@area.form("/admin/banks/{bank_id}", operation="changeBank", again=bank)
def change(page: Page) -> Response:
    """Change a bank. Settings that the form did not change stay, even if somebody else has changed them
    meanwhile."""
    name = str(page.uuid("bank_id"))
    change_bank(
        page.service,
        page.caller,
        name,
        touched(page),
        visibility=_other(page, "visibility"),
        new_name=_other(page, "name"),
    )
    return page.go(f"/admin/banks/{name}", "bank_changed")


@area.form("/admin/banks/{bank_id}/share", operation="shareBank", again=bank)
def share(page: Page) -> Response:
    """Share a bank with another organization."""
    name = str(page.uuid("bank_id"))
    try:
        share_bank(page.service, page.caller, name, page.typed.text("organization").strip())
    except NotFound as error:
        if error.code != "unknown_organization":
            raise
        raise wrong(error.code, "organization", page.words.text("No organization is called that.")) from None
    return page.go(f"/admin/banks/{name}", "bank_shared")


@area.form("/admin/banks/{bank_id}/unshare", operation="unshareBank", again=bank)
def unshare(page: Page) -> Response:
    """End a share."""
    name = str(page.uuid("bank_id"))
    unshare_bank(page.service, page.caller, name, page.typed.text("organization"))
    return page.go(f"/admin/banks/{name}", "bank_unshared")


@area.form("/admin/banks/{bank_id}/limits", operation="limitBank", again=bank)
def limit(page: Page) -> Response:
    """Set a bank's limits."""
    name = str(page.uuid("bank_id"))
    limit_bank(page.service, page.caller, name, bank_limits(page))
    return page.go(f"/admin/banks/{name}", "limits_set")


@area.form("/admin/banks/{bank_id}/delete", operation="deleteBank", again=bank)
def delete(page: Page) -> Response:
    """Delete a bank, and withdraw its entries if that was confirmed."""
    withdraw = page.typed.text("withdraw") == "yes"
    delete_bank(page.service, page.caller, str(page.uuid("bank_id")), withdraw=withdraw)
    return page.go("/admin/banks", "bank_deleted")


@area.form("/admin/banks/{bank_id}/overlay", operation="overlayBank", again=bank)
def overlay(page: Page) -> Response:
    """Set the reader's overlay on another organization's bank. Empty fields use the bank's own settings."""
    name = str(page.uuid("bank_id"))
    settings = {
        setting: _value(page, setting, kind, text)
        for _, group in POLICY
        for setting, _, kind in group
        if setting in OVERLAID and (text := page.typed.text(setting).strip())
    }
    overlay_bank(page.service, page.caller, name, settings)
    return page.go(f"/admin/banks/{name}", "bank_overlaid")


def in_force(policy: Mapping[str, Any]) -> dict[str, str]:
    """Return the value of each setting, as its form field holds it."""
    parsed = policies.policy(policy)
    return {name: _text(getattr(parsed, name)) for _, group in POLICY for name, _, _ in group}


def touched(page: Page) -> dict[str, Any]:
    """Return the settings that the form changed. None resets a setting to its default. Raises `BadInput`
    (`bad_policy`)."""
    change: dict[str, Any] = {}
    for _, group in POLICY:
        for name, _, kind in group:
            text = page.typed.text(name).strip()
            if text == page.typed.text(f"was_{name}"):
                continue
            change[name] = _value(page, name, kind, text) if text else None
    return change


def _value(page: Page, name: str, kind: Kind, text: str) -> Any:
    if kind == "number":
        return parse_number(page, name, "bad_policy")
    return {"true": True, "false": False}.get(text, text) if kind in {"yes", "single"} else text


def _other(page: Page, name: str) -> str | None:
    text = page.typed.text(name)
    return None if text == page.typed.text(f"was_{name}") else text


def _text(value: Any) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    return "" if value is None else f"{value:g}" if isinstance(value, float) else str(value)

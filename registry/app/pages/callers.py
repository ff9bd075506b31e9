"""Callers and their keys."""

from __future__ import annotations

from datetime import datetime
from typing import Literal

from starlette.responses import Response

from registry.console.fields import area, limits, local, parse_number, parse_time
from registry.console.languages import N_
from registry.console.view import Page, Shown, as_uuid
from registry.identity.callers.schemas import Caller, MadeKey
from registry.identity.callers.service.callers import change_caller, get_caller, list_callers, revoke_caller
from registry.identity.callers.service.keys import add_key, create_caller, revoke_key
from registry.identity.quotas.service import limit_caller


@area.page("/admin/callers", operation="listCallers")
def callers(page: Page) -> Shown:
    """List the callers."""
    everything = page.query("over") == "1"
    listed = list_callers(page.service, page.caller, everything=everything, after=page.query("after") or None)
    return page.show("admin/callers.html", callers=listed.callers, next=listed.next, everything=everything)


@area.page("/admin/callers/new", operation="createCaller")
def new(page: Page) -> Shown:
    """Show the form for a new caller."""
    roles = ("admin",) if page.query("role") == "admin" else ("lookup",)
    return page.show("admin/caller_new.html", roles=roles, organization=page.query("organization"))


@area.form("/admin/callers/new", operation="createCaller", again=new)
def create(page: Page) -> Shown:
    """Create a caller. Its key is shown only here."""
    typed = page.typed
    created = create_caller(
        page.service,
        page.caller,
        organization=typed.text("organization").strip() or None,
        name=typed.text("name"),
        roles=typed.all("roles"),
        expires_at=parse_time(page, "expires_at"),
    )
    own = created.organization_id == str(page.caller.organization_id)
    return _key(
        page, created, created.name, f"/admin/callers/{created.caller_id}" if own else "/admin/callers"
    )


@area.page("/admin/callers/{caller_id}", operation="showCaller")
def caller(page: Page) -> Shown:
    """Show a caller with its keys."""
    shown_caller = get_caller(page.service, page.caller, page.uuid("caller_id"))
    return page.show("admin/caller.html", who=shown_caller)


@area.form("/admin/callers/{caller_id}/keys", operation="addKey", again=caller)
def another_key(page: Page) -> Shown:
    """Add a key beside the others, or to replace them after an overlap."""
    caller_id = page.uuid("caller_id")
    created = add_key(
        page.service,
        page.caller,
        caller_id,
        overlap_hours=parse_number(page, "overlap", "bad_overlap"),
        expires_at=parse_time(page, "key_expires_at"),
    )
    return _key(page, created, created.prefix, f"/admin/callers/{caller_id}")


@area.form("/admin/callers/{caller_id}/keys/revoke", operation="revokeKey", again=caller)
def no_key(page: Page) -> Response:
    """Revoke one key."""
    caller_id = page.uuid("caller_id")
    revoke_key(page.service, page.caller, caller_id, as_uuid(page.typed.text("key")))
    return page.go(f"/admin/callers/{caller_id}", "key_revoked")


@area.form("/admin/callers/{caller_id}/revoke", operation="revokeCaller", again=caller)
def revoke(page: Page) -> Response:
    """Revoke the caller for good."""
    caller_id = page.uuid("caller_id")
    revoke_caller(page.service, page.caller, caller_id)
    return page.go(f"/admin/callers/{caller_id}", "caller_revoked")


@area.form("/admin/callers/{caller_id}/limits", operation="limitCaller", again=caller)
def limit(page: Page) -> Response:
    """Set the caller's limits."""
    caller_id = page.uuid("caller_id")
    limit_caller(page.service, page.caller, caller_id, limits(page))
    return page.go(f"/admin/callers/{caller_id}", "limits_set")


@area.page("/admin/callers/{caller_id}/change", operation="changeCaller")
def changing(page: Page) -> Shown:
    """Show the form to change name, roles and expiry."""
    shown_caller = get_caller(page.service, page.caller, page.uuid("caller_id"))
    return page.show(
        "admin/caller_change.html", who=shown_caller, ends=local(page.words, shown_caller.expires_at)
    )


@area.form("/admin/callers/{caller_id}/change", operation="changeCaller", again=changing)
def change(page: Page) -> Response:
    """Change the caller. Fields that were not edited keep their current value, which may have changed
    meanwhile."""
    caller_id, typed = page.uuid("caller_id"), page.typed
    until: datetime | Literal["never"] | None = None
    if typed.text("expires_at") != typed.text("was_expires_at"):
        until = parse_time(page, "expires_at") or "never"
    changed_name = typed.text("name") != typed.text("was_name")
    roles = typed.all("roles")
    change_caller(
        page.service,
        page.caller,
        caller_id,
        name=typed.text("name") if changed_name else None,
        roles=None if sorted(roles) == sorted(typed.all("was_roles")) else roles,
        expires_at=until,
    )
    return page.go(f"/admin/callers/{caller_id}", "caller_changed")


def _key(page: Page, created: Caller | MadeKey, name: str | None, back: str) -> Shown:
    return page.show(
        "admin/secret.html",
        heading=N_("The new key"),
        text=N_("Save it in a safe place now. It is shown only once, and nobody can look it up later."),
        name=name,
        label=N_("Key"),
        secret=created.key,
        until=created.expires_at,
        back=back,
        status=201,
    )

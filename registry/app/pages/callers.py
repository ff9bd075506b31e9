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
    """Who calls for the organization."""
    everything = page.query("over") == "1"
    found = list_callers(page.service, page.caller, everything=everything, after=page.query("after") or None)
    return page.show("admin/callers.html", callers=found.callers, next=found.next, everything=everything)


@area.page("/admin/callers/new", operation="createCaller")
def new(page: Page) -> Shown:
    """Give somebody a key."""
    roles = ("admin",) if page.query("role") == "admin" else ("lookup",)
    return page.show("admin/caller_new.html", roles=roles, organization=page.query("organization"))


@area.form("/admin/callers/new", operation="createCaller", again=new)
def create(page: Page) -> Shown:
    """The key is shown this once."""
    typed = page.typed
    made = create_caller(
        page.service,
        page.caller,
        organization=typed.text("organization").strip() or None,
        name=typed.text("name"),
        roles=typed.all("roles"),
        expires_at=parse_time(page, "expires_at"),
    )
    own = made.organization_id == str(page.caller.organization_id)
    return _key(page, made, made.name, f"/admin/callers/{made.caller_id}" if own else "/admin/callers")


@area.page("/admin/callers/{caller_id}", operation="showCaller")
def caller(page: Page) -> Shown:
    """A caller with its keys."""
    found = get_caller(page.service, page.caller, page.uuid("caller_id"))
    return page.show("admin/caller.html", who=found)


@area.form("/admin/callers/{caller_id}/keys", operation="addKey", again=caller)
def another_key(page: Page) -> Shown:
    """Another key beside the others, or instead of them after an overlap."""
    caller_id = page.uuid("caller_id")
    made = add_key(
        page.service,
        page.caller,
        caller_id,
        overlap_hours=parse_number(page, "overlap", "bad_overlap"),
        expires_at=parse_time(page, "key_expires_at"),
    )
    return _key(page, made, made.prefix, f"/admin/callers/{caller_id}")


@area.form("/admin/callers/{caller_id}/keys/revoke", operation="revokeKey", again=caller)
def no_key(page: Page) -> Response:
    """Take one key away."""
    caller_id = page.uuid("caller_id")
    revoke_key(page.service, page.caller, caller_id, as_uuid(page.typed.text("key")))
    return page.go(f"/admin/callers/{caller_id}", "key_revoked")


@area.form("/admin/callers/{caller_id}/revoke", operation="revokeCaller", again=caller)
def revoke(page: Page) -> Response:
    """Take all its keys away, for good."""
    caller_id = page.uuid("caller_id")
    revoke_caller(page.service, page.caller, caller_id)
    return page.go(f"/admin/callers/{caller_id}", "caller_revoked")


@area.form("/admin/callers/{caller_id}/limits", operation="limitCaller", again=caller)
def limit(page: Page) -> Response:
    """How much it may ask."""
    caller_id = page.uuid("caller_id")
    limit_caller(page.service, page.caller, caller_id, limits(page))
    return page.go(f"/admin/callers/{caller_id}", "limits_set")


@area.page("/admin/callers/{caller_id}/change", operation="changeCaller")
def changing(page: Page) -> Shown:
    """Its name, roles and end."""
    found = get_caller(page.service, page.caller, page.uuid("caller_id"))
    return page.show("admin/caller_change.html", who=found, ends=local(page.words, found.expires_at))


@area.form("/admin/callers/{caller_id}/change", operation="changeCaller", again=changing)
def change(page: Page) -> Response:
    """What was not touched stays: a name and an end that somebody else has changed meanwhile."""
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


def _key(page: Page, made: Caller | MadeKey, name: str | None, back: str) -> Shown:
    return page.show(
        "admin/secret.html",
        heading=N_("The new key"),
        text=N_("Save it in a safe place now. It is shown only once, and nobody can look it up later."),
        name=name,
        label=N_("Key"),
        secret=made.key,
        until=made.expires_at,
        back=back,
        status=201,
    )

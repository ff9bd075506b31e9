"""Pages of other registries whose feeds are read into banks."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from starlette.responses import Response

from registry.console.fields import area, wrong
from registry.console.languages import N_
from registry.console.view import Page, Shown
from registry.core.http.received import checked
from registry.sharing.federation.schemas.peer import NewPeer
from registry.sharing.federation.service.peers import (
    add_peer,
    get_peer,
    list_peers,
    remove_peer,
    request_peer,
    resume_peer,
    suspend_peer,
)
from registry.sharing.sources.pages import INTERVALS, interval, own_banks

STATES: Final[Mapping[str, str]] = {
    "active": N_("Being read"),
    "suspended": N_("Not being read"),
    "removed": N_("Removed"),
}
FAILURES: Final[Mapping[str, str]] = {
    "address_refused": N_("The address is not public."),
    "exchange_refused": N_("The registry refuses your key."),
    "exchange_unreachable": N_("The registry does not answer."),
    "peer_unpublished": N_("The registry has no such feed for your key."),
    "peer_signature": N_("Its record is not signed by one of the keys that you gave."),
    "peer_behind": N_("Its record is shorter than it was before."),
    "peer_order": N_("It did not send the next page."),
    "peer_unproven": N_("Its record does not prove the page that it sent."),
    "peer_garbled": N_("Its answer cannot be read."),
    "peer_withholds": N_("It announced replacements of entries and has not sent them."),
    "peer_forked": N_("It showed two records that contradict each other. It is no longer read."),
}
"""Why the last reading failed, in plain words, by code."""
TIERS: Final = (
    ("", N_("As unreviewed: a match is never more than “related”")),
    ("reviewed", N_("As reviewed here: a match may be a known fake")),
)

area.says = {
    **area.says,
    "peer_added": N_("The registry is added. The service reads it soon."),
    "peer_requested": N_("The service reads it now. Open this page again to see the result."),
    "peer_suspended_now": N_("The registry is no longer read. Its entries keep matching."),
    "peer_resumed": N_("The registry is read again."),
    "peer_removed": N_("The registry is removed. Its entries stay in the bank."),
}
area.explains = {
    **area.explains,
    "bad_verifier_key": N_(
        "That is not a verifier key, or the keys have different names. Ask the other operator for the output "
        "of “fakeprint ledger”."
    ),
    "bad_feed": N_("That is not the number of a bank. Ask the other operator for it."),
    "bad_tiers": N_("Reviews of another registry cannot count for more here than there."),
    "peer_exists": N_("There is already a registry of that name, or something else fills that bank."),
    "negative_bank": N_("Choose a bank of known fakes."),
    "peer_suspended": N_("This registry is not being read. Resume it first."),
    "unknown_peer": N_("This registry is no longer read. Somebody may have removed it."),
}


@area.page("/admin/peers", operation="listPeers")
def peers(page: Page) -> Shown:
    """List the registries that the organization reads."""
    rows = list_peers(page.service, page.caller)
    return page.show("admin/sources/peers.html", peers=rows, states=STATES, failures=FAILURES)


@area.page("/admin/peers/new", operation="addPeer")
def new(page: Page) -> Shown:
    """Show the form for a registry."""
    return page.show(
        "admin/sources/peer_new.html", banks=own_banks(page, private=False), tiers=TIERS, intervals=INTERVALS
    )


@area.form("/admin/peers/new", operation="addPeer", again=new)
def add(page: Page) -> Response:
    """Add a registry."""
    typed = page.typed
    keys = [line.strip() for line in typed.text("keys").splitlines() if line.strip()]
    for name, given in (("keys", bool(keys)), ("bank", typed.given("bank"))):
        if not given:
            raise wrong("bad_input", name, page.words.text("This field is needed."))
    body: dict[str, Any] = {
        "name": typed.text("name"),
        "address": typed.text("address"),
        "keys": keys,
        "feed": typed.text("feed").strip(),
        "bank": typed.text("bank"),
        "credential": typed.text("credential").strip(),
        "tiers": {tier: typed.text(tier) for tier in ("reviewed", "court_order") if typed.given(tier)},
        "every": interval(page),
    }
    added = add_peer(page.service, page.caller, checked(body, NewPeer.model_validate))
    return page.go(f"/admin/peers/{added.peer_id}", "peer_added")


@area.page("/admin/peers/{peer_id}", operation="showPeer")
def peer(page: Page) -> Shown:
    """Show a registry."""
    row = get_peer(page.service, page.caller, str(page.uuid("peer_id")))
    return page.show("admin/sources/peer.html", peer=row, states=STATES, failures=FAILURES, tiers=dict(TIERS))


@area.form("/admin/peers/{peer_id}/fetch", operation="pullPeer", again=peer)
def fetch(page: Page) -> Response:
    """Read it now."""
    peer_id = str(page.uuid("peer_id"))
    request_peer(page.service, page.caller, peer_id)
    return page.go(f"/admin/peers/{peer_id}", "peer_requested")


@area.form("/admin/peers/{peer_id}/suspend", operation="suspendPeer", again=peer)
def suspend(page: Page) -> Response:
    """Stop reading it for now."""
    peer_id = str(page.uuid("peer_id"))
    suspend_peer(page.service, page.caller, peer_id)
    return page.go(f"/admin/peers/{peer_id}", "peer_suspended_now")


@area.form("/admin/peers/{peer_id}/resume", operation="resumePeer", again=peer)
def resume(page: Page) -> Response:
    """Read it again, from where it was left or from the beginning."""
    peer_id = str(page.uuid("peer_id"))
    resume_peer(page.service, page.caller, peer_id, restart=page.typed.given("restart"))
    return page.go(f"/admin/peers/{peer_id}", "peer_resumed")


@area.form("/admin/peers/{peer_id}/remove", operation="removePeer", again=peer)
def remove(page: Page) -> Response:
    """Remove it."""
    remove_peer(page.service, page.caller, str(page.uuid("peer_id")))
    return page.go("/admin/peers", "peer_removed")

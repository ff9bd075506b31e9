"""Pages of clients and their mandates."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import get_args
from uuid import UUID

from starlette.responses import Response

from registry.console.languages import aware
from registry.console.view import Page, Shown, as_uuid
from registry.core.errors import BadInput
from registry.takedown.campaigns.model import Client, Mandate
from registry.takedown.campaigns.pages.fields import day_end, document, moment
from registry.takedown.campaigns.pages.frame import area
from registry.takedown.campaigns.schemas import CampaignSummary
from registry.takedown.campaigns.service.campaigns import CampaignChange, change_campaign, list_campaigns
from registry.takedown.clients.errors import WrongName
from registry.takedown.clients.schemas import ClientShown, MandateShown
from registry.takedown.clients.service import (
    erase_client,
    list_clients,
    record_client,
    record_mandate,
    revoke_mandate,
    show_client,
)
from registry.takedown.notices.model.notice import GrantedBy


@area.page("/takedown/clients", operation="listClients")
def clients(page: Page) -> Shown:
    """List clients, newest first."""
    found = list_clients(page.service, page.caller, after=page.query("after") or None)
    return page.show("takedown/clients/clients.html", found=found)


@area.page("/takedown/clients/new", operation="recordClient")
def new(page: Page) -> Shown:
    """Show the form for a new client."""
    return page.show("takedown/clients/client_new.html")


@area.form("/takedown/clients/new", operation="recordClient", again=new)
def record(page: Page) -> Response:
    """Record a client."""
    text = page.typed.text
    new_ = Client(
        name=text("name"),
        depicted_name=text("depicted_name"),
        email=text("email").strip() or None,
        address=text("address").strip() or None,
        country=text("country").strip() or None,
    )
    recorded = record_client(page.service, page.caller, new_)
    return page.go(f"/takedown/clients/{recorded.client_id}", "client_recorded", **_about(page))


def _about(page: Page) -> dict[str, str]:
    """Return the query of the entry that a campaign is to be about: it stays chosen from page to page."""
    return {"entry": page.query("entry")} if page.query("entry") else {}


@area.page("/takedown/clients/{client_id}", operation="showClient")
def client(page: Page) -> Shown:
    """Show a client with its mandates and campaigns."""
    client_id = page.uuid("client_id")
    shown = show_client(page.service, page.caller, client_id)
    return page.show(
        "takedown/clients/client.html",
        client={
            **dict(shown),
            "mandates": [{**dict(mandate), "stands": stands(mandate)} for mandate in shown.mandates],
        },
        campaigns=list(campaigns_of(page, client_id)),
        usable=usable(shown),
        givers=get_args(GrantedBy),
    )


def stands(row: MandateShown) -> str:
    """Return the state of a mandate: `revoked`, `valid`, `over` or `later`."""
    if row.revoked_at:
        return "revoked"
    if row.holds:
        return "valid"
    return "over" if aware(row.valid_until) <= datetime.now(UTC) else "later"


def usable(client_: ClientShown) -> list[MandateShown]:
    """Return the mandates that a campaign can use."""
    return [mandate for mandate in client_.mandates if stands(mandate) in {"valid", "later"}]


def campaigns_of(page: Page, client_id: UUID) -> Iterator[CampaignSummary]:
    """Yield the client's campaigns, newest first."""
    after: str | None = None
    while True:
        batch = list_campaigns(page.service, page.caller, limit=200, after=after)
        yield from (campaign for campaign in batch.campaigns if campaign.client_id == str(client_id))
        after = batch.next
        if after is None:
            return


@area.form("/takedown/clients/{client_id}/mandates", operation="recordMandate", again=client, files=1)
def renew(page: Page) -> Response:
    """Record a mandate by its document's digest, and assign it to campaigns."""
    client_id = page.uuid("client_id")
    by: GrantedBy | None = next((arg for arg in get_args(GrantedBy) if arg == page.typed.text("by")), None)
    if by is None:
        raise BadInput("Choose who gave the mandate.")
    mandate = Mandate(
        granted_by=by,
        document_sha256=document(page, "document").sha256,
        valid_from=moment(page, "from") or datetime.now(UTC),
        valid_until=day_end(page, "until"),
    )
    client_ = record_mandate(page.service, page.caller, client_id, mandate)
    change = CampaignChange(mandate_id=as_uuid(client_.mandates[0].mandate_id))
    for campaign_id in page.typed.all("campaign"):
        change_campaign(page.service, page.caller, as_uuid(campaign_id), change)
    return page.go(f"/takedown/clients/{client_id}", "mandate_recorded", **_about(page))


@area.form(
    "/takedown/clients/{client_id}/mandates/{mandate_id}/revoke", operation="revokeMandate", again=client
)
def revoke(page: Page) -> Response:
    """Revoke a mandate."""
    client_id = page.uuid("client_id")
    revoke_mandate(page.service, page.caller, client_id, page.uuid("mandate_id"))
    return page.go(f"/takedown/clients/{client_id}", "mandate_revoked_now")


@area.page("/takedown/clients/{client_id}/erase", operation="eraseClient")
def erasing(page: Page) -> Shown:
    """Show what erasing the client would delete."""
    client_id = page.uuid("client_id")
    campaigns = list(campaigns_of(page, client_id))
    return page.show(
        "takedown/clients/client_erase.html",
        client=show_client(page.service, page.caller, client_id),
        campaigns=len(campaigns),
        notices=sum(campaign.notices for campaign in campaigns),
    )


@area.form("/takedown/clients/{client_id}/erase", operation="eraseClient", again=erasing)
def erase(page: Page) -> Response:
    """Erase the client."""
    client_id = page.uuid("client_id")
    name = show_client(page.service, page.caller, client_id).name
    if name is not None and page.typed.text("confirmation").strip() != name:
        raise WrongName("The typed name is not the client's.")
    erase_client(page.service, page.caller, client_id)
    return page.go(f"/takedown/clients/{client_id}", "client_erased_now")

"""What the search finds: entries, people, addresses, campaigns, notices, pages, and things by their id."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import UTC, datetime, timedelta
from typing import Final
from urllib.parse import urlencode
from uuid import UUID

from registry.app.pages.search.destinations import DESTINATIONS
from registry.catalogue.banks.service.banks import list_banks
from registry.catalogue.entries.model.found_entry import FoundEntry
from registry.catalogue.entries.service.entries import show_entry
from registry.catalogue.entries.service.search import (
    SHOWN,
    search_details,
    search_entries,
    search_entries_by_digest,
)
from registry.console.languages import N_
from registry.console.search import Finder, Hit, Hits, Sought
from registry.console.view import Page
from registry.core.errors import Forbidden, NotFound
from registry.core.folding import holds
from registry.identity.callers.service.callers import get_caller
from registry.identity.organizations.service.organizations import get_organization
from registry.matching.lookups.model import LookupFilter
from registry.matching.lookups.service.history import list_lookups
from registry.matching.lookups.service.records import get_lookup
from registry.persons.service.persons import get_person, list_persons
from registry.review.disputes.service.disputes import get_dispute
from registry.sharing.webhooks.service.webhooks import get_webhook
from registry.takedown.campaigns.service.campaigns import show_campaign
from registry.takedown.clients.service import show_client
from registry.takedown.search.service import search_campaigns, search_clients, search_notices


def _entries(page: Page, sought: Sought) -> Hits:
    if sought.digest:
        found = search_entries_by_digest(page.service, page.caller, sought.digest)
        return Hits([_entry(page, entry, exact=True) for entry in found])
    if not sought or sought.uuid or sought.address:
        return Hits()
    found = search_entries(page.service, page.caller, sought.text)
    return Hits([_entry(page, entry) for entry in found], f"/entries?{urlencode({'text': sought.text})}")


def _entry(page: Page, entry: FoundEntry, note: str = "", *, exact: bool = False) -> Hit:
    registered = f"{entry.bank} · {page.words.time(entry.created_at, 'date')}"
    return Hit(entry.title, f"/entries/{entry.entry_id}", note or registered, entry.status, exact)


def _people(page: Page, sought: Sought) -> Hits:
    if not sought or sought.uuid or sought.digest or sought.address:
        return Hits()
    found = search_details(page.service, page.caller, sought.text)
    hits = [_entry(page, entry, name) for entry, name in found.people]
    return Hits(hits, f"/entries?{urlencode({'person': sought.text})}", found.complete)


def _addresses(page: Page, sought: Sought) -> Hits:
    if not sought or sought.uuid or sought.digest or "." not in sought.text:
        return Hits()
    found = search_details(page.service, page.caller, sought.text)
    hits = [
        _entry(page, entry, place, exact=bool(sought.address) and place == sought.address)
        for entry, place in found.places
    ]
    return Hits(hits, "", found.complete)


LOOKUPS_READ: Final = 100
LOOKUPS_SINCE: Final = timedelta(days=90)
"""How many lookups with a match, that people made, are read for one search, and how old they may be."""


def _lookups(page: Page, sought: Sought) -> Hits:
    if not sought or sought.uuid or sought.digest or sought.address:
        return Hits()
    recent = LookupFilter(found=True, by="people", since=datetime.now(UTC) - LOOKUPS_SINCE)
    found = list_lookups(page.service, page.caller, recent, limit=LOOKUPS_READ)
    hits = [
        Hit(
            lookup.title,
            f"/lookup/{lookup.lookup_id}",
            f"{lookup.caller} · {page.words.time(lookup.created_at, 'short')}",
            verdict=lookup.verdict or "",
        )
        for lookup in found.lookups
        if lookup.title and holds(lookup.title, sought.text)
    ]
    return Hits(hits[:SHOWN], "/lookup/history")


PERSONS_READ: Final = 500
"""Protected people whose encrypted names are read for one search. These are the newest."""


def _protected(page: Page, sought: Sought) -> Hits:
    if not sought or sought.uuid or sought.digest or sought.address:
        return Hits()
    found = list_persons(page.service, page.caller, limit=PERSONS_READ)
    hits = [
        Hit(person.name, f"/persons/{person.person_id}")
        for person in found.persons
        if person.name and holds(person.name, sought.text)
    ]
    return Hits(hits[:SHOWN], "/persons", found.next is None)


def _campaigns(page: Page, sought: Sought) -> Hits:
    if not sought:
        return Hits()
    found, is_complete = search_campaigns(page.service, page.caller, sought.text)
    hits = [
        Hit(campaign.title, f"/takedown/{campaign.campaign_id}", state=campaign.state) for campaign in found
    ]
    return Hits(hits, "/takedown", is_complete)


def _clients(page: Page, sought: Sought) -> Hits:
    if not sought:
        return Hits()
    found, is_complete = search_clients(page.service, page.caller, sought.text)
    hits = [
        Hit(client.name, f"/takedown/clients/{client.client_id}", client.depicted or "") for client in found
    ]
    return Hits(hits, "/takedown/clients", is_complete)


def _notices(page: Page, sought: Sought) -> Hits:
    if not sought:
        return Hits()
    found = search_notices(page.service, page.caller, sought.address or sought.text)
    return Hits(
        [
            Hit(
                notice.place or notice.platform,
                f"/takedown/{notice.campaign_id}/notices/{notice.notice_id}",
                notice.campaign or "",
                notice.stands,
                exact=True,
            )
            for notice in found
        ]
    )


ById = Callable[[Page, UUID], Hit]


def _entry_by_id(page: Page, entry_id: UUID) -> Hit:
    entry = show_entry(page.service, page.caller, entry_id)
    return Hit(entry.title, f"/entries/{entry_id}", page.words.text(N_("Entry")), entry.status, exact=True)


def _lookup_by_id(page: Page, lookup_id: UUID) -> Hit:
    get_lookup(page.service, page.caller, lookup_id)
    return Hit(page.words.text(N_("Lookup")), f"/lookup/{lookup_id}", exact=True)


def _campaign_by_id(page: Page, campaign_id: UUID) -> Hit:
    campaign = show_campaign(page.service, page.caller, campaign_id)
    title = campaign.title or page.words.text(N_("Campaign"))
    return Hit(title, f"/takedown/{campaign_id}", page.words.text(N_("Campaign")), campaign.state, exact=True)


def _client_by_id(page: Page, client_id: UUID) -> Hit:
    client = show_client(page.service, page.caller, client_id)
    name = client.name or page.words.text(N_("Client"))
    return Hit(name, f"/takedown/clients/{client_id}", page.words.text(N_("Client")), exact=True)


def _caller_by_id(page: Page, caller_id: UUID) -> Hit:
    found = get_caller(page.service, page.caller, caller_id)
    return Hit(found.name, f"/admin/callers/{caller_id}", page.words.text(N_("Caller")), exact=True)


def _webhook_by_id(page: Page, webhook_id: UUID) -> Hit:
    found = get_webhook(page.service, page.caller, webhook_id)
    return Hit(found.url, f"/admin/webhooks/{webhook_id}", page.words.text(N_("Webhook")), exact=True)


def _person_by_id(page: Page, person_id: UUID) -> Hit:
    person = get_person(page.service, page.caller, person_id)
    note = page.words.text(N_("Protected people"))
    return Hit(person.name or note, f"/persons/{person_id}", note, exact=True)


def _dispute_by_id(page: Page, dispute_id: UUID) -> Hit:
    found = get_dispute(page.service, page.caller, dispute_id)
    return Hit(page.words.text(N_("Dispute")), f"/disputes/{dispute_id}", state=found.state, exact=True)


def _organization_by_id(page: Page, organization_id: UUID) -> Hit:
    found = get_organization(page.service, page.caller, organization_id)
    note = page.words.text(N_("Organization"))
    return Hit(found.name, f"/admin/organizations/{organization_id}", note, exact=True)


def _bank_by_id(page: Page, bank_id: UUID) -> Hit:
    for bank in list_banks(page.service, page.caller):
        if str(bank.bank_id) == str(bank_id):
            return Hit(bank.name, f"/admin/banks/{bank_id}", page.words.text(N_("Bank")), exact=True)
    raise NotFound("There is no such bank.")


BY_ID: Final[tuple[tuple[str, ById], ...]] = (
    ("showEntry", _entry_by_id),
    ("showLookup", _lookup_by_id),
    ("showCampaign", _campaign_by_id),
    ("showClient", _client_by_id),
    ("showPerson", _person_by_id),
    ("showDispute", _dispute_by_id),
    ("showCaller", _caller_by_id),
    ("showWebhook", _webhook_by_id),
    ("showOrganization", _organization_by_id),
    ("listBanks", _bank_by_id),
)
"""What has an id and a page, by the API operation that shows it."""


def _identified(page: Page, sought: Sought) -> Hits:
    if sought.uuid is None:
        return Hits()
    return Hits(list(_with_id(page, sought.uuid)))


def _with_id(page: Page, uuid: UUID) -> Iterable[Hit]:
    for operation, ask in BY_ID:
        if page.may(operation):
            try:
                yield ask(page, uuid)
            except (NotFound, Forbidden):
                continue


def _destinations(page: Page, sought: Sought) -> Hits:
    """Return pages by their name or what they are about; all of them for an empty search."""
    if sought.uuid or sought.digest or sought.address:
        return Hits()
    hits = []
    for destination in DESTINATIONS:
        title, about = page.words.text(destination.title), page.words.text(destination.about)
        words = f"{title} {about} {destination.title} {destination.about}"
        if page.may(destination.operation) and (not sought or holds(words, sought.text)):
            hits.append(Hit(title, destination.path, about))
    return Hits(hits)


FINDERS: Final = (
    Finder("identified", N_("By its id"), ("whoAmI",), _identified),
    Finder("entries", N_("Entries"), ("listEntries",), _entries),
    Finder("people", N_("Persons depicted"), ("listEntries",), _people),
    Finder("addresses", N_("Addresses of copies"), ("listEntries",), _addresses),
    Finder("lookups", N_("Earlier lookups"), ("showLookup",), _lookups),
    Finder("protected", N_("Protected people"), ("listPersons",), _protected),
    Finder("campaigns", N_("Campaigns"), ("listCampaigns",), _campaigns),
    Finder("clients", N_("Clients"), ("listClients",), _clients),
    Finder("notices", N_("Notices"), ("listNotices",), _notices),
    Finder("pages", N_("Pages"), ("whoAmI",), _destinations),
)
"""In the order of the page."""

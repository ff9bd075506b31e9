"""Pages that the search finds by name, with what they are about."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from registry.console.area import SIGNED_IN
from registry.console.languages import N_


@dataclass(frozen=True, slots=True)
class Destination:
    """A page for readers with a permission. `about`: what one does there, also searched."""

    path: str
    title: str
    about: str
    operation: str


DESTINATIONS: Final = (
    Destination("/", N_("Your tasks"), N_("What waits for you, the most urgent first"), SIGNED_IN),
    Destination("/lookup", N_("Look up"), N_("Check whether a video or picture is a known fake"), "lookUp"),
    Destination(
        "/lookup/history", N_("Earlier lookups"), N_("What your organization looked up"), "showLookup"
    ),
    Destination("/watches", N_("Watched"), N_("Lookups that are repeated for new entries"), "listWatches"),
    Destination("/register", N_("Register"), N_("Add a known fake with its files"), "registerEntry"),
    Destination("/review", N_("Review"), N_("Entries that wait for a review"), "listReviews"),
    Destination("/disputes", N_("Disputes"), N_("Objections to entries"), "listDisputes"),
    Destination("/entries", N_("Entries"), N_("Known fakes of your organization"), "listEntries"),
    Destination("/takedown", N_("Campaigns"), N_("Removal requests, by client"), "listCampaigns"),
    Destination(
        "/persons", N_("Protected people"), N_("Consent, and the photographs they gave"), "listPersons"
    ),
    Destination(
        "/takedown/clients", N_("Clients"), N_("People you act for, and their mandates"), "listClients"
    ),
    Destination(
        "/takedown/due", N_("Deadlines near or over"), N_("Notices without an answer"), "listNotices"
    ),
    Destination("/takedown/letters", N_("Letters to print"), N_("Notices that go by post"), "listNotices"),
    Destination(
        "/takedown/replies", N_("Replies to match"), N_("Answers of platforms and authorities"), "listReplies"
    ),
    Destination("/takedown/regimes", N_("Laws"), N_("Laws and policies that notices rely on"), "listRegimes"),
    Destination(
        "/takedown/figures", N_("Takedown figures"), N_("How platforms answered"), "reportStatistics"
    ),
    Destination(
        "/numbers", N_("Numbers over time"), N_("Lookups, entries, reviews and letters by week"), SIGNED_IN
    ),
    Destination("/notifications", N_("Notifications"), N_("What happened since you last looked"), SIGNED_IN),
    Destination("/account", N_("Your account"), N_("Password, passkeys, sessions, language"), SIGNED_IN),
    Destination("/admin/accounts", N_("People"), N_("Invite people and choose their roles"), "listAccounts"),
    Destination(
        "/admin/callers", N_("Callers and keys"), N_("API keys and tokens of programs"), "listCallers"
    ),
    Destination(
        "/admin/banks", N_("Banks"), N_("Collections of entries, and their matching policy"), "createBank"
    ),
    Destination(
        "/admin/exchanges",
        N_("Hash lists"),
        N_("Lists of others, such as StopNCII or NCMEC"),
        "listExchanges",
    ),
    Destination("/admin/peers", N_("Other registries"), N_("Registries that yours reads"), "listPeers"),
    Destination("/admin/webhooks", N_("Webhooks"), N_("Messages to your own systems"), "listWebhooks"),
    Destination(
        "/admin/organizations",
        N_("Organizations"),
        N_("Limits, and closing an organization"),
        "listOrganizations",
    ),
    Destination(
        "/admin/private-cases",
        N_("Private cases"),
        N_("Whether people may report a fake of them"),
        "changeIntake",
    ),
    Destination("/admin/queues", N_("Queues"), N_("Jobs that wait or failed"), "listJobs"),
)
"""In the order of the navigation."""

"""Administering: people, callers and keys, organizations, banks, policies, sources, webhooks, queues.
A file a noun."""

from registry.app.pages import accounts, begin, callers, limits, organizations, queues
from registry.catalogue.banks import pages as banks
from registry.console.fields import area
from registry.intake.pages import cases
from registry.matching.lookups.pages import policy
from registry.sharing.federation import pages as peers
from registry.sharing.sources import pages as exchanges
from registry.sharing.webhooks import pages as webhooks

__all__ = [
    "accounts",
    "area",
    "banks",
    "begin",
    "callers",
    "cases",
    "exchanges",
    "limits",
    "organizations",
    "peers",
    "policy",
    "queues",
    "webhooks",
]

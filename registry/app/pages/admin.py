"""Administering: people, callers and keys, organizations, banks, sources, webhooks, queues. A file a noun."""

from registry.app.pages import accounts, callers, limits, organizations, queues
from registry.catalogue.banks import pages as banks
from registry.console.fields import area
from registry.intake.pages import cases
from registry.sharing.federation import pages as peers
from registry.sharing.sources import pages as exchanges
from registry.sharing.webhooks import pages as webhooks

__all__ = [
    "accounts",
    "area",
    "banks",
    "callers",
    "cases",
    "exchanges",
    "limits",
    "organizations",
    "peers",
    "queues",
    "webhooks",
]

"""Administering: people, callers and keys, organizations, banks, webhooks, queues. A file a noun."""

from registry.app.pages import accounts, callers, limits, organizations, queues
from registry.catalogue.banks import pages as banks
from registry.console.fields import area
from registry.sharing.webhooks import pages as webhooks

__all__ = ["accounts", "area", "banks", "callers", "limits", "organizations", "queues", "webhooks"]

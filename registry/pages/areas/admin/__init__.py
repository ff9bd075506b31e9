"""Administering: people, callers and keys, organizations, banks, webhooks, queues. A file a noun."""

from registry.pages.areas.admin import accounts, banks, callers, limits, organizations, queues, webhooks
from registry.pages.areas.admin.fields import area

__all__ = ["accounts", "area", "banks", "callers", "limits", "organizations", "queues", "webhooks"]

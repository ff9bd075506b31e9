"""Takedown: clients and mandates, campaigns, notices, deliveries, replies, evidence. A file a noun."""

from registry.intake.pages import cases
from registry.takedown.campaigns.pages import begin, campaigns
from registry.takedown.campaigns.pages.frame import area
from registry.takedown.clients import pages as clients
from registry.takedown.delivery import pages as deliveries
from registry.takedown.evidence.pages import evidence
from registry.takedown.notices.pages import adding, notices
from registry.takedown.recurrences.pages import found, recurrences
from registry.takedown.replies import pages as replies

__all__ = [
    "adding",
    "area",
    "begin",
    "campaigns",
    "cases",
    "clients",
    "deliveries",
    "evidence",
    "found",
    "notices",
    "recurrences",
    "replies",
]

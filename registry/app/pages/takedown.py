"""Takedown: clients and mandates, campaigns, notices, deliveries, replies, evidence. A file a noun."""

from registry.takedown.campaigns.pages import begin, campaigns
from registry.takedown.campaigns.pages.frame import area
from registry.takedown.clients import pages as clients
from registry.takedown.delivery import pages as deliveries
from registry.takedown.evidence.pages import evidence
from registry.takedown.notices.pages import acts, adding, board, checking, notices, sending
from registry.takedown.recurrences.pages import found, recurrences
from registry.takedown.replies import pages as replies
from registry.takedown.worklist import pages as worklist

__all__ = [
    "acts",
    "adding",
    "area",
    "begin",
    "board",
    "campaigns",
    "checking",
    "clients",
    "deliveries",
    "evidence",
    "found",
    "notices",
    "recurrences",
    "replies",
    "sending",
    "worklist",
]

"""Takedown: clients and mandates, campaigns, notices, deliveries, replies, evidence. A file a noun."""

from registry.pages.areas.takedown import (
    adding,
    begin,
    campaigns,
    cases,
    clients,
    deliveries,
    evidence,
    found,
    notices,
    replies,
    returns,
)
from registry.pages.areas.takedown.frame import area

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
    "replies",
    "returns",
]

"""Takedown: clients and mandates, campaigns, notices, deliveries, replies, evidence. A file a noun."""

from registry.pages.areas.takedown import (
    begin,
    campaigns,
    cases,
    clients,
    deliveries,
    evidence,
    notices,
    replies,
    returns,
)
from registry.pages.areas.takedown.frame import area

__all__ = [
    "area",
    "begin",
    "campaigns",
    "cases",
    "clients",
    "deliveries",
    "evidence",
    "notices",
    "replies",
    "returns",
]

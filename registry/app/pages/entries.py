"""Entries: the list and its actions, and the page of each with what other rooms say of it, in their order."""

from registry.catalogue.entries.pages import bulk, changes, listing, picker, steps
from registry.catalogue.entries.pages.entries import SECTIONS, STEPS, area
from registry.lineage.pages import related as lineage
from registry.lineage.pages import variants
from registry.review.disputes.pages import contest as disputes
from registry.review.queue.pages import entry as review
from registry.sharing.prov import pages as prov
from registry.takedown.campaigns.pages import entry as campaigns
from registry.transparency.entry_proof import pages as proof
from registry.transparency.ledger import pages as ledger

SECTIONS[:] = (lineage.section, ledger.section, disputes.section, review.section, campaigns.section)
STEPS[:] = (
    steps.unread,
    review.disputed,
    steps.document_only,
    review.undecided,
    campaigns.confirmed,
    steps.no_original,
    steps.unreviewed,
)
bulk.ACTIONS[:] = (bulk.RETRY, review.CLAIM, campaigns.ADD, review.WITHDRAW)

__all__ = [
    "area",
    "bulk",
    "campaigns",
    "changes",
    "disputes",
    "ledger",
    "lineage",
    "listing",
    "picker",
    "proof",
    "prov",
    "review",
    "variants",
]

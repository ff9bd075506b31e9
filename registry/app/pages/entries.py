"""Entries: the page of each with what other rooms say of it, in the order of the page."""

from registry.catalogue.entries.pages.entries import SECTIONS, area
from registry.lineage import pages as lineage
from registry.review.disputes.pages import contest as disputes
from registry.sharing.prov import pages as prov
from registry.takedown.campaigns.pages import entry as campaigns
from registry.transparency.entry_proof import pages as proof
from registry.transparency.ledger import pages as ledger

SECTIONS[:] = (lineage.section, ledger.section, disputes.section, campaigns.section)

__all__ = ["area", "campaigns", "disputes", "ledger", "lineage", "proof", "prov"]

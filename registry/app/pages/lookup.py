"""Looking up, and the matches of watched lookups."""

from registry.matching.lookups.pages.lookup import area
from registry.matching.watches import pages as watches

__all__ = ["area", "watches"]

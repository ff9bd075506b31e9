"""Prevent the publication of banks that are filled from other sources."""

from __future__ import annotations

from registry.catalogue.banks.service.banks import Changed, not_publishable
from registry.core.database.pool import Connection
from registry.sharing.sources import store as exchanges


def check_published(connection: Connection, bank: Changed) -> None:
    """Raise `Conflict` (`not_publishable`) if another source fills the bank; only that source may publish its
    entries."""
    if bank.policy.get("published") and exchanges.is_filled(connection, bank.bank_id):
        raise not_publishable("filled from elsewhere")

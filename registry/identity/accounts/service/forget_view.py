"""Forget a view of a list."""

from __future__ import annotations

from registry.core.service import Service
from registry.identity.accounts.model import Signed
from registry.identity.accounts.service.list_views import List
from registry.identity.accounts.store import views


def forget_view(service: Service, signed: Signed, of: List, name: str) -> None:
    """Nothing happens where the account keeps none of that name."""
    with service.pool.transaction() as connection:
        views.forget(connection, signed.account_id, of, name)

"""Forget a view of a list."""

from __future__ import annotations

from registry.actions.list_views import List
from registry.actions.service import Service
from registry.domain.account import Signed
from registry.store import views


def forget_view(service: Service, signed: Signed, of: List, name: str) -> None:
    """Nothing happens where the account keeps none of that name."""
    with service.pool.transaction() as connection:
        views.forget(connection, signed.account_id, of, name)

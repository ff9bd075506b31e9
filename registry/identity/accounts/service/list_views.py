"""Which views of a list does somebody keep?"""

from __future__ import annotations

from typing import Literal

from registry.core.service import Service
from registry.identity.accounts.model import Signed
from registry.identity.accounts.store import views

List = Literal["review", "entries"]


def list_views(service: Service, signed: Signed, of: List) -> list[dict[str, str]]:
    """`name` and `query` (of the list's page) of each, oldest first. Raises `Unavailable`."""
    with service.pool.transaction() as connection:
        return views.kept(connection, signed.account_id, of)

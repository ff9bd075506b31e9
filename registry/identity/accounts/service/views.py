"""Filters that a person saved in the console."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final, Literal
from urllib.parse import urlencode

from registry.core.labels import label
from registry.core.service import Service
from registry.identity.accounts.errors import TooManyViews
from registry.identity.accounts.model import MOST_VIEWS, Signed
from registry.identity.accounts.store import views

List = Literal["review", "entries"]


def list_views(service: Service, signed: Signed, of: List) -> list[dict[str, str]]:
    """Return `name` and `query` (of the list's page) of each view, oldest first. Raises `Unavailable`."""
    with service.pool.transaction() as connection:
        return views.of_account(connection, signed.account_id, of)


LONGEST_NAME: Final = 60


def save_view(service: Service, signed: Signed, of: List, name: str, filters: Mapping[str, str]) -> None:
    """Save a view of the list for this account. A view of the same name is replaced. Raises `BadInput`
    (`bad_label`), `Conflict` (`too_many_views`)."""
    view_name = label(name, "name", longest=LONGEST_NAME)
    with service.pool.transaction() as connection:
        other_views = [
            view for view in views.of_account(connection, signed.account_id, of) if view["name"] != view_name
        ]
        if len(other_views) >= MOST_VIEWS:
            raise TooManyViews(f"An account keeps {MOST_VIEWS} views of a list at most.")
        views.save(connection, signed.account_id, of, view_name, urlencode(filters))


def delete_view(service: Service, signed: Signed, of: List, name: str) -> None:
    """Delete a view, if it exists."""
    with service.pool.transaction() as connection:
        views.delete(connection, signed.account_id, of, name)

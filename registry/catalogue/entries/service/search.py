"""Search the entries of the caller's organization: titles, claims, people, addresses, digests."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Final

from registry.catalogue.entries.model.details import Details, depicts, same_page
from registry.catalogue.entries.model.found_entry import FoundEntry
from registry.catalogue.entries.service.details import PURPOSE
from registry.catalogue.entries.store import search
from registry.core.crypto import envelope
from registry.core.service import Service
from registry.identity.callers.model import Caller

SHOWN: Final = 8
"""Entries that one search returns."""
DETAILS_READ: Final = 1000
"""Entries whose encrypted details are read for one search."""


@dataclass(frozen=True, slots=True)
class DescribedEntries:
    """Entries found by their encrypted details, each with the person or the address that was found.

    `complete`: whether the details of all entries were read. Else only those of the newest `DETAILS_READ`.
    """

    people: tuple[tuple[FoundEntry, str], ...] = ()
    places: tuple[tuple[FoundEntry, str], ...] = ()
    complete: bool = True


def search_entries(service: Service, caller: Caller, text: str, *, limit: int = SHOWN) -> list[FoundEntry]:
    """Return entries in whose title or claim each word occurs, as a part of a word too.

    Titles come first, then the newest. Case, accents and vowel signs are ignored. Like `list_entries`, needs
    `register`, `review` or `admin`, and shows private cases to reviewers only.
    """
    caller.require_any("register", "review", "admin")
    with service.pool.transaction() as connection:
        return search.by_text(
            connection, caller.organization_id, text[:200], cases=caller.sees_cases, limit=limit
        )


def search_entries_by_digest(
    service: Service, caller: Caller, sha256: bytes, *, limit: int = SHOWN
) -> list[FoundEntry]:
    """Return entries with a medium of this SHA-256. Permissions as for `search_entries`."""
    caller.require_any("register", "review", "admin")
    with service.pool.transaction() as connection:
        return search.by_digest(
            connection, caller.organization_id, sha256, cases=caller.sees_cases, limit=limit
        )


def search_details(service: Service, caller: Caller, text: str, *, limit: int = SHOWN) -> DescribedEntries:
    """Return entries that name a person (`depicts`), or that were seen at an address.

    The details are encrypted, so they are read entry by entry. Permissions as for `search_entries`. Entries
    whose key is gone are not found. Raises `Unavailable` (`keys_unavailable`).
    """
    caller.require_any("register", "review", "admin")
    with service.pool.transaction() as connection:
        rows = search.described(
            connection, caller.organization_id, cases=caller.sees_cases, limit=DETAILS_READ + 1
        )
    people: list[tuple[FoundEntry, str]] = []
    places: list[tuple[FoundEntry, str]] = []
    for entry, stored in rows[:DETAILS_READ]:
        if len(people) >= limit and len(places) >= limit:
            break
        if (key := service.keys.find(stored.key_id)) is None:
            continue
        details = Details.of(None, envelope.unpack(key, stored.sealed, PURPOSE))
        person = next((row for row in details.depicted if depicts([row], text)), None)
        if person is not None:
            people.append((entry, str(person["name"])))
        if (place := _place(details.seen, text)) is not None:
            places.append((entry, place))
    return DescribedEntries(tuple(people[:limit]), tuple(places[:limit]), len(rows) <= DETAILS_READ)


def _place(seen: Iterable[Mapping[str, Any]], text: str) -> str | None:
    """Return the address where the entry was seen: the same page, or one that holds the text."""
    part = text.strip().casefold()
    for row in seen:
        address = str(row.get("url", ""))
        if address and (same_page(address, text) or ("." in part and part in address.casefold())):
            return address
    return None

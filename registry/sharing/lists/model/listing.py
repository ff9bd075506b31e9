"""What becomes of rows of a hash list, given what the bank holds already. Pure.

The same medium is kept once in a bank. Of rows on the same medium the first gives the entry its words, and
all of them together its opinion, so that it does not matter where a list was cut off and begun again.
"""

from __future__ import annotations

import secrets
import time
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from typing import Final
from uuid import UUID

from registry.catalogue.media.model import Role
from registry.sharing.lists.model import listed
from registry.sharing.lists.model.listed import Fault, Item, Opinion, Row

_CONFLICT: Final = "Two rows on this medium contradict each other; it is disputed, and answers no lookup."
_STRONGER: Final = "The bank has this medium in an entry that no list has made; that stays as it is."
_RANDOM_BITS: Final = 74


@dataclass(frozen=True, slots=True)
class Known:
    """A medium that a bank holds, in one of its entries. `opinion`: None where no list has made the entry."""

    identity: bytes
    asset_id: UUID
    entry_id: UUID | None
    role: Role | None
    opinion: Opinion | None


@dataclass(frozen=True, slots=True)
class NewAsset:
    """A medium that the bank has not yet."""

    asset_id: UUID
    item: Item


@dataclass(frozen=True, slots=True)
class NewEntry:
    """An entry that is to be made."""

    entry_id: UUID
    row: Row
    opinion: Opinion


@dataclass(slots=True)
class Plan:
    """What is to be written, and what is to be said of it. `links`: entry, medium, role. `opinions`: of
    entries that are there and hold another from now on. `sources`: by an exchange's names for them, the
    records and the entries that they are of; `named`: those of the entry's media that each names."""

    assets: list[NewAsset] = field(default_factory=list)
    entries: list[NewEntry] = field(default_factory=list)
    links: list[tuple[UUID, UUID, Role]] = field(default_factory=list)
    opinions: dict[UUID, Opinion] = field(default_factory=dict)
    faults: list[Fault] = field(default_factory=list)
    sources: dict[str, tuple[UUID, Row]] = field(default_factory=dict)
    named: dict[str, list[UUID]] = field(default_factory=dict)
    duplicates: int = 0
    conflicts: int = 0


class Planner:
    """Rows in, one `plan` out. What records of an exchange hold together is said by all there are, the older
    ones too: `sharing.lists.store.listings.keep_sources` follows."""

    def __init__(self, known: Iterable[Known]) -> None:
        self.plan = Plan()
        self._ids = ordered_ids()
        self._assets: dict[bytes, UUID] = {}
        self._entries: dict[bytes, UUID] = {}
        self._roles: dict[tuple[UUID, UUID], Role] = {}
        self._opinions: dict[UUID, Opinion | None] = {}
        self._new: dict[UUID, int] = {}
        for item in known:
            self._assets.setdefault(item.identity, item.asset_id)
            if item.entry_id is None or item.role is None:
                continue
            self._roles[item.entry_id, item.asset_id] = item.role
            self._opinions[item.entry_id] = item.opinion
            if item.role == "fake":
                self._entries.setdefault(item.identity, item.entry_id)

    def add(self, rows: Sequence[Row]) -> Plan:
        """The plan with these rows."""
        for row in rows:
            entry_id = next(
                (
                    self._entries[i.identity]
                    for i in row.items
                    if i.role == "fake" and i.identity in self._entries
                ),
                None,
            )
            if entry_id is None:
                entry_id = self._make(row)
            else:
                self._meet(row, entry_id)
            if row.source_key is not None:
                self.plan.sources[row.source_key] = (entry_id, row)
                self.plan.named[row.source_key] = self._named(entry_id, row)
        return self.plan

    def _named(self, entry_id: UUID, row: Row) -> list[UUID]:
        """Media of the row that the entry holds, as what the row says they are."""
        known = ((self._assets.get(item.identity), item.role) for item in row.items)
        return [one for one, role in known if one and self._roles.get((entry_id, one)) == role]

    def _make(self, row: Row) -> UUID:
        entry_id = next(self._ids)
        self._new[entry_id] = len(self.plan.entries)
        self._opinions[entry_id] = row.opinion
        self.plan.entries.append(NewEntry(entry_id, row, row.opinion))
        for item in row.items:
            self._link(entry_id, item)
        return entry_id

    def _meet(self, row: Row, entry_id: UUID) -> None:
        """A row on what is there already."""
        before = self._opinions[entry_id]
        if before is None:
            self.plan.duplicates += 1
            if row.opinion not in listed.MATCHABLE:
                self._conflict(row, "entry_stays", _STRONGER)
            return
        roles = [self._roles.get((entry_id, self._assets.get(item.identity, entry_id))) for item in row.items]
        if any(held not in {None, item.role} for held, item in zip(roles, row.items, strict=True)):
            self.plan.conflicts += 1
            self.plan.faults.append(
                Fault(row.line, "role_conflict", "The same medium is fake and original of one entry.")
            )
            return
        self.plan.duplicates += 1
        for item, held in zip(row.items, roles, strict=True):
            if held is None:
                self._link(entry_id, item)
        if row.source_key is not None:
            return
        after = listed.joined(before, row.opinion)
        if after != before:
            self._hold(entry_id, after)
        if after == "disputed" and row.opinion != "disputed":
            self._conflict(row, "conflicting_rows", _CONFLICT)

    def _hold(self, entry_id: UUID, opinion: Opinion) -> None:
        self._opinions[entry_id] = opinion
        place = self._new.get(entry_id)
        if place is None:
            self.plan.opinions[entry_id] = opinion
        else:
            self.plan.entries[place] = replace(self.plan.entries[place], opinion=opinion)

    def _conflict(self, row: Row, code: str, message: str) -> None:
        self.plan.conflicts += 1
        self.plan.faults.append(
            Fault(row.line, code, message, "Have a reviewer look at the entry, or leave the row out.")
        )

    def _link(self, entry_id: UUID, item: Item) -> None:
        asset_id = self._assets.get(item.identity)
        if asset_id is None:
            asset_id = next(self._ids)
            self._assets[item.identity] = asset_id
            self.plan.assets.append(NewAsset(asset_id, item))
        self.plan.links.append((entry_id, asset_id, item.role))
        self._roles[entry_id, asset_id] = item.role
        if item.role == "fake":
            self._entries.setdefault(item.identity, entry_id)


def ordered_ids() -> Iterator[UUID]:
    """Ids of version 7 (RFC 9562): they begin with the time, so that those made together lie together in
    indexes, which spares a page of each index a row."""
    while True:
        stamp = time.time_ns() // 1_000_000
        number = (stamp & (1 << 48) - 1) << 80 | secrets.randbits(_RANDOM_BITS)
        number = number & ~(0xF << 76) | 0x7 << 76
        yield UUID(int=number & ~(0x3 << 62) | 0x2 << 62)

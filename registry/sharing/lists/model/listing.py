"""Plan how rows of a hash list change a bank that already holds media. Pure.

A bank holds each medium once. If several rows name one medium, the first sets the title and other text of the
entry. All of them together determine its opinion. An import can therefore be interrupted and resumed
anywhere.
"""

from __future__ import annotations

import secrets
import time
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from typing import Final
from uuid import UUID

from registry.catalogue.entries.errors import RoleConflict
from registry.catalogue.media.model import Role
from registry.core.errors import BadInput
from registry.sharing.lists.errors import ConflictingRows, EntryStays
from registry.sharing.lists.model import listed
from registry.sharing.lists.model.listed import Fault, ListedMedium, Opinion, Row

_RANDOM_BITS: Final = 74


@dataclass(frozen=True, slots=True)
class HeldMedium:
    """A medium that a bank holds, in one of its entries. `opinion`: None if the entry did not come from a
    list."""

    identity: bytes
    asset_id: UUID
    entry_id: UUID | None
    role: Role | None
    opinion: Opinion | None


@dataclass(frozen=True, slots=True)
class NewAsset:
    """A medium that the bank does not hold yet."""

    asset_id: UUID
    medium: ListedMedium


@dataclass(frozen=True, slots=True)
class NewEntry:
    """An entry to create."""

    entry_id: UUID
    row: Row
    opinion: Opinion


@dataclass(slots=True)
class Plan:
    """The changes to write, and the faults to report.

    `links`: entry, medium, role. `opinions`: new opinions of existing entries. `sources`: records of an
    exchange by their names, each with its entry. `named`: by record name, the media of the entry that the
    record lists.
    """

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
    """Collect rows into one `plan`.

    Opinions of exchange records are not combined here, because older records count too.
    `sharing.lists.store.listings.save_sources` does that afterwards.
    """

    def __init__(self, held: Iterable[HeldMedium]) -> None:
        self.plan = Plan()
        self._ids = ordered_ids()
        self._assets: dict[bytes, UUID] = {}
        self._entries: dict[bytes, UUID] = {}
        self._roles: dict[tuple[UUID, UUID], Role] = {}
        self._opinions: dict[UUID, Opinion | None] = {}
        self._new: dict[UUID, int] = {}
        for medium in held:
            self._assets.setdefault(medium.identity, medium.asset_id)
            if medium.entry_id is None or medium.role is None:
                continue
            self._roles[medium.entry_id, medium.asset_id] = medium.role
            self._opinions[medium.entry_id] = medium.opinion
            if medium.role == "fake":
                self._entries.setdefault(medium.identity, medium.entry_id)

    def add(self, rows: Sequence[Row]) -> Plan:
        """Add rows and return the plan."""
        for row in rows:
            entry_id = self._existing(row)
            if entry_id is None:
                entry_id = self._create(row)
            else:
                self._add_to(row, entry_id)
            if row.source_key is not None:
                self.plan.sources[row.source_key] = (entry_id, row)
                self.plan.named[row.source_key] = self._named(entry_id, row)
        return self.plan

    def _existing(self, row: Row) -> UUID | None:
        """Return the entry that already holds a fake of the row."""
        fakes = (medium.identity for medium in row.media if medium.role == "fake")
        return next((self._entries[identity] for identity in fakes if identity in self._entries), None)

    def _named(self, entry_id: UUID, row: Row) -> list[UUID]:
        """Return the row's media that the entry holds in the same role."""
        roles = ((self._assets.get(medium.identity), medium.role) for medium in row.media)
        return [
            asset_id for asset_id, role in roles if asset_id and self._roles.get((entry_id, asset_id)) == role
        ]

    def _create(self, row: Row) -> UUID:
        entry_id = next(self._ids)
        self._new[entry_id] = len(self.plan.entries)
        self._opinions[entry_id] = row.opinion
        self.plan.entries.append(NewEntry(entry_id, row, row.opinion))
        for medium in row.media:
            self._link(entry_id, medium)
        return entry_id

    def _add_to(self, row: Row, entry_id: UUID) -> None:
        """Plan a row whose medium an entry already holds."""
        opinion = self._opinions[entry_id]
        if opinion is None:
            self.plan.duplicates += 1
            if row.opinion not in listed.MATCHABLE:
                self._conflict(row, EntryStays)
            return
        roles = [
            self._roles.get((entry_id, self._assets.get(medium.identity, entry_id))) for medium in row.media
        ]
        if any(role not in {None, medium.role} for role, medium in zip(roles, row.media, strict=True)):
            self.plan.conflicts += 1
            self.plan.faults.append(
                Fault(row.line, RoleConflict.code, "The same medium would be fake and original of one entry.")
            )
            return
        self.plan.duplicates += 1
        for medium, role in zip(row.media, roles, strict=True):
            if role is None:
                self._link(entry_id, medium)
        if row.source_key is not None:
            return
        combined = listed.combined_opinion(opinion, row.opinion)
        if combined != opinion:
            self._set_opinion(entry_id, combined)
        if combined == "disputed" and row.opinion != "disputed":
            self._conflict(row, ConflictingRows)

    def _set_opinion(self, entry_id: UUID, opinion: Opinion) -> None:
        self._opinions[entry_id] = opinion
        index = self._new.get(entry_id)
        if index is None:
            self.plan.opinions[entry_id] = opinion
        else:
            self.plan.entries[index] = replace(self.plan.entries[index], opinion=opinion)

    def _conflict(self, row: Row, kind: type[BadInput]) -> None:
        self.plan.conflicts += 1
        self.plan.faults.append(
            Fault(
                row.line, kind.code, kind.message, "Have a reviewer look at the entry, or leave the row out."
            )
        )

    def _link(self, entry_id: UUID, medium: ListedMedium) -> None:
        asset_id = self._assets.get(medium.identity)
        if asset_id is None:
            asset_id = next(self._ids)
            self._assets[medium.identity] = asset_id
            self.plan.assets.append(NewAsset(asset_id, medium))
        self.plan.links.append((entry_id, asset_id, medium.role))
        self._roles[entry_id, asset_id] = medium.role
        if medium.role == "fake":
            self._entries.setdefault(medium.identity, entry_id)


def ordered_ids() -> Iterator[UUID]:
    """Yield UUIDs of version 7 (RFC 9562). They begin with the time, so rows created together are neighbours
    in indexes. This avoids writing one page of each index for each row."""
    while True:
        stamp = time.time_ns() // 1_000_000
        number = (stamp & (1 << 48) - 1) << 80 | secrets.randbits(_RANDOM_BITS)
        number = number & ~(0xF << 76) | 0x7 << 76
        yield UUID(int=number & ~(0x3 << 62) | 0x2 << 62)

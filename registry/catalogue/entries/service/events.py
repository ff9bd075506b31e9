"""Events about entries and their media, for rooms above."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final
from uuid import UUID

from registry.core.subscribers import Event
from registry.identity.callers.model import Caller


@dataclass(frozen=True, slots=True)
class Withdrawal:
    """Entries that were withdrawn together, each with its organization. `caller`: None for the service."""

    caller: Caller | None
    owners: Mapping[UUID, UUID]


entries_withdrawn: Final = Event[Withdrawal]("entries_withdrawn")
"""Entries were withdrawn with their bank or organization, or because their retention ended."""
fingerprint_replaced: Final = Event[UUID]("fingerprint_replaced")
"""Carries the asset. A worker has fingerprinted the media. Entries that wait for it are not matchable yet."""
entries_settled: Final = Event[UUID]("entries_settled")
"""Carries the asset. Entries that waited only for this asset are matchable now."""
media_enrolled: Final = Event[UUID]("media_enrolled")
"""Carries the asset. All rows of the media and of its entries are written."""

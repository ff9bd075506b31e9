"""The texts of a notice that are stored encrypted: its address, and the words of its moves. Pure."""

from __future__ import annotations

from dataclasses import dataclass

from registry.catalogue.platforms.model.platforms import Table
from registry.catalogue.platforms.model.web_address import Address


@dataclass(frozen=True, slots=True, repr=False)
class NoticeAddress:
    """The place of a fake, normalised. `given`: the address as it was written. `seen_at`: ISO 8601."""

    url: str | None = None
    given: str | None = None
    content_id: str | None = None
    host: str | None = None
    platform_name: str | None = None
    note: str | None = None
    seen_at: str | None = None

    @classmethod
    def of(
        cls, address: Address, table: Table, *, note: str | None = None, seen_at: str | None = None
    ) -> NoticeAddress:
        """Return an address as it is stored, with the name of its platform."""
        platform = table.platforms.get(address.platform) if address.platform else None
        return cls(
            url=address.text,
            given=address.given,
            content_id=address.content_id,
            host=address.host,
            platform_name=platform.name if platform else address.host,
            note=note,
            seen_at=seen_at,
        )


@dataclass(frozen=True, slots=True, repr=False)
class MoveWords:
    """The reason of a move, in words. `kind`, `standing`: of a counter-notice."""

    words: str
    kind: str | None = None
    standing: str | None = None

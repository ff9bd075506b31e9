"""Convert records of exchanges into rows. Types that cannot be compared are skipped; errors become faults."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import reduce
from typing import Any

from registry.core.errors import FakeprintError
from registry.sharing.lists.model import hash_rows, listed
from registry.sharing.lists.model.listed import Fault, Item, Opinion, Row


def row(
    source_key: str,
    hashes: Sequence[tuple[str, str]],
    *,
    opinion: Opinion,
    tags: Sequence[str] = (),
    said: Mapping[str, Any] | None = None,
) -> Row | Fault | None:
    """Return the row of a record. `hashes`: types and values of one medium. None: no hash can be compared."""
    items: dict[bytes, Item] = {}
    try:
        for type_, value in hashes:
            if type_.lower() in hash_rows.TYPES:
                found = hash_rows.of_mapping(0, {"type": type_, "value": value}).items[0]
                items.setdefault(found.identity, found)
        if not items:
            return None
        told = hash_rows.of_mapping(0, {"type": "md5", "value": "0" * 32, "tags": list(tags), **(said or {})})
    except FakeprintError as error:
        return Fault(0, error.code, error.message, error.next_step)
    media = tuple(items.values())
    return Row(
        line=0,
        items=media,
        title=listed.untitled(media[0]),
        opinion=opinion,
        tags=told.tags,
        said=told.said,
        source_key=source_key,
    )


def together(opinions: Sequence[Opinion]) -> Opinion:
    """Combine opinions. The result is `unknown` if there are none."""
    return reduce(listed.joined, opinions, "unknown")


def apart(found: Sequence[Row | Fault | None]) -> tuple[tuple[Row, ...], tuple[Fault, ...]]:
    """Separate rows and faults."""
    rows = tuple(item for item in found if isinstance(item, Row))
    return rows, tuple(item for item in found if isinstance(item, Fault))

"""Convert records of exchanges into rows. Types that cannot be compared are skipped; errors become faults."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import reduce
from typing import Any

from registry.core.errors import FakeprintError
from registry.sharing.lists.model import hash_rows, listed
from registry.sharing.lists.model.listed import Fault, ListedMedium, Opinion, Row


def row(
    source_key: str,
    hashes: Sequence[tuple[str, str]],
    *,
    opinion: Opinion,
    tags: Sequence[str] = (),
    details: Mapping[str, Any] | None = None,
) -> Row | Fault | None:
    """Return the row of a record. `hashes`: types and values of one medium. None: no hash can be compared."""
    media: dict[bytes, ListedMedium] = {}
    try:
        for type_, value in hashes:
            if type_.lower() in hash_rows.TYPES:
                medium = hash_rows.of_mapping(0, {"type": type_, "value": value}).media[0]
                media.setdefault(medium.identity, medium)
        if not media:
            return None
        # A row needs a hash. Here only its checked tags and details are used.
        fields = {"type": "md5", "value": "0" * 32, "tags": list(tags), **(details or {})}
        checked = hash_rows.of_mapping(0, fields)
    except FakeprintError as error:
        return Fault(0, error.code, error.message, error.next_step)
    return Row(
        line=0,
        media=tuple(media.values()),
        title=listed.untitled(next(iter(media.values()))),
        opinion=opinion,
        tags=checked.tags,
        details=checked.details,
        source_key=source_key,
    )


def combined(opinions: Sequence[Opinion]) -> Opinion:
    """Combine opinions. The result is `unknown` if there are none."""
    return reduce(listed.combined_opinion, opinions, "unknown")


def rows_and_faults(results: Sequence[Row | Fault | None]) -> tuple[tuple[Row, ...], tuple[Fault, ...]]:
    """Separate rows and faults."""
    rows = tuple(result for result in results if isinstance(result, Row))
    return rows, tuple(result for result in results if isinstance(result, Fault))

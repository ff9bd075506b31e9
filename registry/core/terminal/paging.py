"""Fetch paged lists up to a number of rows."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

import click

from registry.core.terminal.client import Client

MOST: Final = 10_000
LIMIT: Final = click.option(
    "--limit", type=click.IntRange(1, MOST), default=50, show_default=True, help="At most so many."
)
ALL: Final = 1 << 30
"""Limit that means all rows."""
_PAGE: Final = 200


def fetch(client: Client, path: str, params: Mapping[str, str], name: str, limit: int) -> dict[str, Any]:
    """Return the first `limit` rows of a list under `name`, and `next`, which is null if there are no
    more."""
    found: list[Any] = []
    after: str | None = ""
    while after is not None and len(found) < limit:
        given = {**params, "limit": str(min(_PAGE, limit - len(found)))} | ({"after": after} if after else {})
        page = client.get(path, given).body
        found += page[name]
        after = page["next"]
    return {name: found, "next": after}

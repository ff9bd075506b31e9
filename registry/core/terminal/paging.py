"""Lists that come in pages, as many rows as somebody asked for."""

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
"""As a limit: each row."""
_PAGE: Final = 200


def fetch(client: Client, path: str, params: Mapping[str, str], name: str, limit: int) -> dict[str, Any]:
    """The first `limit` rows of a list: by `name`, and `next`, which is null where these are all."""
    found: list[Any] = []
    after: str | None = ""
    while after is not None and len(found) < limit:
        given = {**params, "limit": str(min(_PAGE, limit - len(found)))} | ({"after": after} if after else {})
        page = client.get(path, given).body
        found += page[name]
        after = page["next"]
    return {name: found, "next": after}

"""The map of a match: where the fake and its original differ, and whose each cell of the query is. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from registry.console import maps


def drawn(match: Mapping[str, Any]) -> maps.Map | None:
    """Return the map of a match. None: the reader may not see signals, or no cells were recorded."""
    difference = (match["signals"] or {}).get("difference")
    if not difference or not difference.get("cells"):
        return None
    cells = ((row, column, maps.kind_of(value)) for row, column, _, value in difference["cells"])
    return maps.drawn(cells, difference["place"])

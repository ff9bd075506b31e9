"""Lists longer than a page, as many rows as are asked for."""

from __future__ import annotations

from collections.abc import Mapping
from types import SimpleNamespace
from typing import Any, cast

import pytest

from registry.core.terminal import paging
from registry.core.terminal.client import Client


class Pages:
    """A list of 450 rows; what was asked of it."""

    def __init__(self) -> None:
        self.asked: list[Mapping[str, str]] = []

    def get(self, path: str, params: Mapping[str, str]) -> Any:
        assert path == "/v1/rows"
        self.asked.append(params)
        first = int(params.get("after", "0"))
        rows = list(range(first, min(450, first + int(params["limit"]))))
        after = str(rows[-1] + 1) if rows[-1] < 449 else None
        return SimpleNamespace(body={"rows": rows, "next": after})


@pytest.mark.parametrize(
    ("limit", "rows", "pages"), [(50, 50, 1), (200, 200, 1), (250, 250, 2), (9_999, 450, 3)]
)
def test_as_many_as_are_asked_for(limit: int, rows: int, pages: int) -> None:
    there = Pages()
    found = paging.fetch(cast("Client", there), "/v1/rows", {"state": "sent"}, "rows", limit)
    assert found["rows"] == list(range(rows))
    assert (found["next"] is None) == (rows == 450)
    assert len(there.asked) == pages
    assert all(item["state"] == "sent" for item in there.asked)

"""Links between entries are reached by their indexes, however many there are."""

from __future__ import annotations

import re
from itertools import pairwise
from typing import Any, Final

import pytest

from registry.core.database import sql
from registry.core.service import Service
from registry.identity.callers.model import Caller
from tests.support.lineage import fill

pytestmark = pytest.mark.slow

TABLES: Final = ("entry_asset", "entry_link", "job")


def read_whole(plan: list[str]) -> list[str]:
    """Return the scans of a plan that read all of a large table or of one of its indexes. Two indexes are
    excepted: the one that holds only rows to be read, and that of open jobs, where these are counted once."""
    tables = "|".join(TABLES)
    scan = re.compile(rf"Scan\b.* on ({tables})( |$)|Bitmap Index Scan on ({tables})_")
    few = re.compile(r"entry_asset_unrelated|job_(open|waiting|stale)( on job)?$")
    scans = [(line, after) for line, after in pairwise([*plan, ""]) if scan.search(line)]
    assert scans, plan
    return [
        line
        for line, after in scans
        if not few.search(line) and not re.match(r"\s*(Index|Recheck) Cond: ", after)
    ]


def test_frequent_queries_use_their_index(service: Service, owner: Caller) -> None:
    """In tables that hold something and were counted: of empty ones the planner takes any index, and another
    once they were counted behind the test's back."""
    queries = sql.load("registry.lineage.store.related")
    links = {"entry_link_pkey", "entry_link_other"}
    cursor = {"after_at": None, "after_id": None, "after_kind": None, "limit": 50}
    with service.pool.transaction() as connection:
        connection.execute("SET LOCAL statement_timeout = 0")
        fill(connection, owner.caller_id)
        connection.execute("ANALYZE entry, asset, entry_asset, entry_link, job")
        connection.execute("SET LOCAL enable_seqscan = off")
        (some,) = connection.execute("SELECT entry_id, asset_id FROM entry_asset LIMIT 1").fetchall()
        given = some | {"organization_id": owner.organization_id}
        payload: dict[str, tuple[dict[str, Any], set[str]]] = {
            "backlog": ({"most": 50, "rest": 60.0}, {"entry_asset_unrelated"}),
            "page": (given | cursor | {"faces": False, "cases": False}, links),
            "count": (given | {"faces": False, "cases": False}, links),
            "drop": (given | {"kind": "same_footage"}, links),
        }
        for name, (parameters, indexes) in payload.items():
            rows = connection.execute("EXPLAIN (COSTS OFF) " + queries[name], parameters).fetchall()
            plan = [row["QUERY PLAN"] for row in rows]
            shown = "\n".join((name, *plan))
            assert [index for index in indexes if index not in shown] == [], shown
            assert read_whole(plan) == [], shown

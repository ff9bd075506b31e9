"""Links between entries are reached by their indexes, however many there are."""

from __future__ import annotations

import re
from itertools import pairwise
from typing import Any, Final

from registry.core.database import sql
from registry.core.service import Service
from registry.identity.callers.model import Caller

FILLED: Final = """
WITH b AS (SELECT bank_id FROM bank LIMIT 1),
e AS (INSERT INTO entry (bank_id, title, created_by, status, matchable_at)
      SELECT bank_id, 'x', %(caller_id)s, 'matchable', now() FROM b, generate_series(1, 8000)
      RETURNING entry_id),
a AS (INSERT INTO asset (bank_id, sha256, kind, status, fingerprinted_at)
      SELECT bank_id, sha256(i::text::bytea), 'video', 'fingerprinted', now()
      FROM b, generate_series(1, 8000) i
      RETURNING asset_id),
n AS (SELECT entry_id, row_number() OVER (ORDER BY entry_id) AS n FROM e),
m AS (SELECT asset_id, row_number() OVER () AS n FROM a),
done AS (INSERT INTO job (task, subject_id, queue, status, finished_at)
         SELECT task, entry_id, 'bulk', CASE WHEN n %% 100 = 0 THEN 'failed' ELSE 'done' END, now()
         FROM n, unnest(ARRAY['relate_entry', 'link_persons', 'relate_entry']) task),
open AS (INSERT INTO job (task, subject_id, queue)
         SELECT CASE WHEN n %% 400 = 0 THEN 'relate_entry' ELSE 'fingerprint_asset' END, entry_id, 'bulk'
         FROM n WHERE n %% 10 = 0)
INSERT INTO entry_asset (entry_id, asset_id, role, batch, matchable_at, related_by)
SELECT entry_id, asset_id, 'fake', gen_random_uuid(), now(), CASE WHEN n %% 4000 <> 1 THEN 'rules.1' END
FROM n JOIN m USING (n)
"""
LINKED: Final = """
WITH n AS (SELECT *, row_number() OVER (ORDER BY entry_id) AS n FROM entry_asset)
INSERT INTO entry_link (one_entry_id, one_asset_id, one_role, other_entry_id, other_asset_id, other_role,
                        kind, relation, score, spans, model, found_from)
SELECT one.entry_id, one.asset_id, one.role, other.entry_id, other.asset_id, other.role,
       'same_footage', 'copy', 0.9, '[]', 'rules.1', one.entry_id
FROM n one CROSS JOIN generate_series(1, 2) further JOIN n other ON other.n = one.n + further
"""
TABLES: Final = ("entry_asset", "entry_link", "job")


def read_whole(plan: list[str]) -> list[str]:
    """The scans of a plan that read all of a large table, or of an index of it; but for the index that holds
    nothing but what is to be read, and those of open jobs, where these are counted once."""
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


def test_what_is_asked_often_is_reached_by_its_index(service: Service, owner: Caller) -> None:
    """In tables that hold something and were counted: of empty ones the planner takes any index, and another
    once they were counted behind the test's back."""
    queries = sql.load("registry.lineage.store.related")
    links = {"entry_link_pkey", "entry_link_other"}
    cursor = {"after_at": None, "after_id": None, "after_kind": None, "limit": 50}
    with service.pool.transaction() as connection:
        connection.execute("SET LOCAL statement_timeout = 0")
        connection.execute("SET LOCAL session_replication_role = replica")  # no trigger has to look at it
        connection.execute(FILLED.encode(), {"caller_id": owner.caller_id})
        connection.execute(LINKED.encode())
        connection.execute("ANALYZE entry, asset, entry_asset, entry_link, job")
        connection.execute("SET LOCAL enable_seqscan = off")
        (some,) = connection.execute("SELECT entry_id, asset_id FROM entry_asset LIMIT 1").fetchall()
        given = some | {"organization_id": owner.organization_id}
        asked: dict[str, tuple[dict[str, Any], set[str]]] = {
            "backlog": ({"most": 50, "rest": 60.0}, {"entry_asset_unrelated"}),
            "page": (given | cursor | {"faces": False, "cases": False}, links),
            "count": (given | {"faces": False, "cases": False}, links),
            "drop": (given | {"kind": "same_footage"}, links),
        }
        for name, (parameters, indexes) in asked.items():
            rows = connection.execute("EXPLAIN (COSTS OFF) " + queries[name], parameters).fetchall()
            plan = [row["QUERY PLAN"] for row in rows]
            shown = "\n".join((name, *plan))
            assert [index for index in indexes if index not in shown] == [], shown
            assert read_whole(plan) == [], shown

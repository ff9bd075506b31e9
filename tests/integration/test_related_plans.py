"""Links between entries are reached by their indexes, however many there are."""

from __future__ import annotations

from typing import Any
from uuid import uuid4

from registry.actions.service import Service
from registry.domain.caller import Caller
from registry.store import sql


def test_what_is_asked_often_is_reached_by_its_index(service: Service, owner: Caller) -> None:
    queries = sql.load("related")
    some = {"entry_id": uuid4(), "organization_id": owner.organization_id}
    cursor = {"after_at": None, "after_id": None, "after_kind": None, "limit": 50}
    asked: dict[str, tuple[dict[str, Any], set[str]]] = {
        "backlog": ({"most": 50, "rest": 60.0}, {"entry_asset_unrelated", "job_subject"}),
        "page": (some | cursor | {"faces": False}, {"entry_link_pkey", "entry_link_other"}),
        "count": (some | {"faces": False}, {"entry_link_pkey", "entry_link_other"}),
        "drop": (
            some | {"asset_id": uuid4(), "kind": "same_footage"},
            {"entry_link_pkey", "entry_link_other"},
        ),
    }
    with service.pool.transaction() as connection:
        connection.execute("SET LOCAL enable_seqscan = off")
        for name, (parameters, indexes) in asked.items():
            rows = connection.execute("EXPLAIN (COSTS OFF) " + queries[name], parameters).fetchall()
            plan = "\n".join(row["QUERY PLAN"] for row in rows)
            assert [index for index in indexes if index not in plan] == [], (name, plan)
            assert "Seq Scan on entry_link" not in plan
            assert "Seq Scan on entry_asset" not in plan

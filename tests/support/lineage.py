"""Many entries with links, as a large registry has them."""

from __future__ import annotations

from typing import Final
from uuid import UUID

from registry.core.database.pool import Connection

_ENTRIES: Final = """
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
_LINKS: Final = """
WITH n AS (SELECT *, row_number() OVER (ORDER BY entry_id) AS n FROM entry_asset)
INSERT INTO entry_link (one_entry_id, one_asset_id, one_role, other_entry_id, other_asset_id, other_role,
                        kind, relation, score, spans, model, found_from)
SELECT one.entry_id, one.asset_id, one.role, other.entry_id, other.asset_id, other.role,
       'same_footage', 'copy', 0.9, '[]', 'rules.1', one.entry_id
FROM n one CROSS JOIN generate_series(1, 2) further JOIN n other ON other.n = one.n + further
"""


def fill(connection: Connection, caller_id: UUID) -> None:
    """Add 8,000 entries, each with two links, and their jobs. No trigger runs."""
    connection.execute("SET LOCAL session_replication_role = replica")
    connection.execute(_ENTRIES.encode(), {"caller_id": caller_id})
    connection.execute(_LINKS.encode())

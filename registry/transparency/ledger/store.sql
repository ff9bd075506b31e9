-- name: begin
-- One sequencer at a time, and whether anything waits for it.
SELECT pg_try_advisory_xact_lock(%(lock)s) AS locked,
       (SELECT event_id FROM event_waiting ORDER BY event_id LIMIT 1) IS NOT NULL AS events,
       EXISTS (SELECT FROM lookup l, ledger_cursor c
               WHERE l.answered_in > 0 AND l.answered_in > c.answered_in) AS lookups;

-- name: size
-- How many leaves there are, asked once the lock is held: those of whoever held it before are among them.
SELECT coalesce((SELECT max(leaf_index) + 1 FROM ledger_leaf), 0) AS size,
       (SELECT max(size) FROM ledger_checkpoint) AS signed;

-- name: reset_cursor
-- A cursor of another cluster begins anew; what is on record already is not recorded twice.
UPDATE ledger_cursor SET answered_in = 0, lookup_id = '00000000-0000-0000-0000-000000000000'
WHERE answered_in >= pg_snapshot_xmax(pg_current_snapshot())::text::bigint;

-- name: lookups
-- Answered lookups after the cursor, below every transaction that still runs: nothing can be added among these. `wanted`:
-- they belong on record, by the wider of what the asker's organization (else the deployment) and the banks concerned say.
WITH seen AS MATERIALIZED (
    SELECT l.lookup_id, l.answered_in, l.caller_id, l.bank_id, l.input, l.sha256, l.verdict, l.answered_at, l.status
    FROM lookup l, ledger_cursor c
    WHERE l.answered_in > 0 AND l.answered_in >= c.answered_in
      AND (l.answered_in, l.lookup_id) > (c.answered_in, c.lookup_id)
      AND l.answered_in < pg_snapshot_xmin(pg_current_snapshot())::text::bigint
    ORDER BY l.answered_in, l.lookup_id
    LIMIT %(limit)s
), judged AS MATERIALIZED (
    SELECT s.*, c.organization_id,
           s.verdict NOT IN ('no_match', 'undecidable') AS found,
           coalesce(o.record_lookups, %(default)s) AS asker,
           b.record_lookups AS asked
    FROM seen s JOIN caller c USING (caller_id) JOIN organization o USING (organization_id)
    LEFT JOIN bank b USING (bank_id)
), wanted AS MATERIALIZED (
    SELECT j.lookup_id,
           (j.asker = 'all' OR coalesce(j.asked, 'none') = 'all'
            OR (j.found AND (j.asker = 'matches' OR coalesce(j.asked, 'none') = 'matches'
                OR EXISTS (SELECT FROM lookup l, jsonb_array_elements(l.answer -> 'matches') m
                           JOIN entry e ON e.entry_id = (m ->> 'entry_id')::uuid JOIN bank k ON k.bank_id = e.bank_id
                           WHERE l.lookup_id = j.lookup_id AND k.record_lookups IN ('matches', 'all')))))
           AND j.status = 'answered'
           AND NOT EXISTS (SELECT FROM ledger_lookup r WHERE r.lookup_id = j.lookup_id) AS wanted
    FROM judged j
)
SELECT j.lookup_id, j.answered_in, j.caller_id, j.organization_id, j.input, j.verdict, j.answered_at AS at,
       coalesce(w.wanted, false) AS wanted,
       CASE WHEN w.wanted THEN encode(j.sha256, 'hex') END AS sha256,
       CASE WHEN w.wanted THEN (SELECT l.answer::text FROM lookup l WHERE l.lookup_id = j.lookup_id) END AS answer
FROM judged j JOIN wanted w USING (lookup_id)
ORDER BY j.answered_in, j.lookup_id;

-- name: move_cursor
-- Up to here.
UPDATE ledger_cursor SET answered_in = %(answered_in)s, lookup_id = %(lookup_id)s;

-- name: append_leaves
-- Leaves at the places given.
INSERT INTO ledger_leaf (leaf_index, hash, event_id)
SELECT * FROM unnest(%(indexes)s::bigint[], %(hashes)s::bytea[], %(event_ids)s::bigint[]);

-- name: append_nodes
-- Hashes of subtrees that are complete now. One that is there is of leaves that somebody has removed since; what follows
-- is no longer consistent with what was signed, which is seen, and events still get their places.
INSERT INTO ledger_node (height, position, hash)
SELECT * FROM unnest(%(heights)s::smallint[], %(positions)s::bigint[], %(hashes)s::bytea[])
ON CONFLICT (height, position) DO NOTHING;

-- name: append_lookups
-- What the record keeps of lookups.
INSERT INTO ledger_lookup (leaf_index, lookup_id, caller_id, organization_id, at, input, verdict, query_commitment,
                           answer_commitment, salt)
SELECT * FROM unnest(%(indexes)s::bigint[], %(lookup_ids)s::uuid[], %(caller_ids)s::uuid[], %(organization_ids)s::uuid[],
                     %(times)s::timestamptz[], %(inputs)s::text[], %(verdicts)s::text[], %(queries)s::bytea[],
                     %(answers)s::bytea[], %(salts)s::bytea[]);

-- name: kept
-- Hashes of the tree by place.
SELECT 0 AS height, leaf_index AS position, hash FROM ledger_leaf WHERE leaf_index = ANY (%(leaves)s::bigint[])
UNION ALL
SELECT n.height, n.position, n.hash
FROM unnest(%(heights)s::smallint[], %(positions)s::bigint[]) AS g (height, position)
JOIN ledger_node n ON n.height = g.height AND n.position = g.position;

-- name: add_checkpoint
-- What was signed.
INSERT INTO ledger_checkpoint (size, root, note) VALUES (%(size)s, %(root)s, %(note)s)
ON CONFLICT (size) DO NOTHING;

-- name: add_key
-- A public key that has signed for the first time.
INSERT INTO ledger_key (verifier_key, first_size) VALUES (%(verifier_key)s, %(size)s)
ON CONFLICT (verifier_key) DO NOTHING;

-- name: checkpoint
-- The newest one, or the smallest that covers a leaf.
SELECT size, root, note, signed_at FROM ledger_checkpoint
WHERE %(covering)s::bigint IS NULL OR size > %(covering)s
ORDER BY CASE WHEN %(covering)s::bigint IS NULL THEN -size ELSE size END
LIMIT 1;

-- name: checkpoints
-- All of them, the oldest first.
SELECT note FROM ledger_checkpoint ORDER BY size;

-- name: keys
-- Public keys, the oldest first.
SELECT verifier_key, first_size, first_used FROM ledger_key ORDER BY first_used, verifier_key;

-- name: leaves
-- Leaves from a place on, with what they stand for: of every organization where none is given, else of that one as far
-- as it may see (its own, and what its callers did), the others as hashes.
SELECT l.leaf_index, l.hash, l.event_id AS leaf_event_id, to_jsonb(k) AS lookup, e.*
FROM ledger_leaf l
LEFT JOIN event e ON e.event_id = l.event_id
     AND (%(organization_id)s::uuid IS NULL OR e.organization_id = %(organization_id)s
          OR EXISTS (SELECT FROM caller c
                     WHERE c.caller_id = e.caller_id AND c.organization_id = %(organization_id)s))
LEFT JOIN ledger_lookup k ON k.leaf_index = l.leaf_index AND l.event_id IS NULL
     AND (%(organization_id)s::uuid IS NULL OR k.organization_id = %(organization_id)s)
WHERE l.leaf_index >= %(start)s AND l.leaf_index < %(stop)s
ORDER BY l.leaf_index;

-- name: history
-- The events of an entry that an organization may see, in the ledger's order; those without a place come last.
SELECT l.leaf_index, l.hash, e.*
FROM event e LEFT JOIN ledger_leaf l USING (event_id)
WHERE e.entry_id = %(entry_id)s
  AND (e.organization_id = %(organization_id)s
       OR EXISTS (SELECT FROM caller c WHERE c.caller_id = e.caller_id AND c.organization_id = %(organization_id)s))
ORDER BY l.leaf_index NULLS LAST, e.event_id
LIMIT %(limit)s;

-- name: entry_events
-- The events of an entry of these kinds, in the ledger's order; of a medium added those that commit to its file.
SELECT l.leaf_index, e.*
FROM event e JOIN ledger_leaf l USING (event_id)
WHERE e.entry_id = %(entry_id)s AND e.kind = ANY (%(kinds)s::text[])
  AND (e.kind <> 'asset.added' OR e.said ->> 'sha256' IS NOT NULL)
ORDER BY l.leaf_index;

-- name: strays
-- Events that have no place and do not wait for one: nothing writes such.
SELECT e.event_id FROM event e
WHERE NOT EXISTS (SELECT FROM ledger_leaf l WHERE l.event_id = e.event_id)
  AND NOT EXISTS (SELECT FROM event_waiting w WHERE w.event_id = e.event_id)
ORDER BY e.event_id LIMIT 100;

-- name: recorded_lookups
-- Lookups on record from a place on, as their rows are now: none where the row is gone.
SELECT k.leaf_index, k.lookup_id, k.salt, k.query_commitment, k.answer_commitment, l.lookup_id IS NOT NULL AS there,
       encode(l.sha256, 'hex') AS sha256, l.answer::text AS answer
FROM ledger_lookup k LEFT JOIN lookup l USING (lookup_id)
WHERE k.leaf_index >= %(start)s AND k.leaf_index < %(stop)s
ORDER BY k.leaf_index;

-- name: find_event
-- The place of an event that an organization may see.
SELECT l.leaf_index FROM ledger_leaf l JOIN event e USING (event_id)
WHERE e.event_id = %(event_id)s
  AND (e.organization_id = %(organization_id)s
       OR EXISTS (SELECT FROM caller c WHERE c.caller_id = e.caller_id AND c.organization_id = %(organization_id)s));

-- name: find_lookup
-- The place of a lookup of an organization.
SELECT leaf_index FROM ledger_lookup WHERE lookup_id = %(lookup_id)s AND organization_id = %(organization_id)s;

-- name: recording
-- Which lookups of an organization are recorded, where it says so.
SELECT record_lookups FROM organization WHERE organization_id = %(organization_id)s;

-- name: oldest_unsigned
-- Seconds for which the oldest event has waited for a signed checkpoint; 0: none waits. If nothing was ever signed, events
-- that have a leaf do not wait.
SELECT coalesce(extract(epoch FROM clock_timestamp() - least(
    (SELECT at FROM event WHERE event_id = (SELECT min(event_id) FROM event_waiting)),
    (SELECT e.at FROM ledger_leaf l JOIN event e USING (event_id)
     WHERE l.leaf_index >= (SELECT max(size) FROM ledger_checkpoint) ORDER BY l.leaf_index LIMIT 1)
)), 0)::float8 AS seconds;

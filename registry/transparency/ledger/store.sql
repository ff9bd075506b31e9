-- name: begin
-- Take the sequencer's lock until the transaction ends, and return whether anything waits.
SELECT pg_try_advisory_xact_lock(%(lock)s) AS locked,
       (SELECT event_id FROM event_waiting ORDER BY event_id LIMIT 1) IS NOT NULL AS events,
       EXISTS (SELECT FROM lookup l, ledger_cursor c
               WHERE l.answered_in > 0 AND l.answered_in > c.answered_in) AS lookups;

-- name: size
-- The number of leaves, read after the lock was taken, so that leaves of the previous holder are included.
SELECT coalesce((SELECT max(leaf_index) + 1 FROM ledger_leaf), 0) AS size,
       (SELECT max(size) FROM ledger_checkpoint) AS signed;

-- name: reset_cursor
-- Reset a cursor of another cluster. Recorded lookups are not recorded twice.
UPDATE ledger_cursor SET answered_in = 0, lookup_id = '00000000-0000-0000-0000-000000000000'
WHERE answered_in >= pg_snapshot_xmax(pg_current_snapshot())::text::bigint;

-- name: take_lookups
-- Answered lookups after the cursor, of transactions older than all running ones, so that none can appear among them
-- later. `wanted`: the lookup is to be recorded, by the widest setting of its organization (else the deployment) and the
-- banks concerned.
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
-- Move the cursor.
UPDATE ledger_cursor SET answered_in = %(answered_in)s, lookup_id = %(lookup_id)s;

-- name: append_leaves
-- Insert leaves.
INSERT INTO ledger_leaf (leaf_index, hash, event_id, entry_id, readers, readers_hash)
SELECT * FROM unnest(%(indexes)s::bigint[], %(hashes)s::bytea[], %(event_ids)s::bigint[], %(entry_ids)s::uuid[],
                     %(readers)s::bytea[], %(readers_hashes)s::bytea[]);

-- name: placed
-- Of these events, those that have a leaf.
SELECT event_id FROM ledger_leaf WHERE event_id = ANY (%(event_ids)s::bigint[]);

-- name: readers_hash
-- The hash of all marks up to a leaf.
SELECT readers_hash FROM ledger_leaf WHERE leaf_index = %(leaf_index)s;

-- name: organizations_of
-- The organizations of callers.
SELECT caller_id, organization_id FROM caller WHERE caller_id = ANY (%(caller_ids)s::uuid[]);

-- name: append_nodes
-- Insert hashes of subtrees that are complete now. A hash that exists already belongs to leaves that somebody has
-- removed. The tree then contradicts its checkpoints, which is detected, and events still get leaves.
INSERT INTO ledger_node (height, position, hash)
SELECT * FROM unnest(%(heights)s::smallint[], %(positions)s::bigint[], %(hashes)s::bytea[])
ON CONFLICT (height, position) DO NOTHING;

-- name: append_lookups
-- Insert recorded lookups.
INSERT INTO ledger_lookup (leaf_index, lookup_id, caller_id, organization_id, at, input, verdict, query_commitment,
                           answer_commitment, salt)
SELECT * FROM unnest(%(indexes)s::bigint[], %(lookup_ids)s::uuid[], %(caller_ids)s::uuid[], %(organization_ids)s::uuid[],
                     %(times)s::timestamptz[], %(inputs)s::text[], %(verdicts)s::text[], %(queries)s::bytea[],
                     %(answers)s::bytea[], %(salts)s::bytea[]);

-- name: hashes_at
-- Hashes of the tree at these places.
SELECT 0 AS height, leaf_index AS position, hash FROM ledger_leaf WHERE leaf_index = ANY (%(leaves)s::bigint[])
UNION ALL
SELECT n.height, n.position, n.hash
FROM unnest(%(heights)s::smallint[], %(positions)s::bigint[]) AS g (height, position)
JOIN ledger_node n ON n.height = g.height AND n.position = g.position;

-- name: add_checkpoint
-- Insert a signed checkpoint.
INSERT INTO ledger_checkpoint (size, root, note) VALUES (%(size)s, %(root)s, %(note)s)
ON CONFLICT (size) DO NOTHING;

-- name: add_key
-- Insert a public key at its first signature.
INSERT INTO ledger_key (verifier_key, first_size) VALUES (%(verifier_key)s, %(size)s)
ON CONFLICT (verifier_key) DO NOTHING;

-- name: checkpoint
-- The newest checkpoint, or the smallest that covers a leaf.
SELECT size, root, note, signed_at FROM ledger_checkpoint
WHERE %(covering)s::bigint IS NULL OR size > %(covering)s
ORDER BY CASE WHEN %(covering)s::bigint IS NULL THEN -size ELSE size END
LIMIT 1;

-- name: checkpoints
-- All checkpoints, oldest first.
SELECT note FROM ledger_checkpoint ORDER BY size;

-- name: keys
-- Public keys, oldest first.
SELECT verifier_key, first_size, first_used FROM ledger_key ORDER BY first_used, verifier_key;

-- name: leaves
-- Leaves of a range with their contents. With an organization, only contents that it may see: its own, and what its
-- callers did. Others are hashes.
SELECT l.leaf_index, l.hash, l.readers, l.event_id AS leaf_event_id, l.entry_id AS leaf_entry_id, to_jsonb(k) AS lookup, e.*
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
-- The events of an entry that an organization may see, in the ledger's order. Events without a leaf come last.
SELECT l.leaf_index, l.hash, e.*
FROM event e LEFT JOIN ledger_leaf l USING (event_id)
WHERE e.entry_id = %(entry_id)s
  AND (e.organization_id = %(organization_id)s
       OR EXISTS (SELECT FROM caller c WHERE c.caller_id = e.caller_id AND c.organization_id = %(organization_id)s))
ORDER BY l.leaf_index NULLS LAST, e.event_id
LIMIT %(limit)s;

-- name: lost
-- Leaves of an entry whose event is gone, or says that it is of another entry.
SELECT l.leaf_index, l.hash, l.readers, l.event_id
FROM ledger_leaf l LEFT JOIN event e ON e.event_id = l.event_id AND e.entry_id = l.entry_id
WHERE l.entry_id = %(entry_id)s AND e.event_id IS NULL
ORDER BY l.leaf_index
LIMIT %(limit)s;

-- name: entry_events
-- The events of an entry of these kinds, in the ledger's order. Of added media, those that commit to the file.
SELECT l.leaf_index, e.*
FROM event e JOIN ledger_leaf l USING (event_id)
WHERE e.entry_id = %(entry_id)s AND e.kind = ANY (%(kinds)s::text[])
  AND (e.kind <> 'asset.added' OR e.said ->> 'sha256' IS NOT NULL)
ORDER BY l.leaf_index;

-- name: strays
-- Events that neither have a leaf nor wait for one. The service never writes such.
SELECT e.event_id FROM event e
WHERE NOT EXISTS (SELECT FROM ledger_leaf l WHERE l.event_id = e.event_id)
  AND NOT EXISTS (SELECT FROM event_waiting w WHERE w.event_id = e.event_id)
ORDER BY e.event_id LIMIT 100;

-- name: own_strays
-- Such events of an organization.
SELECT e.event_id FROM event e
WHERE e.organization_id = %(organization_id)s
  AND NOT EXISTS (SELECT FROM ledger_leaf l WHERE l.event_id = e.event_id)
  AND NOT EXISTS (SELECT FROM event_waiting w WHERE w.event_id = e.event_id)
ORDER BY e.event_id LIMIT 100;

-- name: recorded_lookups
-- Recorded lookups of a range, with the present content of their rows, if these still exist.
SELECT k.leaf_index, k.lookup_id, k.salt, k.query_commitment, k.answer_commitment, l.lookup_id IS NOT NULL AS there,
       encode(l.sha256, 'hex') AS sha256, l.answer::text AS answer
FROM ledger_lookup k LEFT JOIN lookup l USING (lookup_id)
WHERE k.leaf_index >= %(start)s AND k.leaf_index < %(stop)s
ORDER BY k.leaf_index;

-- name: find_event
-- The leaf index of an event that an organization may see.
SELECT l.leaf_index FROM ledger_leaf l JOIN event e USING (event_id)
WHERE e.event_id = %(event_id)s
  AND (e.organization_id = %(organization_id)s
       OR EXISTS (SELECT FROM caller c WHERE c.caller_id = e.caller_id AND c.organization_id = %(organization_id)s));

-- name: find_lookup
-- The leaf index of a lookup of an organization.
SELECT leaf_index FROM ledger_lookup WHERE lookup_id = %(lookup_id)s AND organization_id = %(organization_id)s;

-- name: recording
-- Which lookups of an organization are recorded, if it has a setting.
SELECT record_lookups FROM organization WHERE organization_id = %(organization_id)s;

-- name: oldest_unsigned
-- Seconds for which the oldest event has waited for a signed checkpoint; 0: none waits. If nothing was ever signed, events
-- that have a leaf do not wait.
SELECT coalesce(extract(epoch FROM clock_timestamp() - least(
    (SELECT at FROM event WHERE event_id = (SELECT min(event_id) FROM event_waiting)),
    (SELECT e.at FROM ledger_leaf l JOIN event e USING (event_id)
     WHERE l.leaf_index >= (SELECT max(size) FROM ledger_checkpoint) ORDER BY l.leaf_index LIMIT 1)
)), 0)::float8 AS seconds;

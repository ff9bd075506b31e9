-- name: numbers
-- By which numbers the frames of these assets name them.
SELECT asset_id, asset_no FROM asset WHERE asset_id = ANY (%(asset_ids)s);

-- name: indexes
-- The indexes by which frames are found: how each is dropped, and how it is built. Those of partitions go with the one
-- that takes them together, and are built before it.
WITH found AS (
    SELECT i.indexrelid AS id, i.indexrelid AS whole FROM pg_index i
    JOIN pg_class c ON c.oid = i.indexrelid JOIN pg_am m ON m.oid = c.relam
    WHERE i.indrelid IN ('frame_fingerprint'::regclass, 'frame_vector'::regclass) AND m.amname IN ('gin', 'hnsw')
), each AS (
    SELECT id, whole FROM found
    UNION ALL SELECT i.inhrelid, f.whole FROM found f JOIN pg_inherits i ON i.inhparent = f.id
)
SELECT CASE WHEN id = whole THEN format('DROP INDEX %s', id::regclass) ELSE '' END AS dropping,
       replace(pg_get_indexdef(id), ' ON ONLY ', ' ON ') AS building
FROM each ORDER BY whole::regclass::text, id = whole, id::regclass::text;

-- name: room
-- Time and memory for building; several processes sort the keys before they are written, which packs them well.
SELECT set_config('statement_timeout', '0', true), set_config('maintenance_work_mem', %(memory)s, true),
       set_config('max_parallel_maintenance_workers', '2', true);

-- name: numbers
-- By which numbers the frames of these assets name them.
SELECT asset_id, asset_no FROM asset WHERE asset_id = ANY (%(asset_ids)s);

-- name: indexes
-- The indexes by which frames are found: how each is dropped, and how it is built.
SELECT format('DROP INDEX %s', i.indexrelid::regclass) AS dropping, pg_get_indexdef(i.indexrelid) AS building
FROM pg_index i JOIN pg_class c ON c.oid = i.indexrelid JOIN pg_am m ON m.oid = c.relam
WHERE i.indrelid IN ('frame_fingerprint'::regclass, 'frame_vector'::regclass) AND m.amname IN ('gin', 'hnsw')
ORDER BY c.relname;

-- name: room
-- Time and memory for building; several processes sort the keys before they are written, which packs them well.
SELECT set_config('statement_timeout', '0', true), set_config('maintenance_work_mem', %(memory)s, true),
       set_config('max_parallel_maintenance_workers', '2', true);

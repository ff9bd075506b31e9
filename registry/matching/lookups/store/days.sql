-- name: turn
-- Whether this transaction may change the days; others have their turn later.
SELECT pg_try_advisory_xact_lock(hashtextextended('lookup days', 0)) AS turn;

-- name: days
-- The days that have a partition, oldest first.
SELECT to_date(substr(c.relname, 8), 'YYYYMMDD') AS day FROM pg_inherits i JOIN pg_class c ON c.oid = i.inhrelid
WHERE i.inhparent = 'lookup'::regclass AND c.relname <> 'lookup_other' ORDER BY day;

-- name: add
-- Make the partition of a day.
SELECT add_lookup_day(%(day)s);

-- name: drop
-- Drop a day with its lookups.
SELECT drop_lookup_day(%(day)s);

-- name: first_id
-- The lowest id of a day.
SELECT lookup_id_at(%(day)s::timestamp AT TIME ZONE 'UTC') AS lookup_id;

-- name: held_since
-- When the oldest lookup was asked whose media is still stored; null: none is.
SELECT min(created_at) AS at FROM lookup WHERE blob_key IS NOT NULL;

-- name: delete_others
-- Delete some lookups that are older and whose day has no partition.
DELETE FROM lookup_other WHERE lookup_id IN (
    SELECT lookup_id FROM lookup_other WHERE created_at < %(day)s::timestamp AT TIME ZONE 'UTC' LIMIT %(limit)s);

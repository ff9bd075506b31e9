-- name: lock
-- Whether it is this session's turn to migrate: one at a time. Not waited for here, since a statement has a snapshot.
SELECT pg_try_advisory_lock(%(lock)s);

-- name: unlock
-- Let the next one look whether anything is left to do.
SELECT pg_advisory_unlock(%(lock)s);

-- name: patience
-- An index that is built beside others waits for each transaction that was there before it, and may take hours.
SET lock_timeout = '10min'; SET statement_timeout = 0; SET transaction_timeout = 0;

-- name: linked
-- Let the server look, each second, if the process that asked is still there: the next one's turn waits for its end.
SET client_connection_check_interval = '1s';

-- name: unfinished
-- How to drop an index of this name that was never finished; nothing where there is none.
SELECT format('DROP INDEX CONCURRENTLY IF EXISTS %%s', indexrelid::regclass)
FROM pg_index WHERE indexrelid = to_regclass(%(index)s) AND NOT indisvalid;

-- name: versions
-- What the server is, and which pgvector it could install.
SELECT current_setting('server_version_num')::integer,
       (SELECT default_version FROM pg_available_extensions WHERE name = 'vector');

-- name: has_table
-- Whether this database was ever migrated.
SELECT to_regclass('public.migration') IS NOT NULL;

-- name: create_table
-- The record of what was applied.
CREATE TABLE IF NOT EXISTS public.migration (
    name text PRIMARY KEY,
    sha256 text NOT NULL,
    applied_at timestamptz NOT NULL DEFAULT now()
);

-- name: applied
-- What was applied, with the digest of its text.
SELECT name, sha256 FROM public.migration;

-- name: limits
-- Rather fail and be tried again than block lookups.
SET LOCAL lock_timeout = '5s'; SET LOCAL statement_timeout = '10min';

-- name: record
-- Say that a migration was applied, in its own transaction.
INSERT INTO public.migration (name, sha256) VALUES (%(name)s, %(sha256)s);

-- name: empty
-- Whether no table exists but those of PostgreSQL.
SELECT NOT EXISTS (
    SELECT FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
    WHERE c.relkind IN ('r', 'p') AND n.nspname <> 'information_schema' AND n.nspname NOT LIKE 'pg\_%'
) AS empty;

-- name: lock
-- One process migrates at a time; the others wait here.
SELECT pg_advisory_lock(%(lock)s);

-- name: unlock
-- Let the next one look whether anything is left to do.
SELECT pg_advisory_unlock(%(lock)s);

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

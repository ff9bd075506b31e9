-- name: count
-- The number of partitions.
SELECT count(*) AS partitions FROM pg_inherits WHERE inhparent = 'frame_fingerprint'::regclass;

-- name: locks
-- The number of locks for which the server has room, for each connection.
SELECT current_setting('max_locks_per_transaction')::integer AS locks;

-- name: act
-- Act as the owner of the frames, so that new tables belong to it, with time and memory for building.
SELECT set_config('role', pg_get_userbyid(relowner), false), set_config('statement_timeout', '0', false),
       set_config('transaction_timeout', '0', false),
       set_config('idle_in_transaction_session_timeout', '0', false),
       set_config('maintenance_work_mem', %(memory)s, false),
       set_config('max_parallel_maintenance_workers', '2', false)
FROM pg_class WHERE oid = 'frame_fingerprint'::regclass;

-- name: linked
-- Have the server check each second whether the client is still connected.
SELECT set_config('client_connection_check_interval', '1s', false);

-- name: patience
-- Set the lock timeout. It is below one second, after which the server would search for deadlocks.
SELECT set_config('lock_timeout', %(wait)s, true);

-- name: hold
-- Block writers until the transaction ends. Lookups continue.
LOCK TABLE asset, frame_fingerprint IN SHARE ROW EXCLUSIVE MODE;

-- name: stop
-- Block lookups until the transaction ends.
LOCK TABLE frame_fingerprint IN ACCESS EXCLUSIVE MODE;

-- name: let_go
-- End the transaction after an interruption, because it locks what is to be dropped.
ROLLBACK;

-- name: release
-- Cancel statements that have read frames and wait to write, because this transaction would wait for them for ever.
SELECT pg_cancel_backend(l.pid) FROM pg_locks l
WHERE l.locktype = 'relation' AND l.granted AND l.pid <> pg_backend_pid()
  AND l.database = (SELECT oid FROM pg_database WHERE datname = current_database())
  AND l.relation = 'frame_fingerprint'::regclass AND pg_backend_pid() = ANY (pg_blocking_pids(l.pid));

-- name: forget_new
-- Drop the tables of an interrupted run.
DROP TABLE IF EXISTS frame_fingerprint_new;

-- name: forget_old
-- Drop the old frames after the renaming. Their foreign keys end, so lookups wait an instant.
LOCK TABLE asset IN ACCESS EXCLUSIVE MODE;
DROP TABLE IF EXISTS frame_fingerprint_old;

-- name: has_old
-- Whether the old frames still exist.
SELECT to_regclass('frame_fingerprint_old') IS NOT NULL AS there;

-- name: dependents
-- Objects that would stay with the old table: views, policies, publications, functions that return its rows.
WITH tables AS (
    SELECT oid, reltype FROM pg_class WHERE oid = 'frame_fingerprint'::regclass
    UNION ALL
    SELECT c.oid, c.reltype FROM pg_inherits i JOIN pg_class c ON c.oid = i.inhrelid
    WHERE i.inhparent = 'frame_fingerprint'::regclass
)
SELECT pg_describe_object(d.classid, d.objid, d.objsubid) AS what
FROM pg_depend d JOIN tables t
    ON (d.refclassid = 'pg_class'::regclass AND d.refobjid = t.oid)
    OR (d.refclassid = 'pg_type'::regclass AND d.refobjid = t.reltype)
WHERE d.deptype = 'n' AND d.classid <> 'pg_constraint'::regclass
  AND NOT (d.classid = 'pg_proc'::regclass AND d.refobjid = 'frame_fingerprint'::regclass)
UNION
SELECT pg_describe_object('pg_publication_rel'::regclass, p.oid, 0)
FROM pg_publication_rel p JOIN tables t ON t.oid = p.prrelid
UNION
SELECT pg_describe_object('pg_policy'::regclass, p.oid, 0) FROM pg_policy p JOIN tables t ON t.oid = p.polrelid
ORDER BY what;

-- name: parent
-- Create the new table, without partitions, indexes and foreign keys.
CREATE TABLE frame_fingerprint_new (LIKE frame_fingerprint INCLUDING ALL EXCLUDING INDEXES)
    PARTITION BY HASH (asset_no);

-- name: described
-- Statements that copy comments and privileges from the old table.
SELECT format('COMMENT ON TABLE frame_fingerprint_new IS %%L', obj_description(oid, 'pg_class')) AS statement
FROM pg_class WHERE oid = 'frame_fingerprint'::regclass
UNION ALL
SELECT format('GRANT %%s ON frame_fingerprint_new TO %%s%%s', g.privilege_type,
              CASE g.grantee WHEN 0 THEN 'PUBLIC' ELSE g.grantee::regrole::text END,
              CASE WHEN g.is_grantable THEN ' WITH GRANT OPTION' ELSE '' END)
FROM pg_class c CROSS JOIN LATERAL aclexplode(c.relacl) g
WHERE c.oid = 'frame_fingerprint'::regclass AND g.grantee <> c.relowner;

-- name: partition
-- Statements that create one partition like the old ones.
WITH named AS (
    SELECT format('frame_fingerprint_%%s_of_%%s', %(number)s::integer, %(partitions)s::integer) AS name,
           (SELECT array_to_string(c.reloptions, ', ')
            FROM pg_inherits i JOIN pg_class c ON c.oid = i.inhrelid
            WHERE i.inhparent = 'frame_fingerprint'::regclass LIMIT 1) AS options
)
SELECT unnest(ARRAY[
    format('CREATE TABLE %%I (LIKE frame_fingerprint INCLUDING ALL EXCLUDING INDEXES)%%s', name,
           coalesce(' WITH (' || nullif(options, '') || ')', '')),
    format('COMMENT ON TABLE %%I IS %%L', name,
           'A partition of frame_fingerprint; its name says how many there are.'),
    format('ALTER TABLE frame_fingerprint_new ATTACH PARTITION %%I FOR VALUES WITH (MODULUS %%s, REMAINDER %%s)',
           name, %(partitions)s::integer, %(number)s::integer)]) AS statement
FROM named;

-- name: copies
-- Statements that copy all rows, some tens of megabytes each, with the rows of an asset kept together.
SELECT format('INSERT INTO frame_fingerprint_new SELECT * FROM %%s WHERE ctid >= ''(%%s,0)'' AND ctid < ''(%%s,0)''',
              l.part, first, first + %(pages)s) AS statement
FROM (
    SELECT inhrelid::regclass AS part,
           pg_relation_size(inhrelid) / current_setting('block_size')::integer AS pages
    FROM pg_inherits WHERE inhparent = 'frame_fingerprint'::regclass
) l
CROSS JOIN LATERAL generate_series(0, l.pages - 1, %(pages)s) first
ORDER BY l.part::text, first;

-- name: indexes
-- Statements that build an index of each partition and then attach them.
WITH indexes AS (
    SELECT i.indexrelid AS id, c.relname AS name FROM pg_index i JOIN pg_class c ON c.oid = i.indexrelid
    WHERE i.indrelid = 'frame_fingerprint'::regclass
), tables AS (
    SELECT inhrelid AS id, substring(c.relname FROM '_\d+_of_\d+$') AS suffix, c.relname AS name, 0 AS level
    FROM pg_inherits JOIN pg_class c ON c.oid = inhrelid WHERE inhparent = 'frame_fingerprint_new'::regclass
    UNION ALL SELECT 'frame_fingerprint_new'::regclass, '_new', 'frame_fingerprint_new', 1
)
SELECT format('%%s of %%s', x.name, t.name) AS doing,
       regexp_replace(pg_get_indexdef(x.id), ' INDEX \S+ ON (ONLY )?\S+ USING ',
                      format(' INDEX %%I ON %%I USING ', x.name || t.suffix, t.name)) AS statement
FROM indexes x CROSS JOIN tables t
ORDER BY t.level, t.id, x.name;

-- name: analyze
-- Collect statistics for the planner. Autovacuum never analyzes a partitioned table as a whole.
ANALYZE frame_fingerprint_new;

-- name: references
-- Statements that add the foreign keys to media, and check them.
SELECT format('ALTER TABLE frame_fingerprint_new ADD CONSTRAINT %%I %%s', conname, pg_get_constraintdef(oid))
           AS statement
FROM pg_constraint WHERE conrelid = 'frame_fingerprint'::regclass AND contype = 'f' AND conparentid = 0;

-- name: bound
-- Statements that recreate the functions and triggers that are bound to the table itself.
SELECT pg_get_functiondef(p.oid) AS statement FROM pg_proc p
WHERE EXISTS (SELECT FROM pg_depend d
              WHERE d.classid = 'pg_proc'::regclass AND d.objid = p.oid
                AND d.refclassid = 'pg_class'::regclass AND d.refobjid = 'frame_fingerprint'::regclass)
UNION ALL
SELECT pg_get_triggerdef(oid) FROM pg_trigger WHERE tgrelid = 'frame_fingerprint'::regclass AND NOT tgisinternal;

-- name: names
-- Statements that give the new table and its indexes the names of the old.
WITH named AS (
    SELECT 'TABLE' AS kind, 'frame_fingerprint' AS name
    UNION ALL
    SELECT 'INDEX', c.relname FROM pg_index i JOIN pg_class c ON c.oid = i.indexrelid
    WHERE i.indrelid = 'frame_fingerprint'::regclass
)
SELECT format('ALTER %%s %%I RENAME TO %%I', kind, name || before, name || after) AS statement
FROM named CROSS JOIN (VALUES (1, '', '_old'), (2, '_new', '')) v (turn, before, after)
ORDER BY turn, kind DESC, name;

-- name: count
-- How many partitions there are.
SELECT count(*) AS partitions FROM pg_inherits WHERE inhparent = 'frame_fingerprint'::regclass;

-- name: locks
-- How many locks the server keeps room for, a connection.
SELECT current_setting('max_locks_per_transaction')::integer AS locks;

-- name: act
-- As who owns the frames, so that what is made is theirs too; with time and memory for building.
SELECT set_config('role', pg_get_userbyid(relowner), false), set_config('statement_timeout', '0', false),
       set_config('transaction_timeout', '0', false),
       set_config('idle_in_transaction_session_timeout', '0', false),
       set_config('maintenance_work_mem', %(memory)s, false),
       set_config('max_parallel_maintenance_workers', '2', false)
FROM pg_class WHERE oid = 'frame_fingerprint'::regclass;

-- name: linked
-- Whether the server looks, each second, if the process that asked is still there.
SELECT set_config('client_connection_check_interval', '1s', false);

-- name: patience
-- How long a lock is waited for. Less than a second, after which the server would look for who waits for whom.
SELECT set_config('lock_timeout', %(wait)s, true);

-- name: hold
-- Nothing is registered or taken out from here to the end of the transaction; lookups go on.
LOCK TABLE asset, frame_fingerprint IN SHARE ROW EXCLUSIVE MODE;

-- name: stop
-- Lookups wait, from here to the end of the transaction.
LOCK TABLE frame_fingerprint IN ACCESS EXCLUSIVE MODE;

-- name: let_go
-- End the transaction, if it was interrupted so that its end was never asked for: what it locks is to be dropped.
ROLLBACK;

-- name: release
-- End what has read frames, waits for this transaction to write, and so would be waited for for ever.
SELECT pg_cancel_backend(l.pid) FROM pg_locks l
WHERE l.locktype = 'relation' AND l.granted AND l.pid <> pg_backend_pid()
  AND l.database = (SELECT oid FROM pg_database WHERE datname = current_database())
  AND l.relation = 'frame_fingerprint'::regclass AND pg_backend_pid() = ANY (pg_blocking_pids(l.pid));

-- name: forget_new
-- What a run that was cut off has built.
DROP TABLE IF EXISTS frame_fingerprint_new;

-- name: forget_old
-- The frames as they were, once others stand in their place. What refers to media ends, so lookups wait an instant.
LOCK TABLE asset IN ACCESS EXCLUSIVE MODE;
DROP TABLE IF EXISTS frame_fingerprint_old;

-- name: has_old
-- Whether they are there still.
SELECT to_regclass('frame_fingerprint_old') IS NOT NULL AS there;

-- name: dependents
-- What would not come along: views, policies, publications, functions that return rows of the table.
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
-- The table to be, with no partition, no index, and nothing that it refers to.
CREATE TABLE frame_fingerprint_new (LIKE frame_fingerprint INCLUDING ALL EXCLUDING INDEXES)
    PARTITION BY HASH (asset_no);

-- name: described
-- What says of it what was said of the one before, and lets those read it who might.
SELECT format('COMMENT ON TABLE frame_fingerprint_new IS %%L', obj_description(oid, 'pg_class')) AS statement
FROM pg_class WHERE oid = 'frame_fingerprint'::regclass
UNION ALL
SELECT format('GRANT %%s ON frame_fingerprint_new TO %%s%%s', g.privilege_type,
              CASE g.grantee WHEN 0 THEN 'PUBLIC' ELSE g.grantee::regrole::text END,
              CASE WHEN g.is_grantable THEN ' WITH GRANT OPTION' ELSE '' END)
FROM pg_class c CROSS JOIN LATERAL aclexplode(c.relacl) g
WHERE c.oid = 'frame_fingerprint'::regclass AND g.grantee <> c.relowner;

-- name: partition
-- What makes one partition, set up as those before.
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
-- What copies all rows, some tens of megabytes at a time, those of one asset side by side as they are.
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
-- What builds one index of each partition, and then takes them together.
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
-- What the planner should know; autovacuum never looks at a table in partitions as one.
ANALYZE frame_fingerprint_new;

-- name: references
-- What refers to media, and sees that all are there.
SELECT format('ALTER TABLE frame_fingerprint_new ADD CONSTRAINT %%I %%s', conname, pg_get_constraintdef(oid))
           AS statement
FROM pg_constraint WHERE conrelid = 'frame_fingerprint'::regclass AND contype = 'f' AND conparentid = 0;

-- name: bound
-- What is bound to the table itself and not to its name: functions and triggers, as they are made.
SELECT pg_get_functiondef(p.oid) AS statement FROM pg_proc p
WHERE EXISTS (SELECT FROM pg_depend d
              WHERE d.classid = 'pg_proc'::regclass AND d.objid = p.oid
                AND d.refclassid = 'pg_class'::regclass AND d.refobjid = 'frame_fingerprint'::regclass)
UNION ALL
SELECT pg_get_triggerdef(oid) FROM pg_trigger WHERE tgrelid = 'frame_fingerprint'::regclass AND NOT tgisinternal;

-- name: names
-- What puts the new table and its indexes in the place of the old.
WITH named AS (
    SELECT 'TABLE' AS kind, 'frame_fingerprint' AS name
    UNION ALL
    SELECT 'INDEX', c.relname FROM pg_index i JOIN pg_class c ON c.oid = i.indexrelid
    WHERE i.indrelid = 'frame_fingerprint'::regclass
)
SELECT format('ALTER %%s %%I RENAME TO %%I', kind, name || before, name || after) AS statement
FROM named CROSS JOIN (VALUES (1, '', '_old'), (2, '_new', '')) v (turn, before, after)
ORDER BY turn, kind DESC, name;

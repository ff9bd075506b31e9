-- name: writes
-- Whether this server accepts writes. A replica does not.
SELECT NOT pg_is_in_recovery() AS writes;

-- name: withheld_tables
-- Those of these tables that exist and that the role may not read or insert into.
SELECT t.name FROM unnest(%(tables)s::text[]) AS t (name)
CROSS JOIN LATERAL (SELECT to_regclass('public.' || t.name) AS there) AS found
WHERE NOT (has_table_privilege(there, 'SELECT') AND has_table_privilege(there, 'INSERT'))
ORDER BY t.name;

-- name: archive
-- The state of log archiving: failed attempts, and the age of the last archived segment while a finished one waits, else
-- 0. A segment waits if the last attempt failed, if no archive command is set, or if more than the current segment came
-- after the last archived one. If the last archived file is no segment, that is not counted.
SELECT failed_count AS failures,
       CASE WHEN coalesce(last_failed_time > coalesce(last_archived_time, '-infinity'), false)
                 OR (current_setting('archive_command') IN ('', '(disabled)') AND current_setting('archive_library') = '')
                 OR CASE WHEN last_archived_wal ~ '^[0-9A-F]{24}$'
                         THEN (pg_split_walfile_name(pg_walfile_name(pg_current_wal_lsn()))).segment_number
                              - (pg_split_walfile_name(last_archived_wal)).segment_number > 1
                         ELSE false END
            THEN extract(epoch FROM clock_timestamp()
                         - coalesce(last_archived_time, greatest(stats_reset, pg_postmaster_start_time())))
            ELSE 0 END::float8 AS waiting
FROM pg_stat_archiver
WHERE current_setting('archive_mode') <> 'off';

-- name: condition
-- The server's clock, in seconds since 1970, whether it uses huge pages, and the bytes of its buffers.
SELECT extract(epoch FROM clock_timestamp())::float8 AS clock,
       current_setting('huge_pages_status') = 'on' AS huge_pages,
       pg_size_bytes(current_setting('shared_buffers')) AS buffers;

-- name: writes
-- Whether this server takes writes; a copy does not.
SELECT NOT pg_is_in_recovery() AS writes;

-- name: withheld
-- Which of these tables are there and the role may not read, or not add to.
SELECT t.name FROM unnest(%(tables)s::text[]) AS t (name)
CROSS JOIN LATERAL (SELECT to_regclass('public.' || t.name) AS there) AS found
WHERE NOT (has_table_privilege(there, 'SELECT') AND has_table_privilege(there, 'INSERT'))
ORDER BY t.name;

-- name: archive
-- How the log's archive is, where one is kept: attempts that failed, and the age of the last that did not while a finished
-- segment waits, else 0. A segment waits while attempts fail, where nothing says how to archive, and where more than the one
-- that is being written came after the last; what was archived last may be no segment, and then it says nothing.
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

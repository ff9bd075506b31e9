-- name: primary
-- How far the primary's log reaches on its disk, what everybody's lookups must see, and which database it is. The timeline
-- is that of what it writes now: its checkpoints tell of a promotion only once the first has ended, minutes later.
SELECT NOT pg_is_in_recovery() AS writes,
       CASE WHEN NOT pg_is_in_recovery() THEN pg_current_wal_flush_lsn() - '0/0'::pg_lsn END AS written,
       CASE WHEN NOT pg_is_in_recovery()
            THEN (pg_split_walfile_name(pg_walfile_name(pg_current_wal_lsn()))).timeline_id END AS timeline,
       (SELECT system_identifier FROM pg_control_system()) AS system,
       pg_postmaster_start_time() AS started,
       coalesce((SELECT changes FROM change_count
                 WHERE organization_id = '00000000-0000-0000-0000-000000000000'), 0) AS everybody;

-- name: replica
-- How far a replica has come: of the primary's log, in time, and of what everybody's lookups must see. A role that may not
-- read all statistics sees that a log is received, and neither its state nor its timeline.
SELECT pg_is_in_recovery() AS copies,
       pg_last_wal_replay_lsn() - '0/0'::pg_lsn AS replayed,
       coalesce(pg_last_xact_replay_timestamp(), (SELECT checkpoint_time FROM pg_control_checkpoint())) AS replayed_at,
       EXISTS (SELECT FROM pg_stat_wal_receiver WHERE coalesce(status, 'streaming') = 'streaming') AS streams,
       (SELECT received_tli FROM pg_stat_wal_receiver) AS timeline,
       (SELECT system_identifier FROM pg_control_system()) AS system,
       pg_postmaster_start_time() AS started,
       coalesce((SELECT changes FROM change_count
                 WHERE organization_id = '00000000-0000-0000-0000-000000000000'), 0) AS everybody;

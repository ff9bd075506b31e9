-- On which server jobs were last swept: one that has taken another's place knows nobody's session, and workers that live
-- could not renew their leases meanwhile.
ALTER TABLE sweeper ADD COLUMN server_began timestamptz;
COMMENT ON TABLE sweeper IS 'When whoever sweeps jobs last saw the database take writes, in one row.';
COMMENT ON COLUMN sweeper.swept_at IS 'When it last did.';
COMMENT ON COLUMN sweeper.steady_since IS 'Since when it has without a pause, and as the same server.';
COMMENT ON COLUMN sweeper.server_began IS 'When that server started, or had recovered from a crash.';

COMMENT ON COLUMN job.deferrals IS 'How often something it needs was away, or its worker was told to end. These count as no attempts.';

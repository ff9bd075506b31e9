-- Small pictures of media that are not kept are not kept either.
UPDATE asset_manifest m SET store = NULL FROM asset a
WHERE a.asset_id = m.asset_id AND m.pictures AND m.store IS NOT NULL AND a.blob_key IS NULL;

-- step: Jobs that ended are forgotten after a while. There may be millions, which no earlier release forgot.
CREATE INDEX CONCURRENTLY IF NOT EXISTS job_done ON job (finished_at) WHERE status = 'done';

-- step: When the sweeper was last at work: who comes back after a while knows nobody's leases yet. It tells its beat's pulse too.
CREATE TABLE sweeper (
    is_only boolean PRIMARY KEY DEFAULT true CHECK (is_only),
    swept_at timestamptz NOT NULL DEFAULT now(),
    steady_since timestamptz NOT NULL DEFAULT '-infinity'
);
COMMENT ON TABLE sweeper IS 'When jobs were last swept, in one row.';
COMMENT ON COLUMN sweeper.is_only IS 'There is one row.';
COMMENT ON COLUMN sweeper.swept_at IS 'When it last began.';
COMMENT ON COLUMN sweeper.steady_since IS 'Since when it has come without a pause longer than a lease.';
COMMENT ON COLUMN asset_manifest.store IS 'The manifest store (JUMBF) as it stood in the file; null: none, too large, or with small pictures of a medium that is not kept.';
COMMENT ON COLUMN lookup.blob_key IS 'The uploaded file while it waits; deleted and nulled once answered or, given up, once its dead letter is settled or a week old.';

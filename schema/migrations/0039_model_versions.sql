-- Two versions of a model beside each other: vectors say whose they are, and kept media is read again in the background.
ALTER TABLE frame_vector ADD COLUMN model text NOT NULL DEFAULT 'sscd.1';
COMMENT ON COLUMN frame_vector.model IS 'Which model, and version of it, said so. Only what the same one said is compared.';
COMMENT ON COLUMN frame_vector.sscd IS 'The vector, L2-normalised.';

CREATE TABLE refingerprinting (
    algorithm text PRIMARY KEY CHECK (algorithm ~ '^[a-z0-9.]{1,40}$'),
    asked_at timestamptz NOT NULL DEFAULT now(),
    reached integer NOT NULL DEFAULT 0
);
COMMENT ON TABLE refingerprinting IS 'Algorithms that kept media is read again for, in the background, until somebody ends it.';
COMMENT ON COLUMN refingerprinting.algorithm IS 'Name and version.';
COMMENT ON COLUMN refingerprinting.asked_at IS 'When it was asked for.';
COMMENT ON COLUMN refingerprinting.reached IS 'Up to which asset_no jobs have been written.';

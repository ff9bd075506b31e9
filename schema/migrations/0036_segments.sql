-- Long media in parallel: what is to be read by whom, what was found, and how much is still out.
CREATE TABLE division (
    asset_id uuid PRIMARY KEY REFERENCES asset ON DELETE CASCADE,
    plan jsonb NOT NULL,
    segments smallint NOT NULL CHECK (segments > 0),
    remaining smallint NOT NULL CHECK (remaining BETWEEN 0 AND segments),
    undivided boolean NOT NULL DEFAULT false,
    created_at timestamptz NOT NULL DEFAULT now()
);
COMMENT ON TABLE division IS 'A long video that is being read in segments. Deleted, with them, in the commit that enrols or fails it.';
COMMENT ON COLUMN division.asset_id IS 'The video.';
COMMENT ON COLUMN division.plan IS 'What all segments share; its form is the workers''.';
COMMENT ON COLUMN division.segments IS 'How many there are.';
COMMENT ON COLUMN division.remaining IS 'How many have not been read; counted down in the commit that keeps a segment''s result, under its fence. At 0 that commit asks for the joining.';
COMMENT ON COLUMN division.undivided IS 'A segment found that the file cannot be read in pieces: it is read in one.';
COMMENT ON COLUMN division.created_at IS 'When it was divided.';

CREATE TABLE segment (
    segment_id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
    asset_id uuid NOT NULL REFERENCES division ON DELETE CASCADE,
    number smallint NOT NULL CHECK (number >= 0),
    task jsonb NOT NULL,
    share real NOT NULL CHECK (share BETWEEN 0 AND 1),
    found bytea,
    fence bigint,
    done_at timestamptz,
    UNIQUE (asset_id, number),
    CHECK ((found IS NULL) = (done_at IS NULL) AND (found IS NULL) = (fence IS NULL))
);
ALTER TABLE segment ALTER COLUMN found SET STORAGE EXTERNAL;
COMMENT ON TABLE segment IS 'A piece of a video, or its sound, with a job of its own.';
COMMENT ON COLUMN segment.segment_id IS 'Identity; the subject of its job.';
COMMENT ON COLUMN segment.asset_id IS 'The video.';
COMMENT ON COLUMN segment.number IS 'Its place in the whole.';
COMMENT ON COLUMN segment.task IS 'What is to be read; its form is the workers''.';
COMMENT ON COLUMN segment.share IS 'Which part of the whole work it is, 0-1, for the progress that people watch.';
COMMENT ON COLUMN segment.found IS 'What was seen or heard, face vectors among it; its form is the workers''. Null until it has been read.';
COMMENT ON COLUMN segment.fence IS 'The lease under which that was written.';
COMMENT ON COLUMN segment.done_at IS 'When it was.';

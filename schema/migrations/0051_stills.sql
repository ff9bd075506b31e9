-- Pictures of registered media at an instant, for people who compare.
CREATE TABLE still (
    asset_id uuid NOT NULL REFERENCES asset,
    at_ms integer NOT NULL CHECK (at_ms >= 0),
    blob_key text,
    error_code text,
    asked_by uuid NOT NULL REFERENCES caller,
    asked_at timestamptz NOT NULL DEFAULT now(),
    ended_at timestamptz,
    PRIMARY KEY (asset_id, at_ms),
    CHECK (blob_key IS NULL OR error_code IS NULL),
    CHECK ((blob_key IS NULL AND error_code IS NULL) = (ended_at IS NULL))
);
COMMENT ON TABLE still IS 'A picture of a medium at an instant, blurred and clear, made by a worker when somebody asks and kept for a day.';
COMMENT ON COLUMN still.asset_id IS 'The medium.';
COMMENT ON COLUMN still.at_ms IS 'The instant, in milliseconds from its first picture, to a tenth of a second.';
COMMENT ON COLUMN still.blob_key IS 'Where both pictures are kept; null until they are made.';
COMMENT ON COLUMN still.error_code IS 'Why it could not be made: a stable code.';
COMMENT ON COLUMN still.asked_by IS 'Who asked for it last.';
COMMENT ON COLUMN still.asked_at IS 'When it was last asked for.';
COMMENT ON COLUMN still.ended_at IS 'When it was made, or could not be; null while it waits.';
CREATE INDEX still_blob ON still (blob_key) WHERE blob_key IS NOT NULL;
CREATE INDEX still_waiting ON still (asked_by) WHERE ended_at IS NULL;

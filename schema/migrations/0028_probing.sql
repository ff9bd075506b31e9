-- Sequences of lookups that walk along a boundary of what is registered.
CREATE TABLE probing (
    organization_id uuid NOT NULL REFERENCES organization,
    algorithm text NOT NULL CHECK (algorithm IN ('phash256.1', 'pdq.1')),
    centre bit(256) NOT NULL,
    turned bit(256) NOT NULL,
    turns bigint NOT NULL,
    hashes bigint NOT NULL,
    caller_id uuid NOT NULL REFERENCES caller,
    began_at timestamptz NOT NULL DEFAULT now(),
    changed_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    suspected_at timestamptz,
    refused_until timestamptz,
    lifted_at timestamptz,
    PRIMARY KEY (organization_id, algorithm, centre),
    CHECK ((suspected_at IS NULL) = (refused_until IS NULL))
) WITH (fillfactor = 70);
COMMENT ON TABLE probing IS 'Walks of an organization''s lookups: near-identical hashes whose answers differ. Only those that have turned enough bits to be shared between API processes; of other lookups no hash is kept.';
COMMENT ON COLUMN probing.organization_id IS 'Whose callers ask.';
COMMENT ON COLUMN probing.algorithm IS 'What made the hashes.';
COMMENT ON COLUMN probing.centre IS 'The hash that was asked first; the others are near it.';
COMMENT ON COLUMN probing.turned IS 'The bits in which any of the others differs from it: what their answers may have told.';
COMMENT ON COLUMN probing.turns IS 'By how many bits all together differ from what most of them have, each hash counted once in a process.';
COMMENT ON COLUMN probing.hashes IS 'How many others there are, each counted once in a process.';
COMMENT ON COLUMN probing.caller_id IS 'The caller that asked last.';
COMMENT ON COLUMN probing.began_at IS 'When it was first shared.';
COMMENT ON COLUMN probing.changed_at IS 'When it last changed; a month later it is forgotten.';
COMMENT ON COLUMN probing.suspected_at IS 'When it was last taken for an attempt to reconstruct a hash; null: it was not.';
COMMENT ON COLUMN probing.refused_until IS 'Until when near-identical hashes of the organization are refused for it.';
COMMENT ON COLUMN probing.lifted_at IS 'When the operator last said that it is none; null: never.';
CREATE INDEX probing_changed ON probing (changed_at);

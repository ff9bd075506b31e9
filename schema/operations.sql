-- Canary lookups.

CREATE TABLE canary (
    canary text PRIMARY KEY CHECK (canary ~ '^[0-9a-f]{12}$'),
    asked_at timestamptz NOT NULL,
    found boolean NOT NULL,
    verdict text,
    seconds double precision NOT NULL
);
COMMENT ON TABLE canary IS 'Known lookups that are repeated and must match: the last answer to each.';
COMMENT ON COLUMN canary.canary IS 'The first digits of the SHA-256 of its document.';
COMMENT ON COLUMN canary.asked_at IS 'When it was last run.';
COMMENT ON COLUMN canary.found IS 'Whether it matched.';
COMMENT ON COLUMN canary.verdict IS 'The verdict, or the code of the error.';
COMMENT ON COLUMN canary.seconds IS 'How long the answer took.';

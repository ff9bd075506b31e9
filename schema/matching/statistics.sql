-- Counts of lookups, so that charts read no lookups.

CREATE TABLE lookup_count (
    organization_id uuid NOT NULL REFERENCES organization,
    day date NOT NULL,
    verdict text NOT NULL CHECK (verdict IN ('known_fake', 'authentic_original', 'related', 'no_match', 'undecidable')),
    count bigint NOT NULL CHECK (count > 0),
    PRIMARY KEY (organization_id, day, verdict)
) WITH (fillfactor = 70);
COMMENT ON TABLE lookup_count IS 'Answered lookups by organization, day and verdict. A periodic task counts each lookup once.';
COMMENT ON COLUMN lookup_count.organization_id IS 'The organization that asked.';
COMMENT ON COLUMN lookup_count.day IS 'The day of the answer, in UTC.';
COMMENT ON COLUMN lookup_count.verdict IS 'The answer''s verdict.';
COMMENT ON COLUMN lookup_count.count IS 'How many.';

CREATE TABLE lookup_count_cursor (
    is_only boolean PRIMARY KEY DEFAULT true CHECK (is_only),
    answered_in bigint NOT NULL DEFAULT 0,
    lookup_id uuid NOT NULL DEFAULT '00000000-0000-0000-0000-000000000000'
);
COMMENT ON TABLE lookup_count_cursor IS 'The last lookup that was counted.';
COMMENT ON COLUMN lookup_count_cursor.is_only IS 'There is one row.';
COMMENT ON COLUMN lookup_count_cursor.answered_in IS 'lookup.answered_in of that lookup.';
COMMENT ON COLUMN lookup_count_cursor.lookup_id IS 'Its id, which orders the lookups of one transaction.';
INSERT INTO lookup_count_cursor DEFAULT VALUES;

-- Entries with the same footage, and entries made from others.

CREATE TABLE entry_link (
    one_entry_id uuid NOT NULL,
    one_asset_id uuid NOT NULL,
    one_role text NOT NULL,
    other_entry_id uuid NOT NULL,
    other_asset_id uuid NOT NULL,
    other_role text NOT NULL,
    kind text NOT NULL CHECK (kind IN ('same_footage')),
    relation text CHECK (relation IN ('copy', 'same_footage_other_face', 'shares_original')),
    faces text CHECK (faces IN ('same', 'other')),
    score real NOT NULL CHECK (score BETWEEN 0 AND 1),
    spans jsonb NOT NULL,
    model text NOT NULL,
    found_from uuid NOT NULL,
    found_at timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (one_entry_id, other_entry_id, one_asset_id, other_asset_id, kind),
    FOREIGN KEY (one_entry_id, one_asset_id, one_role) REFERENCES entry_asset ON DELETE CASCADE,
    FOREIGN KEY (other_entry_id, other_asset_id, other_role) REFERENCES entry_asset ON DELETE CASCADE,
    CHECK (one_entry_id < other_entry_id)
);
COMMENT ON TABLE entry_link IS 'Two media of two entries that show the same footage. One row a pair, whichever was searched; deleted with either. A caller who may see one entry may not see the other: check both.';
COMMENT ON COLUMN entry_link.one_entry_id IS 'The entry with the lower id.';
COMMENT ON COLUMN entry_link.one_asset_id IS 'Its medium.';
COMMENT ON COLUMN entry_link.one_role IS 'Its role in that entry: fake or original.';
COMMENT ON COLUMN entry_link.other_entry_id IS 'The entry with the higher id.';
COMMENT ON COLUMN entry_link.other_asset_id IS 'Its medium.';
COMMENT ON COLUMN entry_link.other_role IS 'Its role in that entry.';
COMMENT ON COLUMN entry_link.kind IS 'What they have in common: same_footage.';
COMMENT ON COLUMN entry_link.relation IS 'copy: the same fake. same_footage_other_face: fakes with different faces. shares_original: one of them is an original. null: unknown.';
COMMENT ON COLUMN entry_link.faces IS 'Whether the faces at the same moments are the same; null: unknown. No likeness is kept.';
COMMENT ON COLUMN entry_link.score IS 'The probability that the footage is the same, 0-1.';
COMMENT ON COLUMN entry_link.spans IS 'Which seconds are the same: objects with one and other ([start, end]), speed (seconds of other in one of one), mirrored.';
COMMENT ON COLUMN entry_link.model IS 'The rules that found it, by name and version.';
COMMENT ON COLUMN entry_link.found_from IS 'The entry that was searched; searching it again replaces its findings.';
COMMENT ON COLUMN entry_link.found_at IS 'When it was last found.';
CREATE INDEX entry_link_other ON entry_link (other_entry_id, one_entry_id);

CREATE TABLE entry_derivation (
    entry_id uuid NOT NULL,
    fake_id uuid NOT NULL,
    fake_role text NOT NULL DEFAULT 'fake' CHECK (fake_role = 'fake'),
    original_id uuid NOT NULL,
    original_role text NOT NULL DEFAULT 'original' CHECK (original_role = 'original'),
    faces text CHECK (faces IN ('same', 'other')),
    score real NOT NULL CHECK (score BETWEEN 0 AND 1),
    spans jsonb NOT NULL,
    model text NOT NULL,
    found_at timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (entry_id, fake_id, original_id),
    FOREIGN KEY (entry_id, fake_id, fake_role) REFERENCES entry_asset ON DELETE CASCADE,
    FOREIGN KEY (entry_id, original_id, original_role) REFERENCES entry_asset ON DELETE CASCADE
);
COMMENT ON TABLE entry_derivation IS 'Which seconds of an entry''s fake show which seconds of its original, by the registry''s alignment: confirms what was stated at registration. No row: not searched, or not found.';
COMMENT ON COLUMN entry_derivation.entry_id IS 'The entry that holds both.';
COMMENT ON COLUMN entry_derivation.fake_id IS 'The fake.';
COMMENT ON COLUMN entry_derivation.fake_role IS 'Its role in the entry.';
COMMENT ON COLUMN entry_derivation.original_id IS 'The original it was made from.';
COMMENT ON COLUMN entry_derivation.original_role IS 'Its role in the entry.';
COMMENT ON COLUMN entry_derivation.faces IS 'Whether the faces at the same moments are the same; null: unknown. No likeness is kept.';
COMMENT ON COLUMN entry_derivation.score IS 'The probability that the footage is the same, 0-1.';
COMMENT ON COLUMN entry_derivation.spans IS 'Which seconds are the same: objects with one (of the fake) and other (of the original), speed, mirrored.';
COMMENT ON COLUMN entry_derivation.model IS 'The rules that found it, by name and version.';
COMMENT ON COLUMN entry_derivation.found_at IS 'When it was last found.';
CREATE INDEX entry_derivation_original ON entry_derivation (original_id);

-- Provenance: what manifests of C2PA declare, which originals come from a source that the deployment believes, and how
-- an entry's fakes lie along its originals.
ALTER TABLE asset_manifest
    ADD COLUMN declared text CHECK (declared IN ('trained_algorithmic_media', 'composite', 'edited', 'capture', 'other')),
    ADD COLUMN source boolean NOT NULL DEFAULT false,
    ADD CONSTRAINT asset_manifest_source_check CHECK (NOT source OR (state = 'trusted' AND declared = 'capture')) NOT VALID;
COMMENT ON COLUMN asset_manifest.declared IS 'How the medium came to be, as its manifest declares it: the gravest of its digital source types and those of its ingredients. Null: it says nothing of that, or does not hold.';
COMMENT ON COLUMN asset_manifest.source IS 'Whether a capture device or newsroom of the deployment''s stricter list signed it as captured, with nothing generated or composed in it.';

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
COMMENT ON TABLE entry_derivation IS 'Which seconds of an entry''s fake show which seconds of its original, by the registry''s own alignment: the proof of what somebody said when registering both. No row: it was not looked for, or not found.';
COMMENT ON COLUMN entry_derivation.entry_id IS 'The entry that holds both.';
COMMENT ON COLUMN entry_derivation.fake_id IS 'The fake.';
COMMENT ON COLUMN entry_derivation.fake_role IS 'As what the entry holds it.';
COMMENT ON COLUMN entry_derivation.original_id IS 'What it was made from.';
COMMENT ON COLUMN entry_derivation.original_role IS 'As what the entry holds it.';
COMMENT ON COLUMN entry_derivation.faces IS 'Whether the faces at the same moments are the same; null: it cannot be told. No likeness is kept.';
COMMENT ON COLUMN entry_derivation.score IS 'The probability that the footage is the same, 0-1.';
COMMENT ON COLUMN entry_derivation.spans IS 'Which seconds are the same: objects with one (of the fake) and other (of the original), speed, mirrored.';
COMMENT ON COLUMN entry_derivation.model IS 'The rules that found it, by name and version.';
COMMENT ON COLUMN entry_derivation.found_at IS 'When it was last found.';
CREATE INDEX entry_derivation_original ON entry_derivation (original_id);

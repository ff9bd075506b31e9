-- What an asset sounds like.
CREATE TABLE audio_fingerprint (
    asset_id uuid PRIMARY KEY REFERENCES asset ON DELETE CASCADE,
    chromaprint bytea NOT NULL CHECK (octet_length(chromaprint) % 4 = 0),
    keys integer[] NOT NULL
);
COMMENT ON TABLE audio_fingerprint IS 'What the audio algorithms say about an asset that has a sound. Corroborates; by itself never more than a hint for a person.';
COMMENT ON COLUMN audio_fingerprint.asset_id IS 'The asset.';
COMMENT ON COLUMN audio_fingerprint.chromaprint IS 'chromaprint.1: little-endian uint32, one each 1365/11025 s from the picture''s beginning on.';
COMMENT ON COLUMN audio_fingerprint.keys IS 'What it is found by: its distinct values that say anything, without their fickle bits (registry.domain.audio.keys).';
CREATE INDEX audio_keys ON audio_fingerprint USING gin (keys);

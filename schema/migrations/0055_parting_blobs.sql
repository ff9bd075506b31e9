-- Media and pictures that a row named and names no longer, until they are deleted: who lets one go may be killed before.
CREATE TABLE parting_blob (
    number bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    blob_key text NOT NULL,
    noted_at timestamptz NOT NULL DEFAULT now()
);
COMMENT ON TABLE parting_blob IS 'What a row names no longer, until it is deleted, or seen to be needed by another: mostly for milliseconds.';
COMMENT ON COLUMN parting_blob.number IS 'Its number. The same blob may come twice, so that nobody who lets it go waits for another who does.';
COMMENT ON COLUMN parting_blob.blob_key IS 'The blob.';
COMMENT ON COLUMN parting_blob.noted_at IS 'When it was let go.';
CREATE INDEX parting_blob_key ON parting_blob (blob_key);
CREATE FUNCTION note_parting_blob() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO parting_blob (blob_key) VALUES (OLD.blob_key);
    RETURN NULL;
END $$;
CREATE TRIGGER asset_lets_blob_go AFTER UPDATE OF blob_key ON asset
    FOR EACH ROW WHEN (OLD.blob_key IS DISTINCT FROM NEW.blob_key AND OLD.blob_key IS NOT NULL)
    EXECUTE FUNCTION note_parting_blob();
CREATE TRIGGER still_lets_blob_go AFTER DELETE ON still
    FOR EACH ROW WHEN (OLD.blob_key IS NOT NULL) EXECUTE FUNCTION note_parting_blob();

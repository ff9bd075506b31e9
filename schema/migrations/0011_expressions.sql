-- How a face stands at one moment, so that lip-sync is told from the footage it was made from.
ALTER TABLE face_fingerprint ADD COLUMN expression bytea CHECK (octet_length(expression) = 54);
COMMENT ON COLUMN face_fingerprint.expression IS 'Mouth, then eyes and brows: 27 signed bytes each, the lowest frequencies of the aligned face (workers.faces.expression). null: registered before it was read.';

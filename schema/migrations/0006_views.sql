-- What stands in a mere frame (blurred bars, an app's screen) is kept of an asset too.
COMMENT ON COLUMN frame_fingerprint.view IS 'Which part of the frame: full, trim (without its uniform border), content (what stands in a mere frame: between blurred bars, in an app''s screen).';

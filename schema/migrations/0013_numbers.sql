-- Short names for assets, for rows of which there are millions.
ALTER TABLE asset ADD COLUMN asset_no integer GENERATED ALWAYS AS IDENTITY UNIQUE;
COMMENT ON COLUMN asset.asset_no IS 'A short name within this database, for rows of which there are millions.';

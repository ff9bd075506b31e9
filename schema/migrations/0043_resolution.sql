-- Manifests of C2PA are asked for by the label of the active one.
CREATE INDEX asset_manifest_label ON asset_manifest ((said ->> 'label')) WHERE store IS NOT NULL;

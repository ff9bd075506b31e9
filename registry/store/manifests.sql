-- name: write
-- What a medium says of its origin; what was read before gives way to what is read now.
INSERT INTO asset_manifest (asset_id, state, store, store_sha256, store_bytes, pictures, signer, signed_at,
                            claim_generator, said, reader)
VALUES (%(asset_id)s, %(state)s, %(store)s, %(store_sha256)s, %(store_bytes)s, %(pictures)s, %(signer)s, %(signed_at)s,
        %(claim_generator)s, %(said)s, %(reader)s)
ON CONFLICT (asset_id) DO UPDATE SET state = excluded.state, store = excluded.store,
    store_sha256 = excluded.store_sha256, store_bytes = excluded.store_bytes, pictures = excluded.pictures,
    signer = excluded.signer, signed_at = excluded.signed_at, claim_generator = excluded.claim_generator,
    said = excluded.said, reader = excluded.reader, read_at = now();

-- name: of_assets
-- What media say of their origin, without the stores themselves.
SELECT m.asset_id, m.state, encode(m.store_sha256, 'hex') AS store_sha256, m.store_bytes, m.store IS NOT NULL AS kept,
       m.pictures, m.signer, m.signed_at, m.claim_generator, m.said, m.reader, m.read_at
FROM asset_manifest m WHERE m.asset_id = ANY (%(asset_ids)s) ORDER BY m.asset_id;

-- name: store
-- The manifest store of a medium.
SELECT store FROM asset_manifest WHERE asset_id = %(asset_id)s;

-- Frames in partitions by the hash of their asset. The table that is there becomes the only partition as it is,
-- nothing is copied, no index is built; `fakeprint migrate --partitions` makes it several. Neither lookups nor
-- registrations wait, but for an instant in the first step and in the last. What looks at all rows stands
-- between them, so that what was cut off is taken up: each step but the last may run again.
ALTER TABLE frame_fingerprint DROP CONSTRAINT IF EXISTS frame_fingerprint_whole;
DROP TABLE IF EXISTS frame_parted;
CREATE TABLE frame_parted (LIKE frame_fingerprint INCLUDING ALL EXCLUDING INDEXES) PARTITION BY HASH (asset_no);
-- What a partition must hold, known beforehand, so that nobody waits while it is looked for.
ALTER TABLE frame_fingerprint ADD CONSTRAINT frame_fingerprint_whole
    CHECK (satisfies_hash_partition('frame_parted'::regclass, 1, 0, asset_no)) NOT VALID;

-- step: Look at all rows.
ALTER TABLE frame_fingerprint VALIDATE CONSTRAINT frame_fingerprint_whole;

-- step: The table becomes a partition.
DO $$
BEGIN
    -- All locks at once, or none for the time being: who registers may hold one and wait for the other.
    FOR attempt IN 1..200 LOOP
        BEGIN
            PERFORM set_config('lock_timeout', '900ms', true);
            LOCK TABLE asset, frame_fingerprint IN SHARE ROW EXCLUSIVE MODE;
            PERFORM set_config('lock_timeout', '200ms', true);
            LOCK TABLE asset, frame_fingerprint IN ACCESS EXCLUSIVE MODE;
            RETURN;
        EXCEPTION WHEN lock_not_available OR deadlock_detected THEN
            PERFORM pg_sleep(0.5);
        END;
    END LOOP;
    RAISE lock_not_available USING MESSAGE = 'frames are in use without a pause: run it again when less goes on';
END
$$;
DO $$
DECLARE
    granted text;
BEGIN
    -- Whoever was let in reads it still.
    FOR granted IN
        SELECT format('GRANT %s ON frame_parted TO %s', g.privilege_type,
                      CASE g.grantee WHEN 0 THEN 'PUBLIC' ELSE g.grantee::regrole::text END)
        FROM pg_class c CROSS JOIN LATERAL aclexplode(c.relacl) g
        WHERE c.oid = 'frame_fingerprint'::regclass AND g.grantee <> c.relowner
    LOOP
        EXECUTE granted;
    END LOOP;
END
$$;
ALTER TABLE frame_fingerprint RENAME TO frame_fingerprint_0_of_1;
ALTER INDEX frame_asset RENAME TO frame_asset_0_of_1;
ALTER INDEX frame_phash256 RENAME TO frame_phash256_0_of_1;
ALTER INDEX frame_pdq RENAME TO frame_pdq_0_of_1;
ALTER TABLE frame_parted RENAME TO frame_fingerprint;
ALTER TABLE frame_fingerprint ADD FOREIGN KEY (asset_no) REFERENCES asset (asset_no) ON DELETE CASCADE;
CREATE INDEX frame_asset ON frame_fingerprint (asset_no);
CREATE INDEX frame_phash256 ON frame_fingerprint USING gin (phash256_keys(phash256)) WITH (fastupdate = off)
    WHERE quality >= 50;
CREATE INDEX frame_pdq ON frame_fingerprint USING gin (pdq_keys(pdq)) WITH (fastupdate = off)
    WHERE quality >= 50;
ALTER TABLE frame_fingerprint ATTACH PARTITION frame_fingerprint_0_of_1 FOR VALUES WITH (MODULUS 1, REMAINDER 0);
ALTER TABLE frame_fingerprint_0_of_1 DROP CONSTRAINT frame_fingerprint_whole;
COMMENT ON TABLE frame_fingerprint IS 'What the hashes say about one moment of an asset, one view of it. In partitions by hash of the asset. Rows are narrow (124 bytes), because a lookup visits hundreds of them.';
COMMENT ON TABLE frame_fingerprint_0_of_1 IS 'A partition of frame_fingerprint; their names say how many there are.';

-- What finds frames by their hashes was bound to the table; now it looks into all partitions.
CREATE OR REPLACE FUNCTION near_phash256(hash bit(256), radius integer, effort integer)
    RETURNS TABLE (asset_no integer, time_s real, bits double precision)
    LANGUAGE sql STABLE PARALLEL SAFE
BEGIN ATOMIC
    SELECT f.asset_no, f.time_s, f.bits
    FROM phash256_turned(
        substring(hash FROM 1 FOR 64)::bit(64)::bigint, substring(hash FROM 65 FOR 64)::bit(64)::bigint,
        substring(hash FROM 129 FOR 64)::bit(64)::bigint, substring(hash FROM 193 FOR 64)::bit(64)::bigint,
        effort) b
    CROSS JOIN LATERAL (
        -- The OFFSET keeps the planner from comparing with every hash there is.
        SELECT asset_no, time_s, phash256 <~> hash AS bits FROM frame_fingerprint
        WHERE quality >= 50
          AND (phash256_keys(phash256) && b.k0
               OR phash256_keys(phash256) && b.k1
               OR phash256_keys(phash256) && b.k2
               OR phash256_keys(phash256) && b.k3
               OR phash256_keys(phash256) && b.k4
               OR phash256_keys(phash256) && b.k5
               OR phash256_keys(phash256) && b.k6
               OR phash256_keys(phash256) && b.k7
               OR phash256_keys(phash256) && b.k8
               OR phash256_keys(phash256) && b.k9
               OR phash256_keys(phash256) && b.k10
               OR phash256_keys(phash256) && b.k11)
          AND phash256 <~> hash <= radius
        OFFSET 0
    ) f;
END;
CREATE OR REPLACE FUNCTION near_pdq(hash bit(256), radius integer, effort integer)
    RETURNS TABLE (asset_no integer, time_s real, bits double precision)
    LANGUAGE sql STABLE PARALLEL SAFE
BEGIN ATOMIC
    SELECT f.asset_no, f.time_s, f.bits
    FROM pdq_turned(
        substring(hash FROM 1 FOR 64)::bit(64)::bigint, substring(hash FROM 65 FOR 64)::bit(64)::bigint,
        substring(hash FROM 129 FOR 64)::bit(64)::bigint, substring(hash FROM 193 FOR 64)::bit(64)::bigint,
        effort) b
    CROSS JOIN LATERAL (
        -- The OFFSET keeps the planner from comparing with every hash there is.
        SELECT asset_no, time_s, pdq <~> hash AS bits FROM frame_fingerprint
        WHERE quality >= 50
          AND (pdq_keys(pdq) && b.k0
               OR pdq_keys(pdq) && b.k1
               OR pdq_keys(pdq) && b.k2
               OR pdq_keys(pdq) && b.k3
               OR pdq_keys(pdq) && b.k4
               OR pdq_keys(pdq) && b.k5
               OR pdq_keys(pdq) && b.k6
               OR pdq_keys(pdq) && b.k7
               OR pdq_keys(pdq) && b.k8
               OR pdq_keys(pdq) && b.k9
               OR pdq_keys(pdq) && b.k10
               OR pdq_keys(pdq) && b.k11)
          AND pdq <~> hash <= radius
        OFFSET 0
    ) f;
END;

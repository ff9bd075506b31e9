-- How stored hashes within a Hamming distance of a queried hash are found.

CREATE FUNCTION phash256_turned(w0 bigint, w1 bigint, w2 bigint, w3 bigint, effort integer,
    OUT k0 integer[], OUT k1 integer[], OUT k2 integer[], OUT k3 integer[], OUT k4 integer[], OUT k5 integer[], OUT k6 integer[], OUT k7 integer[], OUT k8 integer[], OUT k9 integer[], OUT k10 integer[], OUT k11 integer[])
    LANGUAGE plpgsql IMMUTABLE STRICT PARALLEL SAFE AS $$
DECLARE
    words integer[] := phash256_words(w0, w1, w2, w3);
    most integer := effort + 1;
    k integer;
BEGIN
    k := words[1]; k0 := (ARRAY[k, k # 2, k # 1, k # 8, k # 256, k # 32, k # 4, k # 128, k # 64, k # 4096, k # 16, k # 1024, k # 32768, k # 16384, k # 512, k # 8192, k # 2048])[:most];
    k := words[2]; k1 := (ARRAY[k, k # 8192, k # 512, k # 2, k # 4, k # 256, k # 1024, k # 128, k # 1, k # 8, k # 2048, k # 64, k # 16384, k # 16, k # 32, k # 4096, k # 32768])[:most];
    k := words[3]; k2 := (ARRAY[k, k # 2048, k # 2, k # 4, k # 16384, k # 32768, k # 1, k # 16, k # 512, k # 128, k # 8, k # 64, k # 1024, k # 4096, k # 8192, k # 256, k # 32])[:most];
    k := words[4]; k3 := (ARRAY[k, k # 1, k # 32768, k # 2048, k # 256, k # 1024, k # 2, k # 4096, k # 16, k # 128, k # 16384, k # 8, k # 64, k # 4, k # 32, k # 8192, k # 512])[:most];
    k := words[5]; k4 := (ARRAY[k, k # 16, k # 64, k # 2, k # 8, k # 256, k # 1, k # 128, k # 16384, k # 32, k # 4, k # 8192, k # 32768, k # 512, k # 1024, k # 4096, k # 2048])[:most];
    k := words[6]; k5 := (ARRAY[k, k # 1024, k # 1, k # 2, k # 512, k # 4, k # 256, k # 128, k # 32768, k # 32, k # 16384, k # 64, k # 8, k # 16, k # 4096, k # 2048, k # 8192])[:most];
    k := words[7]; k6 := (ARRAY[k, k # 16, k # 32768, k # 1, k # 1024, k # 4, k # 2, k # 32, k # 64, k # 256, k # 16384, k # 128, k # 4096, k # 8, k # 512, k # 8192, k # 2048])[:most];
    k := words[8]; k7 := (ARRAY[k, k # 2, k # 2048, k # 1, k # 4, k # 8, k # 32, k # 64, k # 1024, k # 8192, k # 128, k # 256, k # 16, k # 512, k # 4096, k # 16384, k # 32768])[:most];
    k := words[9]; k8 := (ARRAY[k, k # 16, k # 1, k # 1024, k # 2048, k # 8, k # 512, k # 64, k # 2, k # 4, k # 256, k # 128, k # 32, k # 4096, k # 16384, k # 8192, k # 32768])[:most];
    k := words[10]; k9 := (ARRAY[k, k # 32, k # 8, k # 256, k # 32768, k # 4, k # 128, k # 16384, k # 2, k # 4096, k # 1, k # 64, k # 16, k # 1024, k # 512, k # 2048, k # 8192])[:most];
    k := words[11]; k10 := (ARRAY[k, k # 8192, k # 32, k # 16, k # 1, k # 16384, k # 256, k # 1024, k # 8, k # 128, k # 2, k # 64, k # 4, k # 2048, k # 4096, k # 32768, k # 512])[:most];
    k := words[12]; k11 := (ARRAY[k, k # 16384, k # 4096, k # 256, k # 64, k # 2, k # 1, k # 8, k # 16, k # 4, k # 32, k # 1024, k # 128, k # 8192, k # 32768, k # 2048, k # 512])[:most];
END $$;
COMMENT ON FUNCTION phash256_turned(bigint, bigint, bigint, bigint, integer) IS 'The keys by which a hash is searched: each key, and each with one bit flipped. `effort`, 0-16, says how many bits are flipped, those first that real edits change most.';

CREATE FUNCTION near_phash256(hash bit(256), radius integer, effort integer)
    RETURNS TABLE (asset_no integer, time_s real, bits double precision)
    LANGUAGE sql STABLE PARALLEL SAFE
BEGIN ATOMIC
    SELECT f.asset_no, f.time_s, f.bits
    FROM phash256_turned(
        substring(hash FROM 1 FOR 64)::bit(64)::bigint, substring(hash FROM 65 FOR 64)::bit(64)::bigint,
        substring(hash FROM 129 FOR 64)::bit(64)::bigint, substring(hash FROM 193 FOR 64)::bit(64)::bigint,
        effort) b
    CROSS JOIN LATERAL (
        -- OFFSET 0 keeps the planner from computing the distance to every hash.
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
COMMENT ON FUNCTION near_phash256(bit, integer, integer) IS 'Rows whose hash is within `radius` bits of this one, as far as keys find them. More `effort` (0-16) finds more of them.';

CREATE FUNCTION pdq_turned(w0 bigint, w1 bigint, w2 bigint, w3 bigint, effort integer,
    OUT k0 integer[], OUT k1 integer[], OUT k2 integer[], OUT k3 integer[], OUT k4 integer[], OUT k5 integer[], OUT k6 integer[], OUT k7 integer[], OUT k8 integer[], OUT k9 integer[], OUT k10 integer[], OUT k11 integer[])
    LANGUAGE plpgsql IMMUTABLE STRICT PARALLEL SAFE AS $$
DECLARE
    words integer[] := pdq_words(w0, w1, w2, w3);
    most integer := effort + 1;
    k integer;
BEGIN
    k := words[1]; k0 := (ARRAY[k, k # 16, k # 32768, k # 16384, k # 64, k # 2048, k # 1, k # 4, k # 32, k # 256, k # 8192, k # 8, k # 128, k # 2, k # 512, k # 4096, k # 1024])[:most];
    k := words[2]; k1 := (ARRAY[k, k # 4, k # 512, k # 32768, k # 64, k # 1024, k # 32, k # 16384, k # 8, k # 256, k # 1, k # 16, k # 4096, k # 8192, k # 2, k # 128, k # 2048])[:most];
    k := words[3]; k2 := (ARRAY[k, k # 16, k # 2048, k # 8192, k # 4, k # 128, k # 64, k # 8, k # 32, k # 32768, k # 1, k # 512, k # 4096, k # 16384, k # 2, k # 1024, k # 256])[:most];
    k := words[4]; k3 := (ARRAY[k, k # 2, k # 4096, k # 1024, k # 128, k # 32, k # 16, k # 32768, k # 16384, k # 256, k # 64, k # 8, k # 2048, k # 1, k # 8192, k # 4, k # 512])[:most];
    k := words[5]; k4 := (ARRAY[k, k # 512, k # 32, k # 8192, k # 16, k # 1, k # 8, k # 256, k # 4, k # 16384, k # 64, k # 128, k # 32768, k # 2048, k # 2, k # 1024, k # 4096])[:most];
    k := words[6]; k5 := (ARRAY[k, k # 64, k # 1, k # 16, k # 32, k # 32768, k # 4, k # 128, k # 8192, k # 1024, k # 2048, k # 8, k # 2, k # 16384, k # 256, k # 4096, k # 512])[:most];
    k := words[7]; k6 := (ARRAY[k, k # 1024, k # 64, k # 1, k # 16, k # 32, k # 4, k # 2048, k # 8, k # 16384, k # 512, k # 32768, k # 2, k # 8192, k # 128, k # 256, k # 4096])[:most];
    k := words[8]; k7 := (ARRAY[k, k # 1, k # 2, k # 32, k # 16, k # 8192, k # 128, k # 4096, k # 2048, k # 64, k # 16384, k # 8, k # 512, k # 32768, k # 4, k # 256, k # 1024])[:most];
    k := words[9]; k8 := (ARRAY[k, k # 4, k # 64, k # 32768, k # 128, k # 2, k # 32, k # 256, k # 8, k # 16, k # 1024, k # 16384, k # 2048, k # 4096, k # 8192, k # 1, k # 512])[:most];
    k := words[10]; k9 := (ARRAY[k, k # 256, k # 32, k # 8192, k # 16, k # 8, k # 64, k # 2048, k # 128, k # 16384, k # 1, k # 2, k # 512, k # 32768, k # 4, k # 1024, k # 4096])[:most];
    k := words[11]; k10 := (ARRAY[k, k # 16, k # 4096, k # 256, k # 64, k # 2, k # 4, k # 1024, k # 8192, k # 32, k # 8, k # 32768, k # 512, k # 16384, k # 1, k # 2048, k # 128])[:most];
    k := words[12]; k11 := (ARRAY[k, k # 16, k # 32, k # 16384, k # 64, k # 128, k # 32768, k # 2048, k # 4096, k # 2, k # 8, k # 512, k # 8192, k # 1, k # 4, k # 256, k # 1024])[:most];
END $$;
COMMENT ON FUNCTION pdq_turned(bigint, bigint, bigint, bigint, integer) IS 'The keys by which a hash is searched: each key, and each with one bit flipped. `effort`, 0-16, says how many bits are flipped, those first that real edits change most.';

CREATE FUNCTION near_pdq(hash bit(256), radius integer, effort integer)
    RETURNS TABLE (asset_no integer, time_s real, bits double precision)
    LANGUAGE sql STABLE PARALLEL SAFE
BEGIN ATOMIC
    SELECT f.asset_no, f.time_s, f.bits
    FROM pdq_turned(
        substring(hash FROM 1 FOR 64)::bit(64)::bigint, substring(hash FROM 65 FOR 64)::bit(64)::bigint,
        substring(hash FROM 129 FOR 64)::bit(64)::bigint, substring(hash FROM 193 FOR 64)::bit(64)::bigint,
        effort) b
    CROSS JOIN LATERAL (
        -- OFFSET 0 keeps the planner from computing the distance to every hash.
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
COMMENT ON FUNCTION near_pdq(bit, integer, integer) IS 'Rows whose hash is within `radius` bits of this one, as far as keys find them. More `effort` (0-16) finds more of them.';

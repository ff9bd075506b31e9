-- Fewer and wider keys, twelve of 22 bits, that are looked for with bits turned: an insert costs a third, and what
-- edits change is found more surely. Lookups go on while this builds; nothing is registered until it is done.
SET LOCAL statement_timeout = 0;
SET LOCAL maintenance_work_mem = '1GB';
SET LOCAL max_parallel_maintenance_workers = 2;
LOCK TABLE frame_fingerprint IN SHARE ROW EXCLUSIVE MODE;

CREATE FUNCTION phash256_words(w0 bigint, w1 bigint, w2 bigint, w3 bigint) RETURNS integer[]
    LANGUAGE plpgsql IMMUTABLE STRICT PARALLEL SAFE AS $$
DECLARE
    x0 bigint := (w0 & 72057594037927952) # (w2 & -2305838336020840446) # (w3 & 757730637307248648);
    x1 bigint := (w0 & 4503599627370496) # (w1 & 18014398509482112) # (w2 & 1729382256910844420) # (w3 & 72339206990595072);
    x2 bigint := (w0 & 8388672) # (w1 & 2853232674078720) # (w2 & 1125899974017024) # (w3 & -9214364837598963712);
    x3 bigint := (w0 & 1126106069991424) # (w1 & 17592253169664) # (w2 & 36283917402241) # (w3 & 149533581377536);
    x4 bigint := (w0 & 13469017505792) # (w1 & 33849344) # (w2 & 4521741569229088) # (w3 & 4611686018427920386);
    x5 bigint := (w0 & 9059975812874248) # (w1 & 2048) # (w2 & 18155141374935040) # (w3 & 7705171329044);
    x6 bigint := (w1 & 4620702014332993545) # (w2 & 288793326105137152) # (w3 & 68719772288);
    x7 bigint := (w0 & 49280) # (w1 & 288511851128427024) # (w2 & 25924993032) # (w3 & 2305843009213693984);
    x8 bigint := (w0 & 1075838976) # (w1 & 2341871874952134662) # (w2 & 72057596185411648) # (w3 & 1441151919581036544);
    x9 bigint := (w0 & 2251808941539328) # (w1 & 74788399742976) # (w2 & 153122387330596864) # (w3 & 17869236600832);
    x10 bigint := (w0 & 302120960) # (w1 & 2147483904) # (w2 & 36028968817920016) # (w3 & 35185512939585);
    x11 bigint := (w0 & 512) # (w1 & -8646911284542767072) # (w2 & 2322237814211584) # (w3 & 18014415957786880);
BEGIN
    RETURN ARRAY[
        (0 | (((w1 >> 20) & 1) << 16) | (((w1 >> 60) & 1) << 17) | (((w0 >> 49) & 1) << 18) | (((w0 >> 27) & 1) << 19) | (((w0 >> 26) & 1) << 20) | (((w0 >> 59) & 1) << 21) | ((x0 # (x0 >> 16) # (x0 >> 32) # (x0 >> 48)) & 65535))::integer,
        (4194304 | (((w0 >> 31) & 1) << 16) | (((w0 >> 32) & 1) << 17) | (((w0 >> 41) & 1) << 18) | (((w1 >> 39) & 1) << 19) | (((w3 >> 39) & 1) << 20) | (((w0 >> 13) & 1) << 21) | ((x1 # (x1 >> 16) # (x1 >> 32) # (x1 >> 48)) & 65535))::integer,
        (8388608 | (((w0 >> 5) & 1) << 16) | (((w1 >> 35) & 1) << 17) | (((w0 >> 10) & 1) << 18) | (((w0 >> 34) & 1) << 19) | (((w0 >> 0) & 1) << 20) | (((w0 >> 45) & 1) << 21) | ((x2 # (x2 >> 16) # (x2 >> 32) # (x2 >> 48)) & 65535))::integer,
        (12582912 | (((w0 >> 48) & 1) << 16) | (((w3 >> 49) & 1) << 17) | (((w2 >> 48) & 1) << 18) | (((w0 >> 1) & 1) << 19) | (((w2 >> 43) & 1) << 20) | (((w1 >> 43) & 1) << 21) | ((x3 # (x3 >> 16) # (x3 >> 32) # (x3 >> 48)) & 65535))::integer,
        (16777216 | (((w1 >> 13) & 1) << 16) | (((w2 >> 13) & 1) << 17) | (((w0 >> 2) & 1) << 18) | (((w0 >> 13) & 1) << 19) | (((w3 >> 51) & 1) << 20) | (((w2 >> 31) & 1) << 21) | ((x4 # (x4 >> 16) # (x4 >> 32) # (x4 >> 48)) & 65535))::integer,
        (20971520 | (((w0 >> 54) & 1) << 16) | (((w1 >> 37) & 1) << 17) | (((w0 >> 47) & 1) << 18) | (((w1 >> 21) & 1) << 19) | (((w1 >> 6) & 1) << 20) | (((w0 >> 40) & 1) << 21) | ((x5 # (x5 >> 16) # (x5 >> 32) # (x5 >> 48)) & 65535))::integer,
        (25165824 | (((w1 >> 57) & 1) << 16) | (((w0 >> 39) & 1) << 17) | (((w1 >> 33) & 1) << 18) | (((w0 >> 62) & 1) << 19) | (((w0 >> 35) & 1) << 20) | (((w0 >> 55) & 1) << 21) | ((x6 # (x6 >> 16) # (x6 >> 32) # (x6 >> 48)) & 65535))::integer,
        (29360128 | (((w0 >> 61) & 1) << 16) | (((w0 >> 57) & 1) << 17) | (((w1 >> 19) & 1) << 18) | (((w2 >> 41) & 1) << 19) | (((w1 >> 28) & 1) << 20) | (((w0 >> 58) & 1) << 21) | ((x7 # (x7 >> 16) # (x7 >> 32) # (x7 >> 48)) & 65535))::integer,
        (33554432 | (((w0 >> 8) & 1) << 16) | (((w1 >> 52) & 1) << 17) | (((w1 >> 38) & 1) << 18) | (((w1 >> 47) & 1) << 19) | (((w0 >> 18) & 1) << 20) | (((w0 >> 41) & 1) << 21) | ((x8 # (x8 >> 16) # (x8 >> 32) # (x8 >> 48)) & 65535))::integer,
        (37748736 | (((w0 >> 24) & 1) << 16) | (((w0 >> 12) & 1) << 17) | (((w0 >> 46) & 1) << 18) | (((w2 >> 21) & 1) << 19) | (((w0 >> 11) & 1) << 20) | (((w0 >> 61) & 1) << 21) | ((x9 # (x9 >> 16) # (x9 >> 32) # (x9 >> 48)) & 65535))::integer,
        (41943040 | (((w1 >> 50) & 1) << 16) | (((w0 >> 60) & 1) << 17) | (((w2 >> 20) & 1) << 18) | (((w3 >> 22) & 1) << 19) | (((w3 >> 46) & 1) << 20) | (((w0 >> 15) & 1) << 21) | ((x10 # (x10 >> 16) # (x10 >> 32) # (x10 >> 48)) & 65535))::integer,
        (46137344 | (((w0 >> 59) & 1) << 16) | (((w1 >> 56) & 1) << 17) | (((w1 >> 30) & 1) << 18) | (((w1 >> 10) & 1) << 19) | (((w3 >> 52) & 1) << 20) | (((w1 >> 13) & 1) << 21) | ((x11 # (x11 >> 16) # (x11 >> 32) # (x11 >> 48)) & 65535))::integer
    ];
END $$;

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
COMMENT ON FUNCTION phash256_words(bigint, bigint, bigint, bigint) IS
    'The keys of a hash: twelve bands of 22 bits, those that may be turned in the lower half.';
COMMENT ON FUNCTION phash256_turned(bigint, bigint, bigint, bigint, integer) IS
    'What a hash is looked for by: each key, and each with one bit turned, `effort` of 16: first those that real edits change most.';
CREATE FUNCTION phash256_by_word(hash bit(256)) RETURNS integer[]
    LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
    RETURN phash256_words(
        substring(hash FROM 1 FOR 64)::bit(64)::bigint, substring(hash FROM 65 FOR 64)::bit(64)::bigint,
        substring(hash FROM 129 FOR 64)::bit(64)::bigint, substring(hash FROM 193 FOR 64)::bit(64)::bigint);
CREATE INDEX frame_phash256_by_word ON frame_fingerprint USING gin (phash256_by_word(phash256)) WITH (fastupdate = off)
    WHERE quality >= 50;

CREATE FUNCTION pdq_words(w0 bigint, w1 bigint, w2 bigint, w3 bigint) RETURNS integer[]
    LANGUAGE plpgsql IMMUTABLE STRICT PARALLEL SAFE AS $$
DECLARE
    x0 bigint := (w0 & 720575940916154432) # (w1 & 394240) # (w2 & 45035997347446784) # (w3 & 4503599627469064);
    x1 bigint := (w0 & 73192324473044992) # (w1 & 158604552306688) # (w2 & 2340757307408) # (w3 & 536870912);
    x2 bigint := (w0 & -9223331337740419056) # (w1 & 5764607523034234880) # (w2 & 576460752311812128) # (w3 & 524802);
    x3 bigint := (w0 & 4620974701248774144) # (w1 & 2199023255552) # (w2 & 290526156448370688) # (w3 & 19140298424713216);
    x4 bigint := (w0 & 580542273945600) # (w1 & 324541747659038736) # (w2 & 144115497315598336) # (w3 & 140737488355328);
    x5 bigint := (w0 & 2392537302042624) # (w1 & 68719477312) # (w2 & 2306124484190422022) # (w3 & 1261007895665836032);
    x6 bigint := (w0 & 2268011167748) # (w1 & 8592558080) # (w2 & 552440168513) # (w3 & 1090520064);
    x7 bigint := (w0 & 4503599663030272) # (w1 & -9221045469981966078) # (w2 & 18014398509481984) # (w3 & 576742777035948036);
    x8 bigint := (w0 & 306315280845897728) # (w1 & 2378472349298098305) # (w2 & 17609365914112);
    x9 bigint := (w0 & 2305843288386601218) # (w1 & 589971552267665408) # (w2 & 1154051802560200704) # (w3 & 146366987889541120);
    x10 bigint := (w0 & 132104) # (w1 & 19176172266000384) # (w2 & 71468255805440) # (w3 & 2199023255552);
    x11 bigint := (w0 & 1188950304847036960) # (w1 & 55851352064) # (w2 & 5066549652094976) # (w3 & 2305843009347911680);
BEGIN
    RETURN ARRAY[
        (0 | (((w0 >> 7) & 1) << 16) | (((w3 >> 13) & 1) << 17) | (((w3 >> 0) & 1) << 18) | (((w3 >> 7) & 1) << 19) | (((w2 >> 47) & 1) << 20) | (((w3 >> 20) & 1) << 21) | (((((x0 # (x0 >> 16) # (x0 >> 32) # (x0 >> 48)) & 65535) << 7) | (((x0 # (x0 >> 16) # (x0 >> 32) # (x0 >> 48)) & 65535) >> 9)) & 65535))::integer,
        (4194304 | (((w3 >> 31) & 1) << 16) | (((w3 >> 18) & 1) << 17) | (((w3 >> 25) & 1) << 18) | (((w2 >> 8) & 1) << 19) | (((w0 >> 0) & 1) << 20) | (((w3 >> 5) & 1) << 21) | (((((x1 # (x1 >> 16) # (x1 >> 32) # (x1 >> 48)) & 65535) << 7) | (((x1 # (x1 >> 16) # (x1 >> 32) # (x1 >> 48)) & 65535) >> 9)) & 65535))::integer,
        (8388608 | (((w2 >> 36) & 1) << 16) | (((w3 >> 35) & 1) << 17) | (((w1 >> 29) & 1) << 18) | (((w3 >> 33) & 1) << 19) | (((w3 >> 58) & 1) << 20) | (((w1 >> 51) & 1) << 21) | (((((x2 # (x2 >> 16) # (x2 >> 32) # (x2 >> 48)) & 65535) << 7) | (((x2 # (x2 >> 16) # (x2 >> 32) # (x2 >> 48)) & 65535) >> 9)) & 65535))::integer,
        (12582912 | (((w2 >> 19) & 1) << 16) | (((w3 >> 11) & 1) << 17) | (((w0 >> 39) & 1) << 18) | (((w3 >> 26) & 1) << 19) | (((w1 >> 22) & 1) << 20) | (((w3 >> 20) & 1) << 21) | (((((x3 # (x3 >> 16) # (x3 >> 32) # (x3 >> 48)) & 65535) << 7) | (((x3 # (x3 >> 16) # (x3 >> 32) # (x3 >> 48)) & 65535) >> 9)) & 65535))::integer,
        (16777216 | (((w3 >> 46) & 1) << 16) | (((w1 >> 5) & 1) << 17) | (((w2 >> 13) & 1) << 18) | (((w3 >> 32) & 1) << 19) | (((w2 >> 11) & 1) << 20) | (((w3 >> 37) & 1) << 21) | (((((x4 # (x4 >> 16) # (x4 >> 32) # (x4 >> 48)) & 65535) << 7) | (((x4 # (x4 >> 16) # (x4 >> 32) # (x4 >> 48)) & 65535) >> 9)) & 65535))::integer,
        (20971520 | (((w3 >> 49) & 1) << 16) | (((w3 >> 36) & 1) << 17) | (((w1 >> 3) & 1) << 18) | (((w3 >> 22) & 1) << 19) | (((w3 >> 38) & 1) << 20) | (((w2 >> 33) & 1) << 21) | (((((x5 # (x5 >> 16) # (x5 >> 32) # (x5 >> 48)) & 65535) << 7) | (((x5 # (x5 >> 16) # (x5 >> 32) # (x5 >> 48)) & 65535) >> 9)) & 65535))::integer,
        (25165824 | (((w3 >> 40) & 1) << 16) | (((w2 >> 18) & 1) << 17) | (((w2 >> 63) & 1) << 18) | (((w2 >> 28) & 1) << 19) | (((w3 >> 44) & 1) << 20) | (((w2 >> 27) & 1) << 21) | (((((x6 # (x6 >> 16) # (x6 >> 32) # (x6 >> 48)) & 65535) << 7) | (((x6 # (x6 >> 16) # (x6 >> 32) # (x6 >> 48)) & 65535) >> 9)) & 65535))::integer,
        (29360128 | (((w2 >> 3) & 1) << 16) | (((w3 >> 12) & 1) << 17) | (((w1 >> 25) & 1) << 18) | (((w3 >> 34) & 1) << 19) | (((w3 >> 62) & 1) << 20) | (((w3 >> 5) & 1) << 21) | (((((x7 # (x7 >> 16) # (x7 >> 32) # (x7 >> 48)) & 65535) << 7) | (((x7 # (x7 >> 16) # (x7 >> 32) # (x7 >> 48)) & 65535) >> 9)) & 65535))::integer,
        (33554432 | (((w2 >> 16) & 1) << 16) | (((w1 >> 57) & 1) << 17) | (((w2 >> 25) & 1) << 18) | (((w3 >> 17) & 1) << 19) | (((w3 >> 4) & 1) << 20) | (((w3 >> 1) & 1) << 21) | (((((x8 # (x8 >> 16) # (x8 >> 32) # (x8 >> 48)) & 65535) << 7) | (((x8 # (x8 >> 16) # (x8 >> 32) # (x8 >> 48)) & 65535) >> 9)) & 65535))::integer,
        (37748736 | (((w3 >> 53) & 1) << 16) | (((w3 >> 63) & 1) << 17) | (((w3 >> 14) & 1) << 18) | (((w0 >> 24) & 1) << 19) | (((w2 >> 62) & 1) << 20) | (((w3 >> 3) & 1) << 21) | (((((x9 # (x9 >> 16) # (x9 >> 32) # (x9 >> 48)) & 65535) << 7) | (((x9 # (x9 >> 16) # (x9 >> 32) # (x9 >> 48)) & 65535) >> 9)) & 65535))::integer,
        (41943040 | (((w3 >> 28) & 1) << 16) | (((w1 >> 26) & 1) << 17) | (((w2 >> 7) & 1) << 18) | (((w3 >> 6) & 1) << 19) | (((w3 >> 43) & 1) << 20) | (((w3 >> 53) & 1) << 21) | (((((x10 # (x10 >> 16) # (x10 >> 32) # (x10 >> 48)) & 65535) << 7) | (((x10 # (x10 >> 16) # (x10 >> 32) # (x10 >> 48)) & 65535) >> 9)) & 65535))::integer,
        (46137344 | (((w2 >> 56) & 1) << 16) | (((w3 >> 42) & 1) << 17) | (((w1 >> 2) & 1) << 18) | (((w2 >> 33) & 1) << 19) | (((w3 >> 45) & 1) << 20) | (((w1 >> 1) & 1) << 21) | (((((x11 # (x11 >> 16) # (x11 >> 32) # (x11 >> 48)) & 65535) << 7) | (((x11 # (x11 >> 16) # (x11 >> 32) # (x11 >> 48)) & 65535) >> 9)) & 65535))::integer
    ];
END $$;

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
COMMENT ON FUNCTION pdq_words(bigint, bigint, bigint, bigint) IS
    'The keys of a hash: twelve bands of 22 bits, those that may be turned in the lower half.';
COMMENT ON FUNCTION pdq_turned(bigint, bigint, bigint, bigint, integer) IS
    'What a hash is looked for by: each key, and each with one bit turned, `effort` of 16: first those that real edits change most.';
CREATE FUNCTION pdq_by_word(hash bit(256)) RETURNS integer[]
    LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
    RETURN pdq_words(
        substring(hash FROM 1 FOR 64)::bit(64)::bigint, substring(hash FROM 65 FOR 64)::bit(64)::bigint,
        substring(hash FROM 129 FOR 64)::bit(64)::bigint, substring(hash FROM 193 FOR 64)::bit(64)::bigint);
CREATE INDEX frame_pdq_by_word ON frame_fingerprint USING gin (pdq_by_word(pdq)) WITH (fastupdate = off)
    WHERE quality >= 50;

-- From here to the end lookups wait: an instant.
DROP INDEX frame_phash256;
DROP FUNCTION phash256_keys(bit), phash256_bands(bigint, bigint, bigint, bigint);
ALTER INDEX frame_phash256_by_word RENAME TO frame_phash256;
ALTER FUNCTION phash256_by_word(bit) RENAME TO phash256_keys;
COMMENT ON FUNCTION phash256_keys(bit) IS
    'What a hash is found by (multi-index hashing, Norouzi et al., 2012; multi-probe, Lv et al., 2007).';
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
COMMENT ON FUNCTION near_phash256(bit, integer, integer) IS
    'The rows whose hash is within `radius` bits of this one, as far as keys find them: the more `effort`, 0-16, the more of them.';

DROP INDEX frame_pdq;
DROP FUNCTION pdq_keys(bit), pdq_bands(bigint, bigint, bigint, bigint);
ALTER INDEX frame_pdq_by_word RENAME TO frame_pdq;
ALTER FUNCTION pdq_by_word(bit) RENAME TO pdq_keys;
COMMENT ON FUNCTION pdq_keys(bit) IS
    'What a hash is found by (multi-index hashing, Norouzi et al., 2012; multi-probe, Lv et al., 2007).';
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
COMMENT ON FUNCTION near_pdq(bit, integer, integer) IS
    'The rows whose hash is within `radius` bits of this one, as far as keys find them: the more `effort`, 0-16, the more of them.';

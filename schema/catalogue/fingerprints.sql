-- Fingerprints of media, in the order: hash keys, frames, faces, whole videos, audio, segments of long videos.

CREATE TABLE asset_algorithm (
    asset_id uuid NOT NULL REFERENCES asset ON DELETE CASCADE,
    algorithm text NOT NULL,
    recomputed boolean NOT NULL,
    computed_at timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (asset_id, algorithm)
);
COMMENT ON TABLE asset_algorithm IS 'Which algorithms, with version, have read an asset, also where they found nothing.';
COMMENT ON COLUMN asset_algorithm.asset_id IS 'The asset.';
COMMENT ON COLUMN asset_algorithm.algorithm IS 'Name and version: registry.catalogue.fingerprints.model.algorithms.';
COMMENT ON COLUMN asset_algorithm.recomputed IS 'true: a worker of this deployment computed it from the media. false: it came in a fingerprint document.';
COMMENT ON COLUMN asset_algorithm.computed_at IS 'When it was stored.';

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
COMMENT ON FUNCTION phash256_words(bigint, bigint, bigint, bigint) IS 'The keys of a hash: twelve bands of 22 bits; the bits that may be flipped are in the lower half.';

CREATE FUNCTION phash256_keys(hash bit(256)) RETURNS integer[]
    LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
    RETURN phash256_words(
        substring(hash FROM 1 FOR 64)::bit(64)::bigint, substring(hash FROM 65 FOR 64)::bit(64)::bigint,
        substring(hash FROM 129 FOR 64)::bit(64)::bigint, substring(hash FROM 193 FOR 64)::bit(64)::bigint);
COMMENT ON FUNCTION phash256_keys(bit) IS 'The index keys of a hash (multi-index hashing, Norouzi et al., 2012; multi-probe, Lv et al., 2007).';

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
COMMENT ON FUNCTION pdq_words(bigint, bigint, bigint, bigint) IS 'The keys of a hash: twelve bands of 22 bits; the bits that may be flipped are in the lower half.';

CREATE FUNCTION pdq_keys(hash bit(256)) RETURNS integer[]
    LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
    RETURN pdq_words(
        substring(hash FROM 1 FOR 64)::bit(64)::bigint, substring(hash FROM 65 FOR 64)::bit(64)::bigint,
        substring(hash FROM 129 FOR 64)::bit(64)::bigint, substring(hash FROM 193 FOR 64)::bit(64)::bigint);
COMMENT ON FUNCTION pdq_keys(bit) IS 'The index keys of a hash (multi-index hashing, Norouzi et al., 2012; multi-probe, Lv et al., 2007).';

CREATE TABLE frame_fingerprint (
    asset_no integer NOT NULL REFERENCES asset (asset_no) ON DELETE CASCADE,
    time_s real NOT NULL CHECK (time_s >= 0),
    duration_s real NOT NULL CHECK (duration_s >= 0),
    quality smallint NOT NULL CHECK (quality BETWEEN 0 AND 100),
    view text NOT NULL,
    phash256 bit(256),
    pdq bit(256)
) PARTITION BY HASH (asset_no);
COMMENT ON TABLE frame_fingerprint IS 'Hashes of one moment of an asset in one view. Partitioned by hash of the asset. Rows are narrow (124 bytes), because a lookup visits hundreds of them.';
COMMENT ON COLUMN frame_fingerprint.asset_no IS 'The asset: asset.asset_no.';
COMMENT ON COLUMN frame_fingerprint.time_s IS 'Seconds from the start; one row a view.';
COMMENT ON COLUMN frame_fingerprint.duration_s IS 'How many seconds it stands for: near-identical neighbours are stored once.';
COMMENT ON COLUMN frame_fingerprint.quality IS 'PDQ quality 0-100; below 50 the frame is neither indexed nor compared.';
COMMENT ON COLUMN frame_fingerprint.view IS 'Part of the frame: full, trim (without its uniform border), content (the picture between blurred bars or in an app''s screen), middle (of a wide frame, three quarters as wide as high), unturned (a still as its pixels lie in the file, where EXIF turns them).';
COMMENT ON COLUMN frame_fingerprint.phash256 IS 'phash256.1.';
COMMENT ON COLUMN frame_fingerprint.pdq IS 'pdq.1.';
CREATE INDEX frame_asset ON frame_fingerprint (asset_no);
CREATE INDEX frame_phash256 ON frame_fingerprint USING gin (phash256_keys(phash256)) WITH (fastupdate = off)
    WHERE quality >= 50;
CREATE INDEX frame_pdq ON frame_fingerprint USING gin (pdq_keys(pdq)) WITH (fastupdate = off) WHERE quality >= 50;

-- One partition to begin with; `fakeprint migrate --partitions N` makes N. Its indexes are created before it is attached, so
-- that they have names of their own.
CREATE TABLE frame_fingerprint_0_of_1 (LIKE frame_fingerprint INCLUDING ALL EXCLUDING INDEXES);
COMMENT ON TABLE frame_fingerprint_0_of_1 IS 'A partition of frame_fingerprint; its name says how many there are.';
CREATE INDEX frame_asset_0_of_1 ON frame_fingerprint_0_of_1 (asset_no);
CREATE INDEX frame_phash256_0_of_1 ON frame_fingerprint_0_of_1 USING gin (phash256_keys(phash256)) WITH (fastupdate = off)
    WHERE quality >= 50;
CREATE INDEX frame_pdq_0_of_1 ON frame_fingerprint_0_of_1 USING gin (pdq_keys(pdq)) WITH (fastupdate = off) WHERE quality >= 50;
ALTER TABLE frame_fingerprint ATTACH PARTITION frame_fingerprint_0_of_1 FOR VALUES WITH (MODULUS 1, REMAINDER 0);

CREATE TABLE frame_vector (
    asset_id uuid NOT NULL REFERENCES asset ON DELETE CASCADE,
    time_s real NOT NULL CHECK (time_s >= 0),
    view text NOT NULL,
    quality smallint NOT NULL CHECK (quality BETWEEN 0 AND 100),
    sscd halfvec(512) NOT NULL,
    model text NOT NULL DEFAULT 'sscd.1'
);
COMMENT ON TABLE frame_vector IS 'Vectors of the copy-detection model for the moments of frame_fingerprint: same asset, time_s and view. Frames of quality below 50 have none.';
COMMENT ON COLUMN frame_vector.asset_id IS 'The asset.';
COMMENT ON COLUMN frame_vector.time_s IS 'Seconds from the start, as in frame_fingerprint.';
COMMENT ON COLUMN frame_vector.view IS 'Part of the frame, as in frame_fingerprint.';
COMMENT ON COLUMN frame_vector.quality IS 'PDQ quality, 50-100.';
COMMENT ON COLUMN frame_vector.sscd IS 'The vector, L2-normalised.';
COMMENT ON COLUMN frame_vector.model IS 'The model, with its version. Only vectors of one model are compared.';
CREATE INDEX frame_vector_asset ON frame_vector (asset_id, time_s);
CREATE INDEX frame_vector_sscd ON frame_vector USING hnsw (sscd halfvec_cosine_ops) WHERE quality >= 50;

CREATE TABLE face_fingerprint (
    face_id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    asset_id uuid NOT NULL REFERENCES asset ON DELETE CASCADE,
    time_s real NOT NULL CHECK (time_s >= 0),
    track integer NOT NULL,
    box real[] NOT NULL CHECK (cardinality(box) = 4),
    pixels real NOT NULL,
    score real NOT NULL,
    quality real NOT NULL CHECK (quality BETWEEN 0 AND 1),
    embedding halfvec(128) NOT NULL,
    expression bytea CHECK (octet_length(expression) = 54)
);
COMMENT ON TABLE face_fingerprint IS 'A face at one moment of an asset. Biometric: never exported, used only to compare aligned footage.';
COMMENT ON COLUMN face_fingerprint.face_id IS 'Identity.';
COMMENT ON COLUMN face_fingerprint.asset_id IS 'The asset.';
COMMENT ON COLUMN face_fingerprint.time_s IS 'Seconds from the start.';
COMMENT ON COLUMN face_fingerprint.track IS 'Number of the track within the asset: faces of one person through time.';
COMMENT ON COLUMN face_fingerprint.box IS 'x, y, width, height as shares of the frame.';
COMMENT ON COLUMN face_fingerprint.pixels IS 'Shorter side of the box in pixels of the source.';
COMMENT ON COLUMN face_fingerprint.score IS 'The detector''s confidence, 0-1.';
COMMENT ON COLUMN face_fingerprint.quality IS 'Reliability of the embedding, 0-1.';
COMMENT ON COLUMN face_fingerprint.embedding IS 'face.sface.1, mirror-averaged, L2-normalised.';
COMMENT ON COLUMN face_fingerprint.expression IS 'Mouth, then eyes and brows: 27 signed bytes each, the lowest frequencies of the aligned face (workers.faces.expression). null: registered before it was read.';
CREATE INDEX face_asset ON face_fingerprint (asset_id, time_s);

CREATE TABLE mosaic_fingerprint (
    asset_id uuid NOT NULL REFERENCES asset ON DELETE CASCADE,
    time_s real NOT NULL CHECK (time_s >= 0),
    mosaic bytea NOT NULL CHECK (octet_length(mosaic) = 290)
);
COMMENT ON TABLE mosaic_fingerprint IS 'The coarsest picture of a sampled frame, 24 x 24 grey cells. It tells a fake from its original where footage was found.';
COMMENT ON COLUMN mosaic_fingerprint.asset_id IS 'The asset.';
COMMENT ON COLUMN mosaic_fingerprint.time_s IS 'Seconds from the start: each sampled frame, whole, also those that frame_fingerprint holds as a run.';
COMMENT ON COLUMN mosaic_fingerprint.mosaic IS 'mosaic.1.';
CREATE INDEX mosaic_asset ON mosaic_fingerprint (asset_id, time_s);

CREATE FUNCTION whole_file_keys(hash bit(64)) RETURNS integer[]
    LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
    RETURN ARRAY[
        substring(hash FROM 1 FOR 16)::bit(16)::integer, 65536 + substring(hash FROM 17 FOR 16)::bit(16)::integer,
        131072 + substring(hash FROM 33 FOR 16)::bit(16)::integer, 196608 + substring(hash FROM 49 FOR 16)::bit(16)::integer];
COMMENT ON FUNCTION whole_file_keys(bit) IS 'The index keys of a hash of a whole file: four bands of 16 bits, each with its number above them.';

CREATE TABLE file_fingerprint (
    asset_id uuid PRIMARY KEY REFERENCES asset ON DELETE CASCADE,
    videohash bit(64),
    iscc_content bit(256),
    iscc_data bit(256),
    iscc_instance bit(256)
);
COMMENT ON TABLE file_fingerprint IS 'Values of whole files. They point a person to copies of the whole and never decide, an equal Instance-Code excepted.';
COMMENT ON COLUMN file_fingerprint.asset_id IS 'The asset.';
COMMENT ON COLUMN file_fingerprint.videohash IS 'videohash.1. null: no video, or not computed.';
COMMENT ON COLUMN file_fingerprint.iscc_content IS 'Body of the ISCC Content-Code (ISO 24138): Image-Code or Video-Code, by the kind of the asset.';
COMMENT ON COLUMN file_fingerprint.iscc_data IS 'Body of the ISCC Data-Code: similar for mostly equal bytes.';
COMMENT ON COLUMN file_fingerprint.iscc_instance IS 'Body of the ISCC Instance-Code: BLAKE3 of the bytes.';
CREATE INDEX file_videohash ON file_fingerprint USING gin (whole_file_keys(videohash)) WITH (fastupdate = off);
CREATE INDEX file_iscc_content ON file_fingerprint
    USING gin (whole_file_keys(substring(iscc_content FROM 1 FOR 64)::bit(64))) WITH (fastupdate = off);
CREATE INDEX file_iscc_data ON file_fingerprint
    USING gin (whole_file_keys(substring(iscc_data FROM 1 FOR 64)::bit(64))) WITH (fastupdate = off);
CREATE INDEX file_iscc_instance ON file_fingerprint (substring(iscc_instance FROM 1 FOR 64));

CREATE TABLE audio_fingerprint (
    asset_id uuid PRIMARY KEY REFERENCES asset ON DELETE CASCADE,
    chromaprint bytea NOT NULL CHECK (octet_length(chromaprint) % 4 = 0),
    peaks bytea CHECK (octet_length(peaks) % 4 = 0),
    keys integer[] NOT NULL
);
COMMENT ON TABLE audio_fingerprint IS 'Fingerprints of an asset''s sound. They support a match of pictures; of entries of sound they decide.';
COMMENT ON COLUMN audio_fingerprint.asset_id IS 'The asset.';
COMMENT ON COLUMN audio_fingerprint.chromaprint IS 'chromaprint.1: little-endian uint32, one each 1365/11025 s, from the start of the picture, of sound alone from its own.';
COMMENT ON COLUMN audio_fingerprint.peaks IS 'peaks.1: little-endian uint32, in order of time. null: not computed, or none.';
COMMENT ON COLUMN audio_fingerprint.keys IS 'Index keys: the distinct informative values of chromaprint.1, without their unstable bits (registry.catalogue.fingerprints.model.audio.keys), and triplets of peaks.1, which are odd (registry.catalogue.fingerprints.model.peaks.keys).';
CREATE INDEX audio_keys ON audio_fingerprint USING gin (keys);

CREATE TABLE division (
    asset_id uuid PRIMARY KEY REFERENCES asset ON DELETE CASCADE,
    plan jsonb NOT NULL,
    segments smallint NOT NULL CHECK (segments > 0),
    remaining smallint NOT NULL CHECK (remaining BETWEEN 0 AND segments),
    undivided boolean NOT NULL DEFAULT false,
    created_at timestamptz NOT NULL DEFAULT now()
);
COMMENT ON TABLE division IS 'A long video that is being read in segments. Deleted with them in the commit that stores its fingerprints or marks it failed.';
COMMENT ON COLUMN division.asset_id IS 'The video.';
COMMENT ON COLUMN division.plan IS 'What all segments share; the workers define the format.';
COMMENT ON COLUMN division.segments IS 'Number of segments.';
COMMENT ON COLUMN division.remaining IS 'Segments not read yet. Counted down in the commit that stores a segment''s result, under its fence. At 0 that commit requests the merge.';
COMMENT ON COLUMN division.undivided IS 'A segment found that the file cannot be read in pieces: it is read as a whole.';
COMMENT ON COLUMN division.created_at IS 'When it was divided.';

CREATE TABLE segment (
    segment_id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
    asset_id uuid NOT NULL REFERENCES division ON DELETE CASCADE,
    number smallint NOT NULL CHECK (number >= 0),
    task jsonb NOT NULL,
    share real NOT NULL CHECK (share BETWEEN 0 AND 1),
    found bytea STORAGE EXTERNAL,
    fence bigint,
    done_at timestamptz,
    UNIQUE (asset_id, number),
    CHECK ((found IS NULL) = (done_at IS NULL) AND (found IS NULL) = (fence IS NULL))
);
COMMENT ON TABLE segment IS 'A piece of a video, or its sound, with its own job.';
COMMENT ON COLUMN segment.segment_id IS 'Identity; the subject of its job.';
COMMENT ON COLUMN segment.asset_id IS 'The video.';
COMMENT ON COLUMN segment.number IS 'Its position in the video.';
COMMENT ON COLUMN segment.task IS 'What to read; the workers define the format.';
COMMENT ON COLUMN segment.share IS 'Its share of the whole work, 0-1, for the progress display.';
COMMENT ON COLUMN segment.found IS 'The result, face vectors included; the workers define the format. Null until it was read.';
COMMENT ON COLUMN segment.fence IS 'The lease under which the result was written.';
COMMENT ON COLUMN segment.done_at IS 'When it was written.';

CREATE TABLE refingerprinting (
    algorithm text PRIMARY KEY CHECK (algorithm ~ '^[a-z0-9.]{1,40}$'),
    asked_at timestamptz NOT NULL DEFAULT now(),
    reached integer NOT NULL DEFAULT 0
);
COMMENT ON TABLE refingerprinting IS 'Algorithms for which kept media are read again, in the background, until somebody stops it.';
COMMENT ON COLUMN refingerprinting.algorithm IS 'Name and version.';
COMMENT ON COLUMN refingerprinting.asked_at IS 'When it was requested.';
COMMENT ON COLUMN refingerprinting.reached IS 'Up to which asset_no jobs have been written.';

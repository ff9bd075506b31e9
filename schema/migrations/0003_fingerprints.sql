-- What the algorithms say about an asset.
CREATE FUNCTION band_keys(hash bit(256)) RETURNS integer[]
    LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
    RETURN ARRAY[
        0 * 65536 + substring(hash FROM 1 FOR 16)::bit(16)::integer,
        1 * 65536 + substring(hash FROM 17 FOR 16)::bit(16)::integer,
        2 * 65536 + substring(hash FROM 33 FOR 16)::bit(16)::integer,
        3 * 65536 + substring(hash FROM 49 FOR 16)::bit(16)::integer,
        4 * 65536 + substring(hash FROM 65 FOR 16)::bit(16)::integer,
        5 * 65536 + substring(hash FROM 81 FOR 16)::bit(16)::integer,
        6 * 65536 + substring(hash FROM 97 FOR 16)::bit(16)::integer,
        7 * 65536 + substring(hash FROM 113 FOR 16)::bit(16)::integer,
        8 * 65536 + substring(hash FROM 129 FOR 16)::bit(16)::integer,
        9 * 65536 + substring(hash FROM 145 FOR 16)::bit(16)::integer,
        10 * 65536 + substring(hash FROM 161 FOR 16)::bit(16)::integer,
        11 * 65536 + substring(hash FROM 177 FOR 16)::bit(16)::integer,
        12 * 65536 + substring(hash FROM 193 FOR 16)::bit(16)::integer,
        13 * 65536 + substring(hash FROM 209 FOR 16)::bit(16)::integer,
        14 * 65536 + substring(hash FROM 225 FOR 16)::bit(16)::integer,
        15 * 65536 + substring(hash FROM 241 FOR 16)::bit(16)::integer
    ];
COMMENT ON FUNCTION band_keys(bit) IS
    'Multi-index hashing (Norouzi et al., 2012): sixteen 16-bit bands, each with its number in the upper bits. Two hashes within distance 15 share at least one.';

CREATE TABLE frame_fingerprint (
    frame_id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    asset_id uuid NOT NULL REFERENCES asset ON DELETE CASCADE,
    time_s real NOT NULL CHECK (time_s >= 0),
    duration_s real NOT NULL CHECK (duration_s >= 0),
    view text NOT NULL,
    quality smallint NOT NULL CHECK (quality BETWEEN 0 AND 100),
    phash256 bit(256),
    pdq bit(256),
    sscd halfvec(512)
);
COMMENT ON TABLE frame_fingerprint IS 'What the frame algorithms say about one moment of an asset.';
COMMENT ON COLUMN frame_fingerprint.frame_id IS 'Identity.';
COMMENT ON COLUMN frame_fingerprint.asset_id IS 'The asset.';
COMMENT ON COLUMN frame_fingerprint.time_s IS 'When, in seconds from the start.';
COMMENT ON COLUMN frame_fingerprint.duration_s IS 'How long it stands for, in seconds: near-identical neighbours are stored once.';
COMMENT ON COLUMN frame_fingerprint.view IS 'Which part of the frame: full, trim (without its uniform border).';
COMMENT ON COLUMN frame_fingerprint.quality IS 'PDQ quality 0-100; below 50 the frame is neither indexed nor compared.';
COMMENT ON COLUMN frame_fingerprint.phash256 IS 'phash256.1.';
COMMENT ON COLUMN frame_fingerprint.pdq IS 'pdq.1.';
COMMENT ON COLUMN frame_fingerprint.sscd IS 'sscd.1, L2-normalised; null where the model was not installed.';
CREATE INDEX frame_asset ON frame_fingerprint (asset_id, time_s);
CREATE INDEX frame_phash256_bands ON frame_fingerprint USING gin (band_keys(phash256)) WHERE quality >= 50;
CREATE INDEX frame_pdq_bands ON frame_fingerprint USING gin (band_keys(pdq)) WHERE quality >= 50;
CREATE INDEX frame_sscd ON frame_fingerprint USING hnsw (sscd halfvec_cosine_ops) WHERE quality >= 50;

CREATE TABLE face_fingerprint (
    face_id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    asset_id uuid NOT NULL REFERENCES asset ON DELETE CASCADE,
    time_s real NOT NULL CHECK (time_s >= 0),
    track integer NOT NULL,
    box real[] NOT NULL CHECK (cardinality(box) = 4),
    pixels real NOT NULL,
    score real NOT NULL,
    quality real NOT NULL CHECK (quality BETWEEN 0 AND 1),
    embedding halfvec(128) NOT NULL
);
COMMENT ON TABLE face_fingerprint IS 'A face at one moment of an asset. Biometric: never exported, used for nothing but comparing aligned footage.';
COMMENT ON COLUMN face_fingerprint.face_id IS 'Identity.';
COMMENT ON COLUMN face_fingerprint.asset_id IS 'The asset.';
COMMENT ON COLUMN face_fingerprint.time_s IS 'When, in seconds from the start.';
COMMENT ON COLUMN face_fingerprint.track IS 'Faces of one person through time share a number within the asset.';
COMMENT ON COLUMN face_fingerprint.box IS 'x, y, width, height as shares of the frame.';
COMMENT ON COLUMN face_fingerprint.pixels IS 'Shorter side of the box in pixels of the source.';
COMMENT ON COLUMN face_fingerprint.score IS 'The detector''s confidence, 0-1.';
COMMENT ON COLUMN face_fingerprint.quality IS 'How far the embedding is to be trusted, 0-1.';
COMMENT ON COLUMN face_fingerprint.embedding IS 'face.sface.1, mirror-averaged, L2-normalised.';
CREATE INDEX face_asset ON face_fingerprint (asset_id, time_s);
CREATE INDEX face_embedding ON face_fingerprint USING hnsw (embedding halfvec_cosine_ops);

CREATE TABLE video_fingerprint (
    asset_id uuid PRIMARY KEY REFERENCES asset ON DELETE CASCADE,
    videohash bit(64) NOT NULL
);
COMMENT ON TABLE video_fingerprint IS 'What the whole-video algorithms say: a hint for whole copies, never a decision.';
COMMENT ON COLUMN video_fingerprint.asset_id IS 'The asset.';
COMMENT ON COLUMN video_fingerprint.videohash IS 'videohash.1.';

CREATE TABLE asset_algorithm (
    asset_id uuid NOT NULL REFERENCES asset ON DELETE CASCADE,
    algorithm text NOT NULL,
    recomputed boolean NOT NULL,
    computed_at timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (asset_id, algorithm)
);
COMMENT ON TABLE asset_algorithm IS 'Which algorithm, of which version, has looked at an asset, also where it found nothing.';
COMMENT ON COLUMN asset_algorithm.asset_id IS 'The asset.';
COMMENT ON COLUMN asset_algorithm.algorithm IS 'Name and version, as in registry.domain.algorithms.';
COMMENT ON COLUMN asset_algorithm.recomputed IS 'true: a worker of this deployment computed it from the media. false: it came in a fingerprint document.';
COMMENT ON COLUMN asset_algorithm.computed_at IS 'When it was stored.';

-- Who calls: organizations and their callers (API keys).
CREATE EXTENSION IF NOT EXISTS vector;

CREATE TABLE organization (
    organization_id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
    name text NOT NULL UNIQUE CHECK (name <> ''),
    created_at timestamptz NOT NULL DEFAULT now()
);
COMMENT ON TABLE organization IS 'Who takes part: a platform, a fact-checker, a law firm.';
COMMENT ON COLUMN organization.organization_id IS 'Identity.';
COMMENT ON COLUMN organization.name IS 'Shown name, unique.';
COMMENT ON COLUMN organization.created_at IS 'When it joined.';

CREATE TABLE caller (
    caller_id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
    organization_id uuid NOT NULL REFERENCES organization,
    name text NOT NULL,
    key_sha256 bytea NOT NULL UNIQUE CHECK (octet_length(key_sha256) = 32),
    roles text[] NOT NULL
        CHECK (roles <@ ARRAY['lookup', 'register', 'review', 'takedown', 'admin', 'signals']),
    created_at timestamptz NOT NULL DEFAULT now(),
    expires_at timestamptz,
    revoked_at timestamptz
);
COMMENT ON TABLE caller IS 'An API key of one organization and what it may do.';
COMMENT ON COLUMN caller.caller_id IS 'Identity, written in records instead of the key.';
COMMENT ON COLUMN caller.organization_id IS 'The organization it acts for.';
COMMENT ON COLUMN caller.name IS 'What a person calls it: "upload pipeline", "newsroom desk".';
COMMENT ON COLUMN caller.key_sha256 IS 'SHA-256 of the key; the key itself (256 random bits) is shown once and never stored.';
COMMENT ON COLUMN caller.roles IS 'Roles, and the scope `signals` that lets it see raw similarities.';
COMMENT ON COLUMN caller.created_at IS 'When it was made.';
COMMENT ON COLUMN caller.expires_at IS 'From when on it no longer works; null: never.';
COMMENT ON COLUMN caller.revoked_at IS 'When it was withdrawn; null: it was not.';
-- What is registered: banks, entries, assets.
CREATE TABLE bank (
    bank_id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
    organization_id uuid NOT NULL REFERENCES organization,
    name text NOT NULL CHECK (name ~ '^[^\s/][^/]{0,99}$'),
    visibility text NOT NULL DEFAULT 'public' CHECK (visibility IN ('private', 'public')),
    policy jsonb NOT NULL DEFAULT '{}',
    created_at timestamptz NOT NULL DEFAULT now(),
    UNIQUE (organization_id, name)
);
COMMENT ON TABLE bank IS 'A collection of entries with an owner and a matching policy.';
COMMENT ON COLUMN bank.bank_id IS 'Identity.';
COMMENT ON COLUMN bank.organization_id IS 'Its owner.';
COMMENT ON COLUMN bank.name IS 'Shown name, unique within the owner.';
COMMENT ON COLUMN bank.visibility IS 'private: answers its owner only. public: answers every caller, by the rules of tiers.';
COMMENT ON COLUMN bank.policy IS 'What it changes of the default matching policy; see registry.domain.entry.Policy.';
COMMENT ON COLUMN bank.created_at IS 'When it was made.';

CREATE TABLE entry (
    entry_id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
    bank_id uuid NOT NULL REFERENCES bank,
    title text NOT NULL,
    claim text,
    manipulation text
        CHECK (manipulation IN ('face_swap', 'lip_sync', 'synthetic', 'edited', 'audio')),
    entry_references jsonb NOT NULL DEFAULT '[]',
    tier text NOT NULL DEFAULT 'unreviewed' CHECK (tier IN ('unreviewed', 'reviewed', 'court_order')),
    original_tier text NOT NULL DEFAULT 'unreviewed'
        CHECK (original_tier IN ('unreviewed', 'reviewed', 'court_order')),
    status text NOT NULL DEFAULT 'pending'
        CHECK (status IN ('pending', 'matchable', 'failed', 'suspended', 'withdrawn')),
    error_code text,
    error_message text,
    created_by uuid NOT NULL REFERENCES caller,
    created_at timestamptz NOT NULL DEFAULT now(),
    matchable_at timestamptz,
    CHECK (status <> 'failed' OR error_code IS NOT NULL),
    CHECK (status <> 'matchable' OR matchable_at IS NOT NULL)
);
COMMENT ON TABLE entry IS 'One known fake: the claim, its media, how far it is trusted.';
COMMENT ON COLUMN entry.entry_id IS 'Identity.';
COMMENT ON COLUMN entry.bank_id IS 'The bank it belongs to.';
COMMENT ON COLUMN entry.title IS 'What a person calls it.';
COMMENT ON COLUMN entry.claim IS 'What the fake claims or is said to show.';
COMMENT ON COLUMN entry.manipulation IS 'How it was made; null: not given, so face_swap where the asset shows faces, else edited.';
COMMENT ON COLUMN entry.entry_references IS 'ClaimReview and other references, as JSON objects with a url.';
COMMENT ON COLUMN entry.tier IS 'How far its fakes are trusted, those that were reviewed with it: see entry_asset.tier.';
COMMENT ON COLUMN entry.original_tier IS 'How far its originals are trusted, likewise; an original outranks a fake only at an equal or higher tier.';
COMMENT ON COLUMN entry.status IS 'Only matchable entries answer lookups.';
COMMENT ON COLUMN entry.error_code IS 'Why it failed: a stable code.';
COMMENT ON COLUMN entry.error_message IS 'Why it failed: for a person.';
COMMENT ON COLUMN entry.created_by IS 'The caller that registered it.';
COMMENT ON COLUMN entry.created_at IS 'When it was registered.';
COMMENT ON COLUMN entry.matchable_at IS 'When its first media had become matchable, in one commit.';
CREATE INDEX entry_bank ON entry (bank_id, created_at DESC);

CREATE TABLE asset (
    asset_id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
    bank_id uuid NOT NULL REFERENCES bank,
    sha256 bytea NOT NULL CHECK (octet_length(sha256) = 32),
    filename text NOT NULL DEFAULT '',
    kind text CHECK (kind IN ('image', 'video')),
    duration_s double precision,
    width integer,
    height integer,
    bytes bigint,
    blob_key text,
    notes text[] NOT NULL DEFAULT '{}',
    status text NOT NULL DEFAULT 'pending' CHECK (status IN ('pending', 'fingerprinted', 'failed')),
    error_code text,
    error_message text,
    created_at timestamptz NOT NULL DEFAULT now(),
    fingerprinted_at timestamptz,
    UNIQUE (bank_id, sha256),
    CHECK (status <> 'failed' OR error_code IS NOT NULL),
    CHECK (status <> 'pending' OR error_code IS NULL),
    CHECK (status <> 'fingerprinted' OR (fingerprinted_at IS NOT NULL AND kind IS NOT NULL))
);
COMMENT ON TABLE asset IS 'A media file of a bank, known by its sha256, once however often it is registered.';
COMMENT ON COLUMN asset.asset_id IS 'Identity.';
COMMENT ON COLUMN asset.bank_id IS 'The bank it is kept in.';
COMMENT ON COLUMN asset.sha256 IS 'SHA-256 of the file.';
COMMENT ON COLUMN asset.filename IS 'The name it came with, for people; never used as a path.';
COMMENT ON COLUMN asset.kind IS 'image or video; null until it was probed.';
COMMENT ON COLUMN asset.duration_s IS 'Length in seconds; 0 for an image.';
COMMENT ON COLUMN asset.width IS 'Width in pixels as shown.';
COMMENT ON COLUMN asset.height IS 'Height in pixels as shown.';
COMMENT ON COLUMN asset.bytes IS 'Size of the file.';
COMMENT ON COLUMN asset.blob_key IS 'Where the media is kept; null: hash-only.';
COMMENT ON COLUMN asset.notes IS 'Stable codes of what a reader should know: no_sscd, truncated_media, low_information.';
COMMENT ON COLUMN asset.status IS 'Whether its fingerprints are stored.';
COMMENT ON COLUMN asset.error_code IS 'Why fingerprinting it from the media failed: a stable code. With status fingerprinted: what is stored came in a document.';
COMMENT ON COLUMN asset.error_message IS 'Why fingerprinting failed: for a person.';
COMMENT ON COLUMN asset.created_at IS 'When it was first registered.';
COMMENT ON COLUMN asset.fingerprinted_at IS 'When its fingerprints were stored.';
CREATE INDEX asset_sha256 ON asset (sha256);

CREATE TABLE entry_asset (
    entry_id uuid NOT NULL REFERENCES entry,
    asset_id uuid NOT NULL REFERENCES asset,
    role text NOT NULL CHECK (role IN ('fake', 'original')),
    tier text NOT NULL DEFAULT 'unreviewed' CHECK (tier IN ('unreviewed', 'reviewed', 'court_order')),
    batch uuid NOT NULL,
    added_at timestamptz NOT NULL DEFAULT now(),
    matchable_at timestamptz,
    PRIMARY KEY (entry_id, asset_id, role)
);
COMMENT ON TABLE entry_asset IS 'Which media belong to which entry, and as what. One original can serve many fakes.';
COMMENT ON COLUMN entry_asset.entry_id IS 'The entry.';
COMMENT ON COLUMN entry_asset.asset_id IS 'The media file.';
COMMENT ON COLUMN entry_asset.role IS 'fake: it is the known fake. original: it is authentic, and the fake was made from it.';
COMMENT ON COLUMN entry_asset.tier IS 'How far this medium is trusted: media added after a review are not covered by it. The lower of this and the entry''s counts.';
COMMENT ON COLUMN entry_asset.batch IS 'Media that came in one call: they begin to answer lookups in one commit, or none does.';
COMMENT ON COLUMN entry_asset.added_at IS 'When it was added.';
COMMENT ON COLUMN entry_asset.matchable_at IS 'When it began to answer lookups, with the rest of its batch; null: not yet.';
CREATE INDEX entry_asset_asset ON entry_asset (asset_id);

CREATE FUNCTION lower_tier(one text, other text) RETURNS text
    LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
    RETURN (ARRAY['unreviewed', 'reviewed', 'court_order'])[least(
        array_position(ARRAY['unreviewed', 'reviewed', 'court_order'], one),
        array_position(ARRAY['unreviewed', 'reviewed', 'court_order'], other)
    )];
COMMENT ON FUNCTION lower_tier(text, text) IS 'The less trusted of two tiers.';
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
-- Questions, jobs and the messages that wake the workers.
CREATE TABLE lookup (
    lookup_id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
    caller_id uuid NOT NULL REFERENCES caller,
    bank_id uuid REFERENCES bank,
    input text NOT NULL CHECK (input IN ('document', 'file', 'sha256', 'hash')),
    sha256 bytea CHECK (octet_length(sha256) = 32),
    blob_key text,
    filename text NOT NULL DEFAULT '',
    status text NOT NULL CHECK (status IN ('queued', 'answered', 'failed')),
    verdict text CHECK (verdict IN
        ('known_fake', 'authentic_original', 'related', 'no_match', 'undecidable')),
    answer jsonb,
    error_code text,
    error_message text,
    created_at timestamptz NOT NULL DEFAULT now(),
    answered_at timestamptz,
    CHECK (status <> 'answered' OR (answer IS NOT NULL AND verdict IS NOT NULL)),
    CHECK (status <> 'failed' OR error_code IS NOT NULL)
);
COMMENT ON TABLE lookup IS 'A question and its answer. Holds no fingerprint of the query and no media once answered.';
COMMENT ON COLUMN lookup.lookup_id IS 'Identity.';
COMMENT ON COLUMN lookup.caller_id IS 'Who asked.';
COMMENT ON COLUMN lookup.bank_id IS 'The one bank asked, null: all that the caller may see.';
COMMENT ON COLUMN lookup.input IS 'What was given.';
COMMENT ON COLUMN lookup.sha256 IS 'SHA-256 of the file asked about, where known.';
COMMENT ON COLUMN lookup.blob_key IS 'The uploaded file while it waits; deleted and nulled once answered.';
COMMENT ON COLUMN lookup.filename IS 'The name it came with, for people; never used as a path.';
COMMENT ON COLUMN lookup.status IS 'queued until a worker has answered or given up.';
COMMENT ON COLUMN lookup.verdict IS 'The answer''s verdict.';
COMMENT ON COLUMN lookup.answer IS 'The answer as given, with all signals; they are shown only to callers with that scope.';
COMMENT ON COLUMN lookup.error_code IS 'Why it failed: a stable code.';
COMMENT ON COLUMN lookup.error_message IS 'Why it failed: for a person.';
COMMENT ON COLUMN lookup.created_at IS 'When it was asked.';
COMMENT ON COLUMN lookup.answered_at IS 'When it was answered.';
CREATE INDEX lookup_caller ON lookup (caller_id, created_at DESC);

CREATE TABLE job (
    job_id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
    task text NOT NULL CHECK (task IN ('fingerprint_asset', 'answer_lookup')),
    subject_id uuid NOT NULL,
    queue text NOT NULL,
    status text NOT NULL DEFAULT 'queued' CHECK (status IN ('queued', 'running', 'done', 'failed')),
    attempts smallint NOT NULL DEFAULT 0,
    fence bigint NOT NULL DEFAULT 0,
    lease_until timestamptz,
    progress real NOT NULL DEFAULT 0 CHECK (progress BETWEEN 0 AND 1),
    error_code text,
    error_message text,
    created_at timestamptz NOT NULL DEFAULT now(),
    sent_at timestamptz NOT NULL DEFAULT now(),
    finished_at timestamptz
);
COMMENT ON TABLE job IS 'Work that a worker must do. The row is the truth; a broker message only says that it is there.';
COMMENT ON COLUMN job.job_id IS 'Identity; the only thing a message carries.';
COMMENT ON COLUMN job.task IS 'What is to be done.';
COMMENT ON COLUMN job.subject_id IS 'The asset or the lookup.';
COMMENT ON COLUMN job.queue IS 'The broker queue its message goes to: interactive before media.';
COMMENT ON COLUMN job.status IS 'queued, running under a lease, done, or failed for good.';
COMMENT ON COLUMN job.attempts IS 'How often a worker has begun it.';
COMMENT ON COLUMN job.fence IS 'Counts the leases; a worker whose number is no longer the newest may write nothing.';
COMMENT ON COLUMN job.lease_until IS 'Until when the running worker is believed alive; it renews this while it works.';
COMMENT ON COLUMN job.progress IS 'Share of the media that has been read, 0-1.';
COMMENT ON COLUMN job.error_code IS 'Why the last attempt failed: a stable code.';
COMMENT ON COLUMN job.error_message IS 'Why the last attempt failed: for a person.';
COMMENT ON COLUMN job.created_at IS 'When it was asked for.';
COMMENT ON COLUMN job.sent_at IS 'When a message was last written to the outbox for it.';
COMMENT ON COLUMN job.finished_at IS 'When it was done or given up.';
CREATE UNIQUE INDEX job_open ON job (task, subject_id) WHERE status IN ('queued', 'running');
CREATE INDEX job_stale ON job (status, lease_until, sent_at) WHERE status IN ('queued', 'running');
CREATE INDEX job_subject ON job (subject_id, created_at DESC);

CREATE TABLE outbox (
    outbox_id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    task text NOT NULL,
    queue text NOT NULL,
    job_id uuid NOT NULL,
    created_at timestamptz NOT NULL DEFAULT now()
);
COMMENT ON TABLE outbox IS 'Messages written in the transaction that made the work; the relay publishes and deletes them.';
COMMENT ON COLUMN outbox.outbox_id IS 'Identity and order.';
COMMENT ON COLUMN outbox.task IS 'Name of the Celery task.';
COMMENT ON COLUMN outbox.queue IS 'Queue it is published to.';
COMMENT ON COLUMN outbox.job_id IS 'The job: all that the message carries.';
COMMENT ON COLUMN outbox.created_at IS 'When it was written.';
-- What an asset sounds like.
CREATE TABLE audio_fingerprint (
    asset_id uuid PRIMARY KEY REFERENCES asset ON DELETE CASCADE,
    chromaprint bytea NOT NULL CHECK (octet_length(chromaprint) % 4 = 0),
    keys integer[] NOT NULL
);
COMMENT ON TABLE audio_fingerprint IS 'What the audio algorithms say about an asset that has a sound. Corroborates; by itself never more than a hint for a person.';
COMMENT ON COLUMN audio_fingerprint.asset_id IS 'The asset.';
COMMENT ON COLUMN audio_fingerprint.chromaprint IS 'chromaprint.1: little-endian uint32, one each 1365/11025 s from the picture''s beginning on.';
COMMENT ON COLUMN audio_fingerprint.keys IS 'What it is found by: its distinct values that say anything, without their fickle bits (registry.domain.audio.keys).';
CREATE INDEX audio_keys ON audio_fingerprint USING gin (keys);
-- What stands in a mere frame (blurred bars, an app's screen) is kept of an asset too.
COMMENT ON COLUMN frame_fingerprint.view IS 'Which part of the frame: full, trim (without its uniform border), content (what stands in a mere frame: between blurred bars, in an app''s screen).';
-- Links between entries are looked for by a job of its own, beside the fingerprints.
ALTER TABLE job DROP CONSTRAINT job_task_check;
ALTER TABLE job ADD CONSTRAINT job_task_check
    CHECK (task IN ('fingerprint_asset', 'answer_lookup', 'relate_entry'));
COMMENT ON COLUMN job.subject_id IS 'The asset, the lookup or the entry.';
COMMENT ON COLUMN job.progress IS 'Share of the media that has been read, or compared with the others, 0-1.';
-- Which entries show the same footage: the variants of a campaign.
ALTER TABLE entry_asset ADD COLUMN related_by text;
COMMENT ON COLUMN entry_asset.related_by IS 'The rules (name and version) by which entries with the same footage were looked for; null: not yet, and the sweeper asks for it.';
CREATE INDEX entry_asset_unrelated ON entry_asset (matchable_at) WHERE related_by IS NULL AND matchable_at IS NOT NULL;

CREATE TABLE entry_link (
    one_entry_id uuid NOT NULL,
    one_asset_id uuid NOT NULL,
    one_role text NOT NULL,
    other_entry_id uuid NOT NULL,
    other_asset_id uuid NOT NULL,
    other_role text NOT NULL,
    kind text NOT NULL CHECK (kind IN ('same_footage')),
    relation text CHECK (relation IN ('copy', 'same_footage_other_face', 'shares_original')),
    faces text CHECK (faces IN ('same', 'other')),
    score real NOT NULL CHECK (score BETWEEN 0 AND 1),
    spans jsonb NOT NULL,
    model text NOT NULL,
    found_from uuid NOT NULL,
    found_at timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (one_entry_id, other_entry_id, one_asset_id, other_asset_id, kind),
    FOREIGN KEY (one_entry_id, one_asset_id, one_role) REFERENCES entry_asset ON DELETE CASCADE,
    FOREIGN KEY (other_entry_id, other_asset_id, other_role) REFERENCES entry_asset ON DELETE CASCADE,
    CHECK (one_entry_id < other_entry_id)
);
COMMENT ON TABLE entry_link IS 'Two media of two entries that show the same footage. Once for each pair, whichever was looked at; gone with either. Who may see one entry need not see the other: ask for both.';
COMMENT ON COLUMN entry_link.one_entry_id IS 'The entry with the lower id.';
COMMENT ON COLUMN entry_link.one_asset_id IS 'Its medium.';
COMMENT ON COLUMN entry_link.one_role IS 'As what that entry holds it: fake or original.';
COMMENT ON COLUMN entry_link.other_entry_id IS 'The entry with the higher id.';
COMMENT ON COLUMN entry_link.other_asset_id IS 'Its medium.';
COMMENT ON COLUMN entry_link.other_role IS 'As what that entry holds it.';
COMMENT ON COLUMN entry_link.kind IS 'What they have in common: same_footage.';
COMMENT ON COLUMN entry_link.relation IS 'copy: the same fake. same_footage_other_face: fakes with different faces. shares_original: one of them is an original. null: it cannot be told.';
COMMENT ON COLUMN entry_link.faces IS 'Whether the faces at the same moments are the same; null: it cannot be told. No likeness is kept.';
COMMENT ON COLUMN entry_link.score IS 'The probability that the footage is the same, 0-1.';
COMMENT ON COLUMN entry_link.spans IS 'Which seconds are the same: objects with one and other ([start, end]), speed (seconds of other in one of one), mirrored.';
COMMENT ON COLUMN entry_link.model IS 'The rules that found it, by name and version.';
COMMENT ON COLUMN entry_link.found_from IS 'The entry that was looked at; looking at it again replaces what it had found.';
COMMENT ON COLUMN entry_link.found_at IS 'When it was last found.';
CREATE INDEX entry_link_other ON entry_link (other_entry_id, one_entry_id);

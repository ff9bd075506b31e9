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
COMMENT ON COLUMN lookup.blob_key IS 'The uploaded file while it waits; deleted and nulled once answered or, given up, once its dead letter is settled or a week old.';
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
COMMENT ON COLUMN outbox.queue IS 'Queue that relays of earlier releases publish it to; others ask its job.';
COMMENT ON COLUMN outbox.job_id IS 'The job: all that the message carries.';
COMMENT ON COLUMN outbox.created_at IS 'When it was written.';
-- Relays of earlier releases refuse a queue that they do not know, and ones that say a job again take its queue as it
-- stands.
CREATE FUNCTION say_known_queue() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    NEW.queue := 'media';
    RETURN NEW;
END $$;
CREATE TRIGGER outbox_known_queue BEFORE INSERT ON outbox
    FOR EACH ROW WHEN (NEW.queue = 'bulk') EXECUTE FUNCTION say_known_queue();
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
-- Protected persons: who is enrolled with whose consent. All that is personal or biometric is sealed under the
-- person's key (registry/keys.py), which is not in the database.
ALTER TABLE caller DROP CONSTRAINT caller_roles_check;
ALTER TABLE caller ADD CONSTRAINT caller_roles_check
    CHECK (roles <@ ARRAY['lookup', 'register', 'review', 'takedown', 'admin', 'signals', 'faces']);
COMMENT ON COLUMN caller.roles IS 'Roles, and scopes: `signals` sees raw similarities, `faces` works with enrolled persons.';

ALTER TABLE job DROP CONSTRAINT job_task_check;
ALTER TABLE job ADD CONSTRAINT job_task_check
    CHECK (task IN ('fingerprint_asset', 'answer_lookup', 'relate_entry', 'read_photo'));
COMMENT ON COLUMN job.subject_id IS 'The asset, the lookup, the entry or the photo of a person.';

CREATE FUNCTION refuse_change() RETURNS trigger
    LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION '% is append-only', TG_TABLE_NAME USING ERRCODE = 'restrict_violation';
END $$;
COMMENT ON FUNCTION refuse_change() IS 'Trigger of tables whose rows are never changed or deleted.';

CREATE TABLE face_assessment (
    assessment_id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
    title text NOT NULL CHECK (title <> ''),
    document_sha256 bytea NOT NULL CHECK (octet_length(document_sha256) = 32),
    assessed_on date NOT NULL,
    recorded_by uuid NOT NULL REFERENCES caller,
    recorded_at timestamptz NOT NULL DEFAULT now()
);
COMMENT ON TABLE face_assessment IS 'The operator''s data-protection assessments for enrolled faces. Nobody is enrolled before there is one. Append-only.';
COMMENT ON COLUMN face_assessment.assessment_id IS 'Identity.';
COMMENT ON COLUMN face_assessment.title IS 'What the document is called.';
COMMENT ON COLUMN face_assessment.document_sha256 IS 'SHA-256 of the document, which the operator keeps.';
COMMENT ON COLUMN face_assessment.assessed_on IS 'The date it bears.';
COMMENT ON COLUMN face_assessment.recorded_by IS 'The administrator who recorded it.';
COMMENT ON COLUMN face_assessment.recorded_at IS 'When it was recorded; the newest counts.';
CREATE TRIGGER face_assessment_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON face_assessment
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();

CREATE TABLE person (
    person_id uuid PRIMARY KEY,
    organization_id uuid NOT NULL REFERENCES organization,
    assessment_id uuid NOT NULL REFERENCES face_assessment,
    state text NOT NULL DEFAULT 'proposed'
        CHECK (state IN ('proposed', 'active', 'refused', 'revoked', 'expired', 'erased')),
    ended_as text CHECK (ended_as IN ('refused', 'revoked', 'expired', 'erased')),
    revision integer NOT NULL DEFAULT 1 CHECK (revision > 0),
    consent_by text NOT NULL CHECK (consent_by IN ('self', 'representative', 'guardian')),
    consented_at timestamptz NOT NULL,
    expires_at timestamptz NOT NULL,
    scope text[] NOT NULL CHECK (scope <> '{}' AND scope <@ ARRAY['lookups', 'entries']),
    consent_commitment bytea CHECK (octet_length(consent_commitment) = 32),
    sealed_record bytea,
    sealed_vectors bytea
        CHECK ((octet_length(sealed_vectors) - 28) % 256 = 0 AND octet_length(sealed_vectors) BETWEEN 284 AND 5148),
    revocation_sha256 bytea UNIQUE CHECK (octet_length(revocation_sha256) = 32),
    request_sha256 bytea CHECK (octet_length(request_sha256) = 32),
    identity_checked boolean NOT NULL DEFAULT false,
    mandate_checked boolean NOT NULL DEFAULT false,
    proposed_by uuid NOT NULL REFERENCES caller,
    proposed_at timestamptz NOT NULL DEFAULT now(),
    reviewed_by uuid REFERENCES caller,
    reviewed_at timestamptz,
    ended_at timestamptz,
    erased_at timestamptz,
    renewal_consent_by text CHECK (renewal_consent_by IN ('self', 'representative', 'guardian')),
    renewal_consented_at timestamptz,
    renewal_expires_at timestamptz,
    renewal_scope text[] CHECK (renewal_scope <> '{}' AND renewal_scope <@ ARRAY['lookups', 'entries']),
    renewal_commitment bytea CHECK (octet_length(renewal_commitment) = 32),
    renewal_sealed bytea,
    renewal_by uuid REFERENCES caller,
    renewal_at timestamptz,
    UNIQUE (organization_id, request_sha256),
    CONSTRAINT person_second_reviewer CHECK (reviewed_by <> proposed_by),
    CONSTRAINT person_consent_is_limited CHECK (
        expires_at > consented_at AND expires_at AT TIME ZONE 'UTC'
            <= consented_at AT TIME ZONE 'UTC' + interval '12 months'),
    CONSTRAINT person_renewal_is_limited CHECK (
        renewal_expires_at > renewal_consented_at AND renewal_expires_at AT TIME ZONE 'UTC'
            <= renewal_consented_at AT TIME ZONE 'UTC' + interval '12 months'),
    CONSTRAINT person_renewal_is_whole CHECK (
        num_nulls(renewal_consent_by, renewal_consented_at, renewal_expires_at, renewal_scope,
                  renewal_commitment, renewal_sealed, renewal_by, renewal_at) IN (0, 8)),
    CONSTRAINT person_renewal_of_active CHECK (renewal_by IS NULL OR state = 'active'),
    CONSTRAINT person_active_is_reviewed CHECK (
        state <> 'active' OR (reviewed_by IS NOT NULL AND reviewed_at IS NOT NULL AND identity_checked
                              AND (mandate_checked OR consent_by = 'self'))),
    CONSTRAINT person_active_has_vectors CHECK ((state = 'active') = (sealed_vectors IS NOT NULL)),
    CONSTRAINT person_living_is_sealed CHECK (
        state NOT IN ('proposed', 'active')
        OR num_nulls(sealed_record, revocation_sha256, consent_commitment) = 0),
    CONSTRAINT person_ended_is_empty CHECK (
        state IN ('proposed', 'active')
        OR num_nonnulls(sealed_record, sealed_vectors, revocation_sha256, consent_commitment, request_sha256) = 0),
    CONSTRAINT person_ended_says_how CHECK (
        (state IN ('proposed', 'active')) = (ended_as IS NULL) AND (ended_as IS NULL) = (ended_at IS NULL)
        AND (ended_as IS NULL OR state IN (ended_as, 'erased'))),
    CONSTRAINT person_erased_says_when CHECK ((state = 'erased') = (erased_at IS NOT NULL))
);
COMMENT ON TABLE person IS 'A person whose face an organization protects, by consent and for a time. What is personal or biometric is sealed under the person''s key; once the key is destroyed the row tells that somebody was enrolled, no more.';
COMMENT ON COLUMN person.person_id IS 'Identity, random; also names the key.';
COMMENT ON COLUMN person.organization_id IS 'Who enrolled the person; nobody else learns of it.';
COMMENT ON COLUMN person.assessment_id IS 'The assessment in force when the person was proposed.';
COMMENT ON COLUMN person.state IS 'proposed, active; refused, revoked, expired: data gone from the rows, key to be destroyed; erased: key destroyed. Transitions: registry.domain.person.';
COMMENT ON COLUMN person.ended_as IS 'How it ended, still told once the state is erased.';
COMMENT ON COLUMN person.revision IS 'Counts the changes of what a search may find: state, vectors, expiry, scope.';
COMMENT ON COLUMN person.consent_by IS 'Who consented: the person, a representative with a mandate, or a minor''s guardian.';
COMMENT ON COLUMN person.consented_at IS 'When the consent was given.';
COMMENT ON COLUMN person.expires_at IS 'When it ends, at most twelve months after it was given.';
COMMENT ON COLUMN person.scope IS 'What it covers: lookups (faces in media that the organization asks about), entries (faces in media that it registered).';
COMMENT ON COLUMN person.consent_commitment IS 'HMAC-SHA-256 of the consent document''s SHA-256 under the person''s key.';
COMMENT ON COLUMN person.sealed_record IS 'Sealed JSON: name, texts and documents of consent, mandate, guardian, notes.';
COMMENT ON COLUMN person.sealed_vectors IS 'Sealed face vectors of the accepted photos: 128 little-endian float16 each, one after another.';
COMMENT ON COLUMN person.revocation_sha256 IS 'SHA-256 of the revocation code (120 random bits), which is shown once.';
COMMENT ON COLUMN person.request_sha256 IS 'SHA-256 of the Idempotency-Key that the enrolment came with.';
COMMENT ON COLUMN person.identity_checked IS 'The reviewer has checked who the person is.';
COMMENT ON COLUMN person.mandate_checked IS 'The reviewer has checked the mandate, or the guardianship.';
COMMENT ON COLUMN person.proposed_by IS 'The caller who sent the consent in force.';
COMMENT ON COLUMN person.proposed_at IS 'When the person was proposed.';
COMMENT ON COLUMN person.reviewed_by IS 'The second caller, who decided on it.';
COMMENT ON COLUMN person.reviewed_at IS 'When.';
COMMENT ON COLUMN person.ended_at IS 'When it was refused, revoked, expired or erased.';
COMMENT ON COLUMN person.erased_at IS 'When the key was destroyed.';
COMMENT ON COLUMN person.renewal_consent_by IS 'Of a new consent that waits for a reviewer: who gave it.';
COMMENT ON COLUMN person.renewal_consented_at IS 'Likewise: when.';
COMMENT ON COLUMN person.renewal_expires_at IS 'Likewise: until when.';
COMMENT ON COLUMN person.renewal_scope IS 'Likewise: for what.';
COMMENT ON COLUMN person.renewal_commitment IS 'Likewise: the commitment to its document.';
COMMENT ON COLUMN person.renewal_sealed IS 'Likewise: its text and documents, sealed.';
COMMENT ON COLUMN person.renewal_by IS 'Likewise: the caller who sent it.';
COMMENT ON COLUMN person.renewal_at IS 'Likewise: when it was sent.';
CREATE INDEX person_organization ON person (organization_id, proposed_at DESC, person_id);
CREATE INDEX person_active ON person (organization_id) WHERE state = 'active';
CREATE INDEX person_ended ON person (ended_at) WHERE state IN ('refused', 'revoked', 'expired');
CREATE INDEX person_expiring ON person (expires_at) WHERE state IN ('proposed', 'active');

CREATE TABLE person_photo (
    photo_id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
    person_id uuid NOT NULL REFERENCES person ON DELETE CASCADE,
    number smallint NOT NULL CHECK (number BETWEEN 1 AND 20),
    state text NOT NULL DEFAULT 'pending' CHECK (state IN ('pending', 'usable', 'refused')),
    reason text CHECK (reason IN (
        'unreadable', 'too_large', 'not_read', 'no_face', 'several_faces', 'face_too_small', 'too_blurred',
        'too_dark', 'profile', 'not_a_photo', 'same_photo_twice', 'different_people')),
    other_photo_id uuid,
    digest bytea CHECK (octet_length(digest) = 32),
    blob_key text,
    sealed_reading bytea,
    added_at timestamptz NOT NULL DEFAULT now(),
    read_at timestamptz,
    UNIQUE (person_id, number),
    CONSTRAINT person_photo_refused_says_why CHECK ((state = 'refused') = (reason IS NOT NULL)),
    CONSTRAINT person_photo_pending_is_kept CHECK (state <> 'pending' OR blob_key IS NOT NULL)
);
COMMENT ON TABLE person_photo IS 'A photo by which a person is proposed. Its file is sealed, and deleted with the decision.';
COMMENT ON COLUMN person_photo.photo_id IS 'Identity.';
COMMENT ON COLUMN person_photo.person_id IS 'Whose it is said to be.';
COMMENT ON COLUMN person_photo.number IS 'Its place among the person''s photos, from 1.';
COMMENT ON COLUMN person_photo.state IS 'pending until a worker has read it; then usable or refused.';
COMMENT ON COLUMN person_photo.reason IS 'Why it was refused: a stable code.';
COMMENT ON COLUMN person_photo.other_photo_id IS 'The photo that it repeats, or whose face differs.';
COMMENT ON COLUMN person_photo.digest IS 'HMAC-SHA-256 of the file under the person''s key: tells the same file again.';
COMMENT ON COLUMN person_photo.blob_key IS 'Where the sealed file lies; null once it was deleted.';
COMMENT ON COLUMN person_photo.sealed_reading IS 'What the worker read, sealed: face, measures, hash; null once the person was decided on.';
COMMENT ON COLUMN person_photo.added_at IS 'When it was sent.';
COMMENT ON COLUMN person_photo.read_at IS 'When a worker had read it.';
CREATE INDEX person_photo_blob ON person_photo (blob_key) WHERE blob_key IS NOT NULL;

CREATE TABLE person_event (
    event_id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    person_id uuid NOT NULL,
    event text NOT NULL CHECK (event ~ '^[a-z_]{1,40}$'),
    actor text NOT NULL CHECK (actor IN ('caller', 'person', 'service')),
    caller_id uuid REFERENCES caller,
    photo_id uuid,
    revision integer NOT NULL,
    at timestamptz NOT NULL DEFAULT now(),
    CHECK ((actor = 'caller') = (caller_id IS NOT NULL))
);
COMMENT ON TABLE person_event IS 'Every act that concerns an enrolled person: ids and codes, nothing personal. Append-only; outlives the person''s data.';
COMMENT ON COLUMN person_event.event_id IS 'Identity and order.';
COMMENT ON COLUMN person_event.person_id IS 'Whom it concerns.';
COMMENT ON COLUMN person_event.event IS 'What was done: a stable code of registry.domain.person.';
COMMENT ON COLUMN person_event.actor IS 'Who did it: a caller, the person by the revocation code, or the service itself.';
COMMENT ON COLUMN person_event.caller_id IS 'Which caller.';
COMMENT ON COLUMN person_event.photo_id IS 'Which photo.';
COMMENT ON COLUMN person_event.revision IS 'The person''s revision after it.';
COMMENT ON COLUMN person_event.at IS 'When.';
CREATE INDEX person_event_person ON person_event (person_id, event_id);
CREATE TRIGGER person_event_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON person_event
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
-- Searches for enrolled persons: the record of each, and what it found.
-- Faces of registered media are compared with aligned footage and enrolled persons, by reading them: no index serves
-- to look for a face among all of them.
DROP INDEX face_embedding;

CREATE INDEX lookup_blob ON lookup (blob_key) WHERE blob_key IS NOT NULL;

CREATE TABLE face_search (
    face_search_id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    organization_id uuid NOT NULL REFERENCES organization,
    caller_id uuid REFERENCES caller,
    lookup_id uuid,
    asset_id uuid,
    searched_at timestamptz NOT NULL DEFAULT now(),
    tracks integer NOT NULL CHECK (tracks >= 0),
    persons integer NOT NULL CHECK (persons >= 0),
    skipped integer NOT NULL CHECK (skipped >= 0),
    matched uuid[] NOT NULL,
    CHECK ((lookup_id IS NULL) <> (asset_id IS NULL)),
    CHECK ((lookup_id IS NULL) = (caller_id IS NULL))
);
COMMENT ON TABLE face_search IS 'Every search of a medium''s faces among enrolled persons: ids and numbers, nothing personal. Append-only; outlives medium and person.';
COMMENT ON COLUMN face_search.face_search_id IS 'Identity and order.';
COMMENT ON COLUMN face_search.organization_id IS 'Whose enrolled persons were searched.';
COMMENT ON COLUMN face_search.caller_id IS 'Who asked; null: the service itself, in a registered medium.';
COMMENT ON COLUMN face_search.lookup_id IS 'The lookup whose file was searched; null: a registered medium was.';
COMMENT ON COLUMN face_search.asset_id IS 'The registered medium that was searched; null: a lookup''s file was.';
COMMENT ON COLUMN face_search.searched_at IS 'When.';
COMMENT ON COLUMN face_search.tracks IS 'How many faces through time were compared; 0: none was good enough.';
COMMENT ON COLUMN face_search.persons IS 'With how many persons they were compared.';
COMMENT ON COLUMN face_search.skipped IS 'How many persons could not be opened: their key is gone, or what is sealed is damaged.';
COMMENT ON COLUMN face_search.matched IS 'The persons that were found.';
CREATE INDEX face_search_organization ON face_search (organization_id, face_search_id DESC);
CREATE INDEX face_search_asset ON face_search (asset_id, searched_at) WHERE asset_id IS NOT NULL;
CREATE TRIGGER face_search_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON face_search
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();

CREATE TABLE face_match (
    lookup_id uuid NOT NULL REFERENCES lookup ON DELETE CASCADE,
    person_id uuid NOT NULL REFERENCES person ON DELETE CASCADE,
    sealed bytea NOT NULL CHECK (octet_length(sealed) > 28),
    PRIMARY KEY (lookup_id, person_id)
);
COMMENT ON TABLE face_match IS 'An enrolled person that a lookup found. Beside the lookup''s answer, which never holds it, so that it goes with the person.';
COMMENT ON COLUMN face_match.lookup_id IS 'The lookup.';
COMMENT ON COLUMN face_match.person_id IS 'Who was found.';
COMMENT ON COLUMN face_match.sealed IS 'Sealed JSON: the seconds in which the person is seen, and in how many moments faces were compared. No likeness.';
CREATE INDEX face_match_person ON face_match (person_id);

CREATE TABLE asset_person (
    asset_id uuid NOT NULL REFERENCES asset ON DELETE CASCADE,
    person_id uuid NOT NULL REFERENCES person ON DELETE CASCADE,
    found_at timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (asset_id, person_id)
);
COMMENT ON TABLE asset_person IS 'An enrolled person whom a registered medium of the same organization shows. Goes with the person. No likeness.';
COMMENT ON COLUMN asset_person.asset_id IS 'The medium.';
COMMENT ON COLUMN asset_person.person_id IS 'Who is seen.';
COMMENT ON COLUMN asset_person.found_at IS 'When it was found.';
CREATE INDEX asset_person_person ON asset_person (person_id);

CREATE FUNCTION same_person(entry uuid, organization uuid)
    RETURNS TABLE (
        entry_id uuid, asset_id uuid, role text, related_asset_id uuid, related_role text, person_id uuid
    )
    LANGUAGE sql STABLE
    AS $$
        SELECT other.entry_id, mine.asset_id, mine.role, other.asset_id, other.role, p.person_id
        FROM entry_asset mine
        JOIN asset_person here ON here.asset_id = mine.asset_id
        JOIN person p ON p.person_id = here.person_id
        JOIN asset_person there ON there.person_id = p.person_id
        JOIN entry_asset other ON other.asset_id = there.asset_id
        WHERE mine.entry_id = entry AND other.entry_id <> entry
          AND mine.matchable_at IS NOT NULL AND other.matchable_at IS NOT NULL
          AND p.organization_id = organization
          AND p.state = 'active' AND p.expires_at > now() AND 'entries' = ANY (p.scope)
    $$;
COMMENT ON FUNCTION same_person(uuid, uuid) IS 'Pairs of media, of an entry and of others, that show the same person whom the organization protects, under a consent that is in force and covers entries.';
-- How a face stands at one moment, so that lip-sync is told from the footage it was made from.
ALTER TABLE face_fingerprint ADD COLUMN expression bytea CHECK (octet_length(expression) = 54);
COMMENT ON COLUMN face_fingerprint.expression IS 'Mouth, then eyes and brows: 27 signed bytes each, the lowest frequencies of the aligned face (workers.faces.expression). null: registered before it was read.';
-- What a looked-up file was called is of no use here, and people call files after whom they show.
ALTER TABLE lookup DROP COLUMN filename;
-- Short names for assets, for rows of which there are millions.
ALTER TABLE asset ADD COLUMN asset_no integer GENERATED ALWAYS AS IDENTITY UNIQUE;
COMMENT ON COLUMN asset.asset_no IS 'A short name within this database, for rows of which there are millions.';
-- Room for ten million frames: hashes in narrow rows of their own, found by wider keys, apart from the vectors.
CREATE FUNCTION phash256_bands(w0 bigint, w1 bigint, w2 bigint, w3 bigint) RETURNS integer[]
    LANGUAGE plpgsql IMMUTABLE STRICT PARALLEL SAFE AS $$
BEGIN
    RETURN ARRAY[
        hashint8((w1 & 17179869192) # (w2 & 9218443060512768) # (w3 & 6129399162108118018) # -7046029254386353131),
        hashint8((w0 & 8589934592) # (w2 & -9222809086896077180) # (w3 & 2305843009448583465) # 4354685564936845354),
        hashint8((w0 & 293296942921285648) # (w1 & 1407651908946049) # (w2 & 2449993381661638912) # (w3 & 4194304) # -2691343689449507777),
        hashint8((w2 & 1677721634) # (w3 & -8608028120716099580) # 8709371129873690708),
        hashint8((w2 & 36029449873788928) # (w3 & 18084933684691008) # 1663341875487337577),
        hashint8((w0 & 8071664397379961868) # (w1 & 576504732820504576) # (w2 & 18014398509481984) # -5382687378899015554),
        hashint8((w0 & 68719476864) # (w1 & 4634767103956877568) # (w2 & 576465150358323264) # (w3 & 9306266434275840) # 6018027440424182931),
        hashint8((w0 & 146375958465617920) # (w1 & 288247976927724544) # (w2 & 5765735896842240000) # (w3 & 16) # -1028001813962170200),
        hashint8((w1 & 2251799813685248) # (w2 & 288230404102578200) # (w3 & 144315204636800) # -8074031068348523331),
        hashint8((w0 & 274878070816) # (w1 & -6881495828276445182) # (w2 & 6756498952683520) # (w3 & 73184043700649992) # 3326683750974675154),
        hashint8((w0 & 549756142082) # (w1 & 1153062276658516064) # (w2 & 4294967296) # (w3 & 144123984168878080) # -3719345503411677977),
        hashint8((w0 & 36176131649439745) # (w1 & 9008299303247892) # (w2 & 72356661469118464) # 7681369315911520508),
        hashint8((w0 & 2097168) # (w1 & 90071992555799202) # (w2 & 5664958784226305) # (w3 & 5764888998010945536) # 635340061525167377),
        hashint8((w0 & -9122849185849143232) # (w1 & 73187316465664) # (w2 & 8796093022208) # -6410689192861185754),
        hashint8((w0 & 8589934720) # (w1 & 2305843013508792320) # (w2 & 70575045738496) # (w3 & 288241371284804672) # 4990025626462012731),
        hashint8((w0 & -6313897142901521152) # (w1 & 144150991193243648) # -2056003627924340400),
        hashint8((w2 & 36592339695734816) # (w3 & 18014420859355648) # -9102032882310693531),
        hashint8((w2 & 67109388) # (w3 & -6879102735686295263) # 2298681937012504954),
        hashint8((w0 & 36029363955171840) # (w1 & 1153062413898088769) # (w2 & 7494271254921216000) # (w3 & 144115188075855888) # -4747347317373848177),
        hashint8((w0 & 7061065288384512) # (w1 & 1099587166228) # (w2 & 1297036692682702849) # 6653367501949350308),
        hashint8((w0 & 72620550500917324) # (w1 & 10133107885808640) # (w2 & 256) # (w3 & 4194304) # -392661752437002823),
        hashint8((w0 & 288230479231352835) # (w1 & -9221102369977139200) # (w2 & 7696614948864) # (w3 & 9007199254808576) # -7438691006823355954),
        hashint8((w0 & 35184652126464) # (w1 & 864768095930023936) # (w2 & 18031990695526400) # 3962023812499842531),
        hashint8((w0 & 5206232779246800896) # (w1 & 144441264410984960) # -3084005441886510600),
        hashint8((w0 & -1152463008085027840) # (w1 & 36028797018963972) # (w2 & 72066390130950144) # 8316709377436687885),
        hashint8((w1 & 8) # (w2 & 9147940505583762) # (w3 & 576461989262671876) # 1270680123050334754),
        hashint8((w0 & 144115462953762848) # (w1 & 4684306579598622720) # (w2 & -8932889856323870720) # (w3 & 5647160439734272) # -5775349131336018377),
        hashint8((w0 & 290482313404350465) # (w1 & 4733283210513874944) # (w2 & 17448569152) # (w3 & 70368744308738) # 5625365687987180108),
        hashint8((w0 & 8589934592) # (w1 & 262144) # (w2 & 70506216688640) # (w3 & 595075795631734912) # -1420663566399173023),
        hashint8((w0 & 729607331842623564) # (w1 & 1197369253232640) # -8466692820785526154),
        hashint8((w0 & 1688849954717696) # (w1 & 576469548431607296) # (w2 & 4629718009122914304) # 2934021998537672331),
        hashint8((w0 & 131104) # (w1 & 2308099207078084610) # (w2 & 591098825481945088) # (w3 & 288529443582902784) # -4112007255848680800),
        hashint8((w0 & 1153000670686085376) # (w1 & 142980006555664) # (w2 & 72057594037927937) # 7288707563474517685),
        hashint8((w0 & 34359738386) # (w1 & -9200853609218965504) # (w2 & 4952097292288) # (w3 & 145241087982770176) # 242678309088164554)
    ];
END $$;
COMMENT ON FUNCTION phash256_bands(bigint, bigint, bigint, bigint) IS
    'A key for each of 34 choices of 19 of the 256 bits: those at which real edits change little together, and so on up to those that change much. Plain SQL would take three times as long.';
CREATE FUNCTION phash256_keys(hash bit(256)) RETURNS integer[]
    LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
    RETURN phash256_bands(
        substring(hash FROM 1 FOR 64)::bit(64)::bigint, substring(hash FROM 65 FOR 64)::bit(64)::bigint,
        substring(hash FROM 129 FOR 64)::bit(64)::bigint, substring(hash FROM 193 FOR 64)::bit(64)::bigint);
COMMENT ON FUNCTION phash256_keys(bit) IS
    'What a hash is found by (covering codes on chosen bits, after Norouzi et al., 2012): hashes that share a key are compared.';

CREATE FUNCTION pdq_bands(w0 bigint, w1 bigint, w2 bigint, w3 bigint) RETURNS integer[]
    LANGUAGE plpgsql IMMUTABLE STRICT PARALLEL SAFE AS $$
BEGIN
    RETURN ARRAY[
        hashint8((w0 & 9007199254740992) # (w1 & 145241087982769154) # (w2 & 2254273715906564) # (w3 & 5476377284321476736) # -7046029254386353131),
        hashint8((w0 & 4194336) # (w1 & 9009468079604105) # (w2 & 292909897907961856) # (w3 & -9223372036183687168) # 4354685564936845354),
        hashint8((w1 & 4) # (w2 & 18014467228958849) # (w3 & 156510017367965794) # -2691343689449507777),
        hashint8((w0 & 4615346521278251008) # (w1 & 18172728183882240) # (w2 & 2147483648) # 8709371129873690708),
        hashint8((w0 & 90076390627480068) # (w1 & 4785108963819584) # (w2 & -6917527928062328800) # (w3 & 141287244169216) # 1663341875487337577),
        hashint8((w0 & 34359738368) # (w1 & 1108102088736) # (w2 & 1298725560259707392) # (w3 & 90177546737451008) # -5382687378899015554),
        hashint8((w0 & 1152930300700918848) # (w1 & -8250558761700163584) # (w2 & 1073741824) # (w3 & 2305843009213693952) # 6018027440424182931),
        hashint8((w0 & 4505801872720008) # (w1 & 275347841024) # (w2 & 36033195065475072) # -1028001813962170200),
        hashint8((w2 & 9367976541717512) # (w3 & 1158005727986450436) # -8074031068348523331),
        hashint8((w0 & -8178272765636247534) # (w1 & 6920356971564498944) # 3326683750974675154),
        hashint8((w2 & 549919523152) # (w3 & 285875205067265) # -3719345503411677977),
        hashint8((w1 & 70368745488400) # (w2 & 4683761217536262144) # (w3 & 36031288102161672) # 7681369315911520508),
        hashint8((w0 & 2306406518611804417) # (w1 & 1152921644193300480) # (w2 & 576460786663231488) # (w3 & 8192) # 635340061525167377),
        hashint8((w0 & 8180366580000900) # (w1 & 612489554154274816) # (w2 & 1073741824) # -6410689192861185754),
        hashint8((w0 & 256) # (w1 & 144117387100160072) # (w2 & 4612253366429681698) # (w3 & 72057594574831760) # 4990025626462012731),
        hashint8((w2 & 12919014416) # (w3 & 9026165852686368) # -2056003627924340400),
        hashint8((w0 & 5764621889838399522) # (w1 & 17179869184) # (w2 & 36169536654802944) # (w3 & 2305843009213702144) # -9102032882310693531),
        hashint8((w0 & 33816576) # (w1 & 379033093120) # (w2 & 2594074502326394880) # (w3 & -9223371486964744192) # 2298681937012504954),
        hashint8((w0 & 18014398526264320) # (w1 & 8388866) # (w2 & -9218867853111853056) # (w3 & 5476766374032310272) # -4747347317373848177),
        hashint8((w0 & 577270276874635265) # (w1 & 22679595778048) # 6653367501949350308),
        hashint8((w0 & 154619347008) # (w1 & 103864266775333505) # (w2 & 576495936675512320) # (w3 & 1073741824) # -392661752437002823),
        hashint8((w0 & 540434154577199128) # (w1 & -4608685451060969472) # (w2 & 536870912) # -7438691006823355954),
        hashint8((w0 & 9007199254740992) # (w1 & 786448) # (w2 & 72145555110756868) # (w3 & 162697110678929664) # 3962023812499842531),
        hashint8((w2 & 19149094526259200) # (w3 & 6755479176872525) # -3084005441886510600),
        hashint8((w0 & -6917501642929552893) # (w1 & 1444529580479094784) # (w2 & 144115188075855872) # 8316709377436687885),
        hashint8((w1 & 70377334181920) # (w2 & 11261473040891912) # (w3 & 1190216956201927680) # 1270680123050334754),
        hashint8((w1 & 4) # (w2 & 281612418040257) # (w3 & 8796181762066) # -5775349131336018377),
        hashint8((w1 & 4) # (w2 & 68728325507) # (w3 & 153122387604799560) # 5625365687987180108),
        hashint8((w0 & 1411779408175232) # (w1 & 2323857751521886208) # (w2 & 1153062259275071488) # (w3 & 2199023255552) # -1420663566399173023),
        hashint8((w0 & 9007199271518208) # (w1 & 8589935632) # (w2 & 3404637790011904) # (w3 & 1171252567296966656) # -8466692820785526154),
        hashint8((w2 & 90071992681627664) # (w3 & 40542601558245415) # 2934021998537672331),
        hashint8((w2 & 70579220676682) # (w3 & 3382097775499776) # -4112007255848680800),
        hashint8((w0 & 1159678005707145216) # (w1 & 4683910897716961792) # (w2 & 36028797018963968) # 7288707563474517685),
        hashint8((w0 & -6736751714922026992) # (w1 & 576461302080208896) # 242678309088164554)
    ];
END $$;
COMMENT ON FUNCTION pdq_bands(bigint, bigint, bigint, bigint) IS
    'A key for each of 34 choices of 19 of the 256 bits: those at which real edits change little together, and so on up to those that change much. Plain SQL would take three times as long.';
CREATE FUNCTION pdq_keys(hash bit(256)) RETURNS integer[]
    LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
    RETURN pdq_bands(
        substring(hash FROM 1 FOR 64)::bit(64)::bigint, substring(hash FROM 65 FOR 64)::bit(64)::bigint,
        substring(hash FROM 129 FOR 64)::bit(64)::bigint, substring(hash FROM 193 FOR 64)::bit(64)::bigint);
COMMENT ON FUNCTION pdq_keys(bit) IS
    'What a hash is found by (covering codes on chosen bits, after Norouzi et al., 2012): hashes that share a key are compared.';

-- Nothing is registered until this is done; lookups go on until the names change, at the end.
LOCK TABLE frame_fingerprint IN SHARE ROW EXCLUSIVE MODE;

CREATE TABLE frame_narrow (
    asset_no integer NOT NULL REFERENCES asset (asset_no) ON DELETE CASCADE,
    time_s real NOT NULL CHECK (time_s >= 0),
    duration_s real NOT NULL CHECK (duration_s >= 0),
    quality smallint NOT NULL CHECK (quality BETWEEN 0 AND 100),
    view text NOT NULL,
    phash256 bit(256),
    pdq bit(256)
);
COMMENT ON TABLE frame_narrow IS 'What the hashes say about one moment of an asset, one view of it. Narrow (124 bytes), because a lookup visits hundreds of rows.';
COMMENT ON COLUMN frame_narrow.asset_no IS 'The asset.';
COMMENT ON COLUMN frame_narrow.time_s IS 'When, in seconds from the start; once a view.';
COMMENT ON COLUMN frame_narrow.duration_s IS 'How long it stands for, in seconds: near-identical neighbours are stored once.';
COMMENT ON COLUMN frame_narrow.quality IS 'PDQ quality 0-100; below 50 the frame is neither indexed nor compared.';
COMMENT ON COLUMN frame_narrow.view IS 'Which part of the frame: full, trim (without its uniform border), content (what stands in a mere frame: between blurred bars, in an app''s screen).';
COMMENT ON COLUMN frame_narrow.phash256 IS 'phash256.1.';
COMMENT ON COLUMN frame_narrow.pdq IS 'pdq.1.';

INSERT INTO frame_narrow (asset_no, time_s, duration_s, quality, view, phash256, pdq)
SELECT DISTINCT ON (a.asset_no, v.time_s, v.view)
       a.asset_no, v.time_s, v.duration_s, v.quality, v.view, v.phash256, v.pdq
FROM frame_fingerprint v JOIN asset a USING (asset_id)
ORDER BY a.asset_no, v.time_s, v.view, v.frame_id;

CREATE INDEX frame_narrow_asset ON frame_narrow (asset_no);
CREATE INDEX frame_phash256 ON frame_narrow USING gin (phash256_keys(phash256)) WITH (fastupdate = off)
    WHERE quality >= 50;
CREATE INDEX frame_pdq ON frame_narrow USING gin (pdq_keys(pdq)) WITH (fastupdate = off)
    WHERE quality >= 50;

-- The vectors stay where they are with their index, which takes hours to build.
DELETE FROM frame_fingerprint WHERE sscd IS NULL OR quality < 50;
DELETE FROM frame_fingerprint v USING frame_fingerprint earlier
WHERE earlier.asset_id = v.asset_id AND earlier.time_s = v.time_s AND earlier.view = v.view
  AND earlier.frame_id < v.frame_id;

DROP INDEX frame_phash256_bands, frame_pdq_bands;
DROP FUNCTION band_keys(bit);
ALTER TABLE frame_fingerprint RENAME TO frame_vector;
ALTER INDEX frame_asset RENAME TO frame_vector_asset;
ALTER INDEX frame_sscd RENAME TO frame_vector_sscd;
ALTER TABLE frame_narrow RENAME TO frame_fingerprint;
ALTER INDEX frame_narrow_asset RENAME TO frame_asset;
ALTER TABLE frame_vector
    DROP COLUMN frame_id, DROP COLUMN duration_s, DROP COLUMN phash256, DROP COLUMN pdq,
    ALTER COLUMN sscd SET NOT NULL;
COMMENT ON TABLE frame_vector IS 'What the copy-detection model says about the moments of frame_fingerprint: same asset, time_s and view. Frames of quality below 50 have none.';
COMMENT ON COLUMN frame_vector.asset_id IS 'The asset.';
COMMENT ON COLUMN frame_vector.time_s IS 'When, as in frame_fingerprint.';
COMMENT ON COLUMN frame_vector.view IS 'Which part of the frame, as in frame_fingerprint.';
COMMENT ON COLUMN frame_vector.quality IS 'PDQ quality, 50-100.';
COMMENT ON COLUMN frame_vector.sscd IS 'sscd.1, L2-normalised.';
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
-- What a copy of the database must hold before it may answer: changes, counted in the commit that makes them.
CREATE TABLE change_count (
    organization_id uuid PRIMARY KEY,
    changes bigint NOT NULL CHECK (changes > 0)
) WITH (fillfactor = 50);
COMMENT ON TABLE change_count IS 'How many changes a copy of the database must hold before a lookup may be answered from it. Counted at commit and replicated like any row, so that a copy that has the count has the changes.';
COMMENT ON COLUMN change_count.organization_id IS 'Whose lookups wait for them; the nil UUID: everybody''s, since something was withdrawn or restricted.';
COMMENT ON COLUMN change_count.changes IS 'How many there were; grows by one a transaction.';

CREATE FUNCTION count_change(organization uuid) RETURNS void LANGUAGE sql AS $$
    INSERT INTO change_count AS c (organization_id, changes) VALUES (organization, 1)
    ON CONFLICT (organization_id) DO UPDATE SET changes = c.changes + 1
    WHERE c.xmin <> pg_current_xact_id()::xid
$$;
COMMENT ON FUNCTION count_change(uuid) IS 'Counts one change for an organization (nil UUID: for everybody), once a transaction. Called at its end, so that others wait no longer than its commit takes.';

CREATE FUNCTION count_restriction() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM count_change('00000000-0000-0000-0000-000000000000');
    RETURN NULL;
END
$$;
COMMENT ON FUNCTION count_restriction() IS 'Something that answered does so no longer, or less: no copy may answer anybody before it knows.';

CREATE FUNCTION count_own_change() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    organization uuid;
BEGIN
    IF TG_TABLE_NAME = 'entry' THEN
        SELECT b.organization_id INTO organization FROM bank b WHERE b.bank_id = NEW.bank_id;
    ELSIF TG_TABLE_NAME = 'entry_asset' THEN
        SELECT b.organization_id INTO organization
        FROM entry e JOIN bank b USING (bank_id) WHERE e.entry_id = NEW.entry_id;
    ELSE
        organization := NEW.organization_id;
    END IF;
    IF organization IS NOT NULL THEN
        PERFORM count_change(organization);
    END IF;
    RETURN NULL;
END
$$;
COMMENT ON FUNCTION count_own_change() IS 'An organization has something new: its own lookups find it from now on.';

-- Entries and media that answer.
CREATE CONSTRAINT TRIGGER entry_restricted AFTER UPDATE ON entry DEFERRABLE INITIALLY DEFERRED
    FOR EACH ROW WHEN (OLD.status = 'matchable' AND OLD IS DISTINCT FROM NEW) EXECUTE FUNCTION count_restriction();
CREATE CONSTRAINT TRIGGER entry_deleted AFTER DELETE ON entry DEFERRABLE INITIALLY DEFERRED
    FOR EACH ROW WHEN (OLD.status = 'matchable') EXECUTE FUNCTION count_restriction();
CREATE CONSTRAINT TRIGGER entry_opened AFTER UPDATE ON entry DEFERRABLE INITIALLY DEFERRED
    FOR EACH ROW WHEN (OLD.status <> 'matchable' AND NEW.status = 'matchable') EXECUTE FUNCTION count_own_change();
CREATE CONSTRAINT TRIGGER entry_inserted AFTER INSERT ON entry DEFERRABLE INITIALLY DEFERRED
    FOR EACH ROW WHEN (NEW.status = 'matchable') EXECUTE FUNCTION count_own_change();
CREATE CONSTRAINT TRIGGER entry_asset_restricted AFTER UPDATE ON entry_asset DEFERRABLE INITIALLY DEFERRED
    FOR EACH ROW WHEN (OLD.matchable_at IS NOT NULL
        AND (OLD.entry_id, OLD.asset_id, OLD.role, OLD.tier, OLD.matchable_at)
            IS DISTINCT FROM (NEW.entry_id, NEW.asset_id, NEW.role, NEW.tier, NEW.matchable_at))
    EXECUTE FUNCTION count_restriction();
CREATE CONSTRAINT TRIGGER entry_asset_deleted AFTER DELETE ON entry_asset DEFERRABLE INITIALLY DEFERRED
    FOR EACH ROW WHEN (OLD.matchable_at IS NOT NULL) EXECUTE FUNCTION count_restriction();
CREATE CONSTRAINT TRIGGER entry_asset_opened AFTER UPDATE ON entry_asset DEFERRABLE INITIALLY DEFERRED
    FOR EACH ROW WHEN (OLD.matchable_at IS NULL AND NEW.matchable_at IS NOT NULL) EXECUTE FUNCTION count_own_change();
CREATE CONSTRAINT TRIGGER entry_asset_inserted AFTER INSERT ON entry_asset DEFERRABLE INITIALLY DEFERRED
    FOR EACH ROW WHEN (NEW.matchable_at IS NOT NULL) EXECUTE FUNCTION count_own_change();
CREATE CONSTRAINT TRIGGER asset_restricted AFTER UPDATE ON asset DEFERRABLE INITIALLY DEFERRED
    FOR EACH ROW WHEN (OLD.status = 'fingerprinted'
        AND (OLD.sha256, OLD.kind, OLD.duration_s, OLD.notes, OLD.status, OLD.fingerprinted_at)
            IS DISTINCT FROM (NEW.sha256, NEW.kind, NEW.duration_s, NEW.notes, NEW.status, NEW.fingerprinted_at))
    EXECUTE FUNCTION count_restriction();
CREATE CONSTRAINT TRIGGER asset_deleted AFTER DELETE ON asset DEFERRABLE INITIALLY DEFERRED
    FOR EACH ROW WHEN (OLD.status = 'fingerprinted') EXECUTE FUNCTION count_restriction();

-- Banks that answer, and who may ask.
CREATE CONSTRAINT TRIGGER bank_restricted AFTER UPDATE ON bank DEFERRABLE INITIALLY DEFERRED
    FOR EACH ROW WHEN (OLD IS DISTINCT FROM NEW) EXECUTE FUNCTION count_restriction();
CREATE CONSTRAINT TRIGGER bank_deleted AFTER DELETE ON bank DEFERRABLE INITIALLY DEFERRED
    FOR EACH ROW EXECUTE FUNCTION count_restriction();
CREATE CONSTRAINT TRIGGER bank_opened AFTER INSERT ON bank DEFERRABLE INITIALLY DEFERRED
    FOR EACH ROW EXECUTE FUNCTION count_own_change();
CREATE CONSTRAINT TRIGGER caller_restricted AFTER UPDATE ON caller DEFERRABLE INITIALLY DEFERRED
    FOR EACH ROW WHEN (OLD IS DISTINCT FROM NEW) EXECUTE FUNCTION count_restriction();
CREATE CONSTRAINT TRIGGER caller_deleted AFTER DELETE ON caller DEFERRABLE INITIALLY DEFERRED
    FOR EACH ROW EXECUTE FUNCTION count_restriction();
CREATE CONSTRAINT TRIGGER caller_made AFTER INSERT ON caller DEFERRABLE INITIALLY DEFERRED
    FOR EACH ROW EXECUTE FUNCTION count_own_change();
-- What happened: one row a change, written in the commit that makes the change.
CREATE TABLE event (
    event_id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    kind text NOT NULL CHECK (kind ~ '^[a-z_]{1,30}\.[a-z_]{1,30}$'),
    at timestamptz NOT NULL DEFAULT clock_timestamp(),
    organization_id uuid,
    caller_id uuid,
    request_id text CHECK (request_id <> '' AND length(request_id) <= 128),
    entry_id uuid,
    subject jsonb NOT NULL DEFAULT '{}' CHECK (jsonb_typeof(subject) = 'object'),
    said jsonb NOT NULL DEFAULT '{}' CHECK (jsonb_typeof(said) = 'object'),
    salt uuid NOT NULL DEFAULT gen_random_uuid()
);
COMMENT ON TABLE event IS 'Every change, in the commit that made it: ids, codes and salted commitments, nothing personal, so that it can stay when what it speaks of is erased. It refers to rows without foreign keys, since it outlives them. Append-only.';
COMMENT ON COLUMN event.event_id IS 'Identity. Ids are given before commits: their order is nobody''s, ledger_leaf.leaf_index is.';
COMMENT ON COLUMN event.kind IS 'What happened, noun.verb: see registry.domain.event.';
COMMENT ON COLUMN event.at IS 'When, by the database''s clock. A clock may jump; the order is that of the ledger.';
COMMENT ON COLUMN event.organization_id IS 'Whose it is: this organization may read it. Null: the operator''s.';
COMMENT ON COLUMN event.caller_id IS 'Who did it; null: the service itself, or a person without a key.';
COMMENT ON COLUMN event.request_id IS 'The request in which it was done, as in the logs.';
COMMENT ON COLUMN event.entry_id IS 'The entry it concerns.';
COMMENT ON COLUMN event.subject IS 'What else it concerns: ids by name, as asset_id.';
COMMENT ON COLUMN event.said IS 'What is to be known of it: codes, ids, numbers, commitments.';
COMMENT ON COLUMN event.salt IS 'Random, in its leaf: whoever sees the leaf''s hash alone cannot guess what it stands for.';
CREATE INDEX event_entry ON event (entry_id, event_id) WHERE entry_id IS NOT NULL;
CREATE INDEX event_organization ON event (organization_id, event_id);
CREATE TRIGGER event_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON event
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();

CREATE TABLE event_waiting (
    event_id bigint PRIMARY KEY
) WITH (autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 1000, autovacuum_vacuum_insert_threshold = -1);
COMMENT ON TABLE event_waiting IS 'Events that have no place in the ledger yet. Written with the event and deleted with its leaf, so that none is passed over whichever transaction commits first.';
COMMENT ON COLUMN event_waiting.event_id IS 'The event.';
-- Banks that organizations share: with whom, by whose rules, how much they may hold.
ALTER TABLE bank DROP CONSTRAINT bank_visibility_check;
ALTER TABLE bank
    ADD COLUMN kind text NOT NULL DEFAULT 'fakes' CHECK (kind IN ('fakes', 'negative')),
    ADD COLUMN shared_with uuid[] NOT NULL DEFAULT '{}',
    ADD COLUMN overlaid boolean NOT NULL DEFAULT false,
    ADD COLUMN most_entries bigint CHECK (most_entries >= 0),
    ADD COLUMN most_media bigint CHECK (most_media >= 0),
    ADD COLUMN most_bytes bigint CHECK (most_bytes >= 0),
    ADD COLUMN closed_at timestamptz,
    ADD CONSTRAINT bank_visibility_check CHECK (visibility IN ('private', 'shared', 'public')),
    ADD CONSTRAINT bank_negative_check CHECK (kind <> 'negative' OR visibility = 'private'),
    ADD CONSTRAINT bank_closed_check CHECK (closed_at IS NULL OR visibility = 'private');
COMMENT ON COLUMN bank.visibility IS 'private: answers its owner only. shared: also those that bank_share names. public: every caller. What is unreviewed answers others by the rules of tiers.';
COMMENT ON COLUMN bank.policy IS 'What it changes of the default matching policy; see registry.domain.policy.Policy.';
COMMENT ON COLUMN bank.kind IS 'fakes: its entries are known fakes. negative: known harmless look-alikes, which suppress matches of its owner.';
COMMENT ON COLUMN bank.shared_with IS 'The organizations that bank_share names, kept by a trigger in the same commit: lookups ask no other table.';
COMMENT ON COLUMN bank.overlaid IS 'Whether any organization has rules of its own for it (bank_overlay), kept by a trigger.';
COMMENT ON COLUMN bank.most_entries IS 'How many entries it may hold, withdrawn ones not counted; null: as many as there is room for.';
COMMENT ON COLUMN bank.most_media IS 'How many media it may hold; null: no limit.';
COMMENT ON COLUMN bank.most_bytes IS 'How many bytes its media may have together; null: no limit.';
COMMENT ON COLUMN bank.closed_at IS 'When its owner deleted it. The row stays for the entries that were withdrawn with it; its name is free again.';
ALTER TABLE bank DROP CONSTRAINT bank_organization_id_name_key;
CREATE UNIQUE INDEX bank_name ON bank (organization_id, name) WHERE closed_at IS NULL;

CREATE FUNCTION answers_to(asked bank, organization uuid) RETURNS boolean
    LANGUAGE sql IMMUTABLE PARALLEL SAFE
    RETURN asked.organization_id = organization OR asked.visibility = 'public'
        OR (asked.visibility = 'shared' AND organization = ANY (asked.shared_with));
COMMENT ON FUNCTION answers_to(bank, uuid) IS 'Whether an organization sees what a bank answers: the one definition, which the planner writes into each query.';

CREATE TABLE bank_share (
    bank_id uuid NOT NULL REFERENCES bank,
    organization_id uuid NOT NULL REFERENCES organization,
    shared_by uuid NOT NULL REFERENCES caller,
    shared_at timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (bank_id, organization_id)
);
COMMENT ON TABLE bank_share IS 'With which organizations a bank is shared. They see it while its visibility is `shared`.';
COMMENT ON COLUMN bank_share.bank_id IS 'The bank.';
COMMENT ON COLUMN bank_share.organization_id IS 'With whom.';
COMMENT ON COLUMN bank_share.shared_by IS 'The caller that shared it.';
COMMENT ON COLUMN bank_share.shared_at IS 'When.';
CREATE INDEX bank_share_organization ON bank_share (organization_id);

CREATE FUNCTION keep_shared_with() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'INSERT' THEN
        UPDATE bank SET shared_with = array_append(array_remove(shared_with, NEW.organization_id), NEW.organization_id)
        WHERE bank_id = NEW.bank_id;
    ELSE
        UPDATE bank SET shared_with = array_remove(shared_with, OLD.organization_id) WHERE bank_id = OLD.bank_id;
    END IF;
    RETURN NULL;
END
$$;
COMMENT ON FUNCTION keep_shared_with() IS 'Keeps bank.shared_with. That changes the bank, which no replica may answer without.';
CREATE TRIGGER bank_share_kept AFTER INSERT OR DELETE ON bank_share
    FOR EACH ROW EXECUTE FUNCTION keep_shared_with();

CREATE TABLE bank_overlay (
    bank_id uuid NOT NULL REFERENCES bank,
    organization_id uuid NOT NULL REFERENCES organization,
    policy jsonb NOT NULL,
    set_by uuid NOT NULL REFERENCES caller,
    set_at timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (bank_id, organization_id)
);
COMMENT ON TABLE bank_overlay IS 'What an organization changes for itself of another''s bank, within what that allows.';
COMMENT ON COLUMN bank_overlay.bank_id IS 'The bank.';
COMMENT ON COLUMN bank_overlay.organization_id IS 'For whose lookups.';
COMMENT ON COLUMN bank_overlay.policy IS 'Settings as in bank.policy, some of them; see registry.domain.policy.overlaid.';
COMMENT ON COLUMN bank_overlay.set_by IS 'The caller that set it last.';
COMMENT ON COLUMN bank_overlay.set_at IS 'When.';

CREATE FUNCTION keep_overlaid() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'INSERT' THEN
        UPDATE bank SET overlaid = true WHERE bank_id = NEW.bank_id AND NOT overlaid;
    ELSIF TG_OP = 'DELETE' THEN
        UPDATE bank SET overlaid = false
        WHERE bank_id = OLD.bank_id AND NOT EXISTS (SELECT FROM bank_overlay o WHERE o.bank_id = OLD.bank_id);
    END IF;
    PERFORM count_change(CASE TG_OP WHEN 'DELETE' THEN OLD.organization_id ELSE NEW.organization_id END);
    RETURN NULL;
END
$$;
COMMENT ON FUNCTION keep_overlaid() IS 'Keeps bank.overlaid, and counts a change for the organization whose answers follow.';
CREATE TRIGGER bank_overlay_kept AFTER INSERT OR UPDATE OR DELETE ON bank_overlay
    FOR EACH ROW EXECUTE FUNCTION keep_overlaid();
-- Organizations that close, several keys a caller, and how much may be asked.
ALTER TABLE organization
    ADD COLUMN closed_at timestamptz,
    ADD COLUMN closed_entries text CHECK (closed_entries IN ('keep', 'withdraw')),
    ADD CHECK ((closed_at IS NULL) = (closed_entries IS NULL)),
    ADD COLUMN state text GENERATED ALWAYS AS (CASE WHEN closed_at IS NULL THEN 'active' ELSE 'closed' END) STORED;
COMMENT ON COLUMN organization.closed_at IS 'When it was closed, for good; null: it takes part.';
COMMENT ON COLUMN organization.closed_entries IS 'What became of its entries then: keep, they answer on, or withdraw.';
COMMENT ON COLUMN organization.state IS 'active or closed; a closed one has no key that works.';

ALTER TABLE caller DROP CONSTRAINT caller_roles_check;
ALTER TABLE caller ADD CONSTRAINT caller_roles_check
    CHECK (roles <@ ARRAY['lookup', 'register', 'review', 'takedown', 'admin', 'signals', 'faces', 'hma']);
COMMENT ON COLUMN caller.roles IS 'Roles, and scopes: `signals` sees raw similarities, `faces` works with enrolled persons, `hma` calls what Hasher-Matcher-Actioner''s clients call.';
COMMENT ON TABLE caller IS 'Who calls for an organization, by one or several keys, and what it may do.';
COMMENT ON COLUMN caller.expires_at IS 'From when on none of its keys works; null: never.';
COMMENT ON COLUMN caller.revoked_at IS 'When it was withdrawn, with its keys; null: it was not.';
CREATE INDEX caller_organization ON caller (organization_id, created_at, caller_id);

CREATE TABLE api_key (
    key_sha256 bytea PRIMARY KEY CHECK (octet_length(key_sha256) = 32),
    key_id uuid NOT NULL UNIQUE DEFAULT gen_random_uuid(),
    caller_id uuid NOT NULL REFERENCES caller,
    prefix text CHECK (prefix ~ '^fp_[A-Za-z0-9_-]{8}$'),
    created_at timestamptz NOT NULL DEFAULT now(),
    expires_at timestamptz,
    revoked_at timestamptz,
    last_used_at timestamptz
) WITH (fillfactor = 70);
COMMENT ON TABLE api_key IS 'A key of a caller. One that is being replaced works beside its successor until its time is over.';
COMMENT ON COLUMN api_key.key_sha256 IS 'SHA-256 of the key; the key itself (256 random bits) is shown once and never stored.';
COMMENT ON COLUMN api_key.key_id IS 'Identity, for people and records.';
COMMENT ON COLUMN api_key.caller_id IS 'Whose it is.';
COMMENT ON COLUMN api_key.prefix IS 'Its first letters, by which people tell keys apart; null: made before these were kept.';
COMMENT ON COLUMN api_key.created_at IS 'When it was made.';
COMMENT ON COLUMN api_key.expires_at IS 'From when on it no longer works, its own expiry or the end of its overlap; null: when its caller does not.';
COMMENT ON COLUMN api_key.revoked_at IS 'When it was withdrawn, by itself or with its caller; null: it was not.';
COMMENT ON COLUMN api_key.last_used_at IS 'When it was last used, to some minutes; null: not since this is kept.';
CREATE INDEX api_key_caller ON api_key (caller_id, created_at, key_id);

-- A key that worked works on.
INSERT INTO api_key (key_sha256, caller_id, created_at, revoked_at)
SELECT key_sha256, caller_id, created_at, revoked_at FROM caller;
ALTER TABLE caller DROP COLUMN key_sha256;

-- What closes a key counts like what is withdrawn, see 0016; when it was last used does not.
CREATE CONSTRAINT TRIGGER api_key_restricted AFTER UPDATE ON api_key DEFERRABLE INITIALLY DEFERRED
    FOR EACH ROW WHEN ((OLD.key_sha256, OLD.caller_id, OLD.expires_at, OLD.revoked_at)
        IS DISTINCT FROM (NEW.key_sha256, NEW.caller_id, NEW.expires_at, NEW.revoked_at))
    EXECUTE FUNCTION count_restriction();
CREATE CONSTRAINT TRIGGER api_key_deleted AFTER DELETE ON api_key DEFERRABLE INITIALLY DEFERRED
    FOR EACH ROW EXECUTE FUNCTION count_restriction();
CREATE FUNCTION count_key() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM count_change(c.organization_id) FROM caller c WHERE c.caller_id = NEW.caller_id;
    RETURN NULL;
END
$$;
COMMENT ON FUNCTION count_key() IS 'An organization has a new key: its own lookups may be asked with it from now on.';
CREATE CONSTRAINT TRIGGER api_key_made AFTER INSERT ON api_key DEFERRABLE INITIALLY DEFERRED
    FOR EACH ROW EXECUTE FUNCTION count_key();
CREATE CONSTRAINT TRIGGER organization_restricted AFTER UPDATE ON organization DEFERRABLE INITIALLY DEFERRED
    FOR EACH ROW WHEN (OLD.closed_at IS DISTINCT FROM NEW.closed_at) EXECUTE FUNCTION count_restriction();

CREATE TABLE quota (
    subject_id uuid PRIMARY KEY,
    organization_id uuid NOT NULL REFERENCES organization,
    caller_id uuid REFERENCES caller,
    rate double precision CHECK (rate > 0),
    daily bigint CHECK (daily >= 0),
    monthly bigint CHECK (monthly >= 0),
    paid_until timestamptz NOT NULL DEFAULT now(),
    day date NOT NULL DEFAULT (now() AT TIME ZONE 'UTC')::date,
    day_used bigint NOT NULL DEFAULT 0 CHECK (day_used >= 0),
    month date NOT NULL DEFAULT date_trunc('month', now() AT TIME ZONE 'UTC')::date,
    month_used bigint NOT NULL DEFAULT 0 CHECK (month_used >= 0),
    CHECK (subject_id = coalesce(caller_id, organization_id))
) WITH (fillfactor = 50);
COMMENT ON TABLE quota IS 'How much a caller, or an organization with all its callers, may ask, and how much of that API processes have leased.';
COMMENT ON COLUMN quota.subject_id IS 'The caller or the organization.';
COMMENT ON COLUMN quota.organization_id IS 'The organization, of a caller its own.';
COMMENT ON COLUMN quota.caller_id IS 'The caller; null: the limits are those of the whole organization.';
COMMENT ON COLUMN quota.rate IS 'Lookups a second; null: a caller''s is the deployment''s, an organization''s has no bound.';
COMMENT ON COLUMN quota.daily IS 'Lookups a day (UTC); null: no bound.';
COMMENT ON COLUMN quota.monthly IS 'Lookups a calendar month (UTC); null: no bound.';
COMMENT ON COLUMN quota.paid_until IS 'Up to when the rate is used; what lies some seconds back can be asked at once.';
COMMENT ON COLUMN quota.day IS 'The day that day_used counts.';
COMMENT ON COLUMN quota.day_used IS 'Lookups of that day, those among them that a process has leased and not asked yet.';
COMMENT ON COLUMN quota.month IS 'The first of the month that month_used counts.';
COMMENT ON COLUMN quota.month_used IS 'Likewise of that month.';
-- Webhooks: who is told of what happens, and what became of each message.
CREATE TABLE webhook (
    webhook_id uuid PRIMARY KEY,
    organization_id uuid NOT NULL REFERENCES organization,
    url text NOT NULL CHECK (length(url) BETWEEN 1 AND 2000),
    kinds text[] NOT NULL CHECK (cardinality(kinds) BETWEEN 1 AND 50),
    state text NOT NULL DEFAULT 'active' CHECK (state IN ('active', 'paused', 'disabled')),
    reason text CHECK (reason IN ('failing', 'gone')),
    deaths integer NOT NULL DEFAULT 0 CHECK (deaths >= 0),
    created_by uuid NOT NULL REFERENCES caller,
    created_at timestamptz NOT NULL DEFAULT now(),
    CHECK ((state = 'disabled') = (reason IS NOT NULL))
);
COMMENT ON TABLE webhook IS 'An address of an organization that is told of what happens.';
COMMENT ON COLUMN webhook.webhook_id IS 'Identity; also names the key under which its secrets are sealed.';
COMMENT ON COLUMN webhook.organization_id IS 'Who is told: its own events and no others.';
COMMENT ON COLUMN webhook.url IS 'Where messages are sent by POST.';
COMMENT ON COLUMN webhook.kinds IS 'Which events: kinds, noun.* or *.';
COMMENT ON COLUMN webhook.state IS 'active; paused: messages wait; disabled by the service: messages are dead letters at once, and can be replayed.';
COMMENT ON COLUMN webhook.reason IS 'Why it was disabled. failing: message after message died. gone: the endpoint answered 410.';
COMMENT ON COLUMN webhook.deaths IS 'Messages that died one after another; a delivery sets it to 0.';
COMMENT ON COLUMN webhook.created_by IS 'The administrator who made it.';
COMMENT ON COLUMN webhook.created_at IS 'When it was made: it is told of events from then on.';
CREATE INDEX webhook_organization ON webhook (organization_id, created_at);

CREATE TABLE webhook_secret (
    secret_id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
    webhook_id uuid NOT NULL REFERENCES webhook ON DELETE CASCADE,
    sealed bytea NOT NULL CHECK (octet_length(sealed) BETWEEN 29 AND 200),
    created_at timestamptz NOT NULL DEFAULT now(),
    expires_at timestamptz
);
COMMENT ON TABLE webhook_secret IS 'What messages of a webhook are signed with: with every secret that has not expired, so that one can be replaced while messages go on.';
COMMENT ON COLUMN webhook_secret.secret_id IS 'Identity.';
COMMENT ON COLUMN webhook_secret.webhook_id IS 'The webhook.';
COMMENT ON COLUMN webhook_secret.sealed IS 'The secret, sealed under the webhook''s key, which is not in the database.';
COMMENT ON COLUMN webhook_secret.created_at IS 'When it was made; the newest one signs first.';
COMMENT ON COLUMN webhook_secret.expires_at IS 'Until when it signs; null: until it is replaced.';
CREATE INDEX webhook_secret_webhook ON webhook_secret (webhook_id, created_at DESC);

CREATE TABLE webhook_delivery (
    delivery_id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    webhook_id uuid NOT NULL REFERENCES webhook ON DELETE CASCADE,
    event_id bigint,
    message_id uuid NOT NULL DEFAULT gen_random_uuid(),
    kind text NOT NULL,
    body text,
    status text NOT NULL DEFAULT 'waiting' CHECK (status IN ('waiting', 'delivered', 'dead')),
    attempts smallint NOT NULL DEFAULT 0 CHECK (attempts >= 0),
    next_at timestamptz NOT NULL DEFAULT now(),
    outcome text,
    response_code smallint,
    snippet text CHECK (length(snippet) <= 1000),
    took_ms integer,
    created_at timestamptz NOT NULL DEFAULT now(),
    attempted_at timestamptz,
    ended_at timestamptz,
    UNIQUE (webhook_id, event_id),
    CHECK ((status = 'waiting') = (ended_at IS NULL)),
    CHECK ((status = 'delivered') = (body IS NULL))
);
COMMENT ON TABLE webhook_delivery IS 'A message to a webhook and what became of it. Kept for a while after it ended.';
COMMENT ON COLUMN webhook_delivery.delivery_id IS 'Identity, and the order in which messages of a webhook are sent.';
COMMENT ON COLUMN webhook_delivery.webhook_id IS 'The webhook.';
COMMENT ON COLUMN webhook_delivery.event_id IS 'The event it tells of; null: a test.';
COMMENT ON COLUMN webhook_delivery.message_id IS 'What the receiver knows it by (webhook-id): the same on every attempt and replay.';
COMMENT ON COLUMN webhook_delivery.kind IS 'The event''s kind, or webhook.test.';
COMMENT ON COLUMN webhook_delivery.body IS 'What is sent, byte for byte; forgotten once it is delivered.';
COMMENT ON COLUMN webhook_delivery.status IS 'waiting for its turn or another attempt; delivered; dead: given up, and kept to be replayed.';
COMMENT ON COLUMN webhook_delivery.attempts IS 'How often it was sent since it was made or replayed; counted before it is sent.';
COMMENT ON COLUMN webhook_delivery.next_at IS 'When it may be sent.';
COMMENT ON COLUMN webhook_delivery.outcome IS 'What the last attempt came to: a stable code of registry.domain.webhook.';
COMMENT ON COLUMN webhook_delivery.response_code IS 'The HTTP status of the last answer.';
COMMENT ON COLUMN webhook_delivery.snippet IS 'The beginning of the last answer''s body.';
COMMENT ON COLUMN webhook_delivery.took_ms IS 'How long the last attempt took.';
COMMENT ON COLUMN webhook_delivery.created_at IS 'When it was made.';
COMMENT ON COLUMN webhook_delivery.attempted_at IS 'When it was last sent.';
COMMENT ON COLUMN webhook_delivery.ended_at IS 'When it was delivered, or died.';
CREATE INDEX webhook_delivery_waiting ON webhook_delivery (webhook_id, delivery_id) WHERE status = 'waiting';
CREATE INDEX webhook_delivery_ended ON webhook_delivery (ended_at) WHERE status <> 'waiting';

-- Each event waits here from its own commit on until webhooks and watches were told: a number that was given early
-- and committed late is still found, which a cursor over numbers would have passed.
CREATE TABLE event_untold (
    event_id bigint PRIMARY KEY
);
COMMENT ON TABLE event_untold IS 'Events of which webhooks and watches were not told yet. Written with the event, deleted in the commit that makes the messages.';
COMMENT ON COLUMN event_untold.event_id IS 'The event.';

CREATE FUNCTION queue_telling() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO event_untold (event_id) SELECT event_id FROM made;
    RETURN NULL;
END
$$;
COMMENT ON FUNCTION queue_telling() IS 'Trigger of event: what happened is to be told.';
CREATE TRIGGER event_to_tell AFTER INSERT ON event
    REFERENCING NEW TABLE AS made FOR EACH STATEMENT EXECUTE FUNCTION queue_telling();

ALTER TABLE organization ADD COLUMN tells_matches boolean NOT NULL DEFAULT false;
COMMENT ON COLUMN organization.tells_matches IS 'Whether owners of entries are told, without who asked, that a lookup of this organization matched them.';

ALTER TABLE job DROP CONSTRAINT job_task_check;
ALTER TABLE job ADD CONSTRAINT job_task_check CHECK (task ~ '^[a-z_]{1,40}$') NOT VALID;
COMMENT ON COLUMN job.task IS 'What is to be done: registry.store.jobs.Task.';
COMMENT ON COLUMN job.subject_id IS 'The asset, the lookup, the entry, the photo of a person or the webhook.';
COMMENT ON COLUMN job.queue IS 'The broker queue its message goes to: interactive before media.';
-- Hash lists: media that are known by a hash alone, where they came from, and exchanges that are read again and again.
ALTER TABLE asset
    ALTER COLUMN sha256 DROP NOT NULL,
    ADD COLUMN md5 bytea,
    ADD COLUMN hash_key bytea,
    ADD CONSTRAINT asset_md5_check CHECK (octet_length(md5) = 16) NOT VALID,
    ADD CONSTRAINT asset_known_check CHECK (sha256 IS NOT NULL OR hash_key IS NOT NULL) NOT VALID;
COMMENT ON COLUMN asset.sha256 IS 'SHA-256 of the file; null: known by a hash alone, see hash_key.';
COMMENT ON COLUMN asset.md5 IS 'MD5 of the file, where a hash list gave it; found by equality alone.';
COMMENT ON COLUMN asset.hash_key IS 'Of what came in a hash list: 16 bytes that name algorithm and value, so that the same hash twice in a bank is one asset (registry.domain.listed.key).';
CREATE UNIQUE INDEX asset_hash_key ON asset (bank_id, hash_key) WHERE hash_key IS NOT NULL;
CREATE INDEX asset_md5 ON asset (md5) WHERE md5 IS NOT NULL;

CREATE TABLE exchange (
    exchange_id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
    organization_id uuid NOT NULL REFERENCES organization,
    bank_id uuid NOT NULL REFERENCES bank,
    name text NOT NULL CHECK (name <> ''),
    kind text NOT NULL CHECK (kind IN ('file', 'stopncii', 'ncmec', 'threatexchange')),
    address text NOT NULL,
    options jsonb NOT NULL DEFAULT '{}',
    credentials bytea,
    every_s integer NOT NULL DEFAULT 3600 CHECK (every_s >= 60),
    checkpoint jsonb,
    state text NOT NULL DEFAULT 'active' CHECK (state IN ('active', 'removed')),
    next_at timestamptz NOT NULL DEFAULT now(),
    fetched_at timestamptz,
    added bigint NOT NULL DEFAULT 0,
    withdrawn bigint NOT NULL DEFAULT 0,
    rejected bigint NOT NULL DEFAULT 0,
    error_code text,
    error_message text,
    created_by uuid NOT NULL REFERENCES caller,
    created_at timestamptz NOT NULL DEFAULT now(),
    CHECK (state = 'active' OR credentials IS NULL)
);
COMMENT ON TABLE exchange IS 'A hash exchange that is read into a bank of its own, and how far it has been read.';
COMMENT ON COLUMN exchange.exchange_id IS 'Identity; also whose key (registry.keys) the credentials are sealed under.';
COMMENT ON COLUMN exchange.organization_id IS 'Whose it is: the owner of the bank.';
COMMENT ON COLUMN exchange.bank_id IS 'The bank it fills. It is private, and filled by no other exchange.';
COMMENT ON COLUMN exchange.name IS 'What people call it, unique within the organization while it is active.';
COMMENT ON COLUMN exchange.kind IS 'Which protocol is spoken; file: a list in the folder of FAKEPRINT_EXCHANGE_FILES.';
COMMENT ON COLUMN exchange.address IS 'Base URL, or the name of the file.';
COMMENT ON COLUMN exchange.options IS 'What the protocol needs besides, nothing secret: privacy_group (threatexchange), only_esp_ids (ncmec), type (file).';
COMMENT ON COLUMN exchange.credentials IS 'Sealed JSON (AES-256-GCM under the exchange''s own key); null: none, or destroyed.';
COMMENT ON COLUMN exchange.every_s IS 'Seconds from the beginning of one reading to the next.';
COMMENT ON COLUMN exchange.checkpoint IS 'How far it has been read, in the protocol''s own terms, kept in the commit that keeps what was read; null: not at all.';
COMMENT ON COLUMN exchange.state IS 'removed: no longer read; its entries stay as they are.';
COMMENT ON COLUMN exchange.next_at IS 'When it is read next.';
COMMENT ON COLUMN exchange.fetched_at IS 'When it was last read to its end.';
COMMENT ON COLUMN exchange.added IS 'Entries that came from it so far, or that answer again because of it.';
COMMENT ON COLUMN exchange.withdrawn IS 'Entries that it has taken back so far.';
COMMENT ON COLUMN exchange.rejected IS 'Records so far that could not be kept.';
COMMENT ON COLUMN exchange.error_code IS 'Why the last reading failed: a stable code; null: it did not.';
COMMENT ON COLUMN exchange.error_message IS 'The same for a person.';
COMMENT ON COLUMN exchange.created_by IS 'The caller that added it.';
COMMENT ON COLUMN exchange.created_at IS 'When.';
CREATE UNIQUE INDEX exchange_name ON exchange (organization_id, name) WHERE state = 'active';
CREATE UNIQUE INDEX exchange_bank ON exchange (bank_id) WHERE state = 'active';

CREATE TABLE import (
    import_id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
    organization_id uuid NOT NULL REFERENCES organization,
    bank_id uuid NOT NULL REFERENCES bank,
    created_by uuid NOT NULL REFERENCES caller,
    name text NOT NULL DEFAULT '',
    format text NOT NULL CHECK (format IN ('auto', 'csv', 'jsonl', 'threatexchange', 'text')),
    assumed text,
    header text,
    state text NOT NULL DEFAULT 'open' CHECK (state IN ('open', 'finished')),
    bytes bigint NOT NULL DEFAULT 0 CHECK (bytes >= 0),
    crc32 bigint NOT NULL DEFAULT 0 CHECK (crc32 BETWEEN 0 AND 4294967295),
    line bigint NOT NULL DEFAULT 0 CHECK (line >= 0),
    read bigint NOT NULL DEFAULT 0,
    added bigint NOT NULL DEFAULT 0,
    duplicates bigint NOT NULL DEFAULT 0,
    conflicts bigint NOT NULL DEFAULT 0,
    rejected bigint NOT NULL DEFAULT 0,
    created_at timestamptz NOT NULL DEFAULT now(),
    changed_at timestamptz NOT NULL DEFAULT now(),
    finished_at timestamptz
);
COMMENT ON TABLE import IS 'A list that is, or was, taken in, and how far: kept in the commit that keeps the rows, so that it goes on there whatever was cut off.';
COMMENT ON COLUMN import.import_id IS 'Identity.';
COMMENT ON COLUMN import.organization_id IS 'Whose it is.';
COMMENT ON COLUMN import.bank_id IS 'The bank that its rows come into.';
COMMENT ON COLUMN import.created_by IS 'The caller that began it.';
COMMENT ON COLUMN import.name IS 'The list''s name, for people, and to find what was not finished.';
COMMENT ON COLUMN import.format IS 'As what its lines are read; auto: not known yet.';
COMMENT ON COLUMN import.assumed IS 'The type of hashes that do not say theirs; null: those are refused.';
COMMENT ON COLUMN import.header IS 'The names of a CSV''s columns, its first line; null: there is none, or it was not read yet.';
COMMENT ON COLUMN import.state IS 'open: more may come.';
COMMENT ON COLUMN import.bytes IS 'How many bytes were taken: always up to the end of a line. The next ones continue here.';
COMMENT ON COLUMN import.crc32 IS 'CRC-32 of these bytes, by which another file is told.';
COMMENT ON COLUMN import.line IS 'How many lines these are.';
COMMENT ON COLUMN import.read IS 'How many rows: lines that are neither empty, nor a comment, nor the header.';
COMMENT ON COLUMN import.added IS 'Rows that became entries.';
COMMENT ON COLUMN import.duplicates IS 'Rows that the bank had already.';
COMMENT ON COLUMN import.conflicts IS 'Rows that said otherwise than what the bank had: see import_fault.';
COMMENT ON COLUMN import.rejected IS 'Rows that could not be kept: see import_fault.';
COMMENT ON COLUMN import.created_at IS 'When it began.';
COMMENT ON COLUMN import.changed_at IS 'When rows last came.';
COMMENT ON COLUMN import.finished_at IS 'When its end came.';
CREATE INDEX import_organization ON import (organization_id, created_at DESC, import_id DESC);

CREATE TABLE import_fault (
    import_id uuid NOT NULL REFERENCES import ON DELETE CASCADE,
    line bigint NOT NULL,
    code text NOT NULL,
    message text NOT NULL,
    next_step text,
    PRIMARY KEY (import_id, line)
);
COMMENT ON TABLE import_fault IS 'What was wrong with a line of a list; a million a list at most.';
COMMENT ON COLUMN import_fault.import_id IS 'The list.';
COMMENT ON COLUMN import_fault.line IS 'The line, from 1 on.';
COMMENT ON COLUMN import_fault.code IS 'What was wrong: a stable code.';
COMMENT ON COLUMN import_fault.message IS 'The same for a person; quotes little of the line.';
COMMENT ON COLUMN import_fault.next_step IS 'What to do.';

CREATE TABLE listing (
    entry_id uuid PRIMARY KEY REFERENCES entry ON DELETE CASCADE,
    import_id uuid,
    exchange_id uuid,
    opinion text NOT NULL CHECK (opinion IN ('malicious', 'unknown', 'non_malicious', 'disputed', 'withdrawn')),
    made_status boolean NOT NULL DEFAULT false,
    tags text[] NOT NULL DEFAULT '{}',
    said jsonb NOT NULL DEFAULT '{}' CHECK (jsonb_typeof(said) = 'object')
);
COMMENT ON TABLE listing IS 'What a hash list says of an entry that came from it.';
COMMENT ON COLUMN listing.entry_id IS 'The entry.';
COMMENT ON COLUMN listing.import_id IS 'The import that brought it; null: an exchange did.';
COMMENT ON COLUMN listing.exchange_id IS 'The exchange that brought it.';
COMMENT ON COLUMN listing.opinion IS 'What the list holds of it: malicious and unknown answer lookups; non_malicious, disputed and withdrawn (taken back by the exchange) do not. Where two rows say otherwise it is disputed.';
COMMENT ON COLUMN listing.made_status IS 'Whether the entry is suspended or withdrawn because of the list alone: only then does the list undo it.';
COMMENT ON COLUMN listing.tags IS 'The list''s tags, in order.';
COMMENT ON COLUMN listing.said IS 'What else it says that is worth keeping: owner, confidence, share_level, description …; see registry.domain.listed.SAID.';

CREATE FUNCTION listed_status(opinion text) RETURNS text LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
    RETURN CASE WHEN opinion IN ('malicious', 'unknown') THEN 'matchable' WHEN opinion = 'withdrawn' THEN 'withdrawn'
                ELSE 'suspended' END;
COMMENT ON FUNCTION listed_status(text) IS 'The status of an entry of which lists hold that, while no person has decided otherwise.';

CREATE TABLE listing_source (
    exchange_id uuid NOT NULL REFERENCES exchange,
    source_key text NOT NULL,
    entry_id uuid NOT NULL REFERENCES entry ON DELETE CASCADE,
    opinion text NOT NULL CHECK (opinion IN ('malicious', 'unknown', 'non_malicious', 'disputed')),
    PRIMARY KEY (exchange_id, source_key)
);
COMMENT ON TABLE listing_source IS 'Records of exchanges that stand behind an entry; several may name one hash. It is withdrawn with the last of them.';
COMMENT ON COLUMN listing_source.exchange_id IS 'The exchange.';
COMMENT ON COLUMN listing_source.source_key IS 'The exchange''s own name for the record, by which it changes and withdraws it.';
COMMENT ON COLUMN listing_source.entry_id IS 'The entry.';
COMMENT ON COLUMN listing_source.opinion IS 'What this record holds of it; those of all records together are listing.opinion.';
CREATE INDEX listing_source_entry ON listing_source (entry_id);

ALTER TABLE lookup DROP CONSTRAINT lookup_input_check;
ALTER TABLE lookup ADD CONSTRAINT lookup_input_check CHECK (input IN ('document', 'file', 'sha256', 'md5', 'hash')) NOT VALID;
COMMENT ON COLUMN job.subject_id IS 'The asset, the lookup, the entry, the photo of a person, the webhook or the exchange.';
-- Review, opinions, disputes, withdrawal: who may trust an entry, and who contests it.
CREATE FUNCTION seen_tier(own boolean, its_role boolean, medium text, entry text, own_medium text, own_entry text)
    RETURNS text LANGUAGE sql IMMUTABLE PARALLEL SAFE
    RETURN CASE
        WHEN own THEN (ARRAY['unreviewed', 'reviewed', 'court_order'])[greatest(
            array_position(ARRAY['unreviewed', 'reviewed', 'court_order'],
                           CASE WHEN its_role THEN lower_tier(medium, entry) ELSE entry END),
            array_position(ARRAY['unreviewed', 'reviewed', 'court_order'],
                           CASE WHEN its_role THEN lower_tier(own_medium, own_entry) ELSE own_entry END))]
        WHEN its_role THEN lower_tier(medium, entry)
        ELSE entry
    END;
COMMENT ON FUNCTION seen_tier(boolean, boolean, text, text, text, text) IS 'How far a medium is trusted by whoever asks: its owner goes by its own reviewers too, strangers by what one of another organization has confirmed.';

CREATE FUNCTION entry_may_become(one text, other text) RETURNS boolean
    LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
    RETURN (one || ' ' || other) IN (
        'pending matchable', 'pending failed', 'pending withdrawn',
        'failed pending', 'failed matchable', 'failed withdrawn',
        'matchable suspended', 'matchable withdrawn',
        'suspended matchable', 'suspended withdrawn',
        'withdrawn matchable', 'withdrawn pending');
COMMENT ON FUNCTION entry_may_become(text, text) IS 'Whether an entry of one status may take another: the moves of registry.domain.review.MOVES.';

CREATE FUNCTION guard_entry_status() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NOT entry_may_become(OLD.status, NEW.status) THEN
        RAISE EXCEPTION 'an entry that is % does not become %', OLD.status, NEW.status
            USING ERRCODE = 'check_violation', CONSTRAINT = 'entry_status_moves';
    END IF;
    IF NEW.status <> 'suspended' THEN
        NEW.suspended_for := NULL;
    END IF;
    RETURN NEW;
END
$$;
COMMENT ON FUNCTION guard_entry_status() IS 'Refuses a move that no rule knows, whoever asks for it, and forgets why an entry was suspended that no longer is.';

CREATE TABLE review_item (
    entry_id uuid NOT NULL REFERENCES entry ON DELETE CASCADE,
    reason text NOT NULL
        CHECK (reason IN ('dispute', 'role_conflict', 'opinions', 'added_media', 'unreviewed')),
    bank_id uuid NOT NULL,
    priority smallint NOT NULL CHECK (priority BETWEEN 0 AND 5),
    since timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (entry_id, reason)
);
COMMENT ON TABLE review_item IS 'What waits for a reviewer, and why. Written by triggers and by what opens and ends the cause.';
COMMENT ON COLUMN review_item.entry_id IS 'The entry to look at.';
COMMENT ON COLUMN review_item.reason IS 'Why: a dispute, the same file as fake and original, doubts of those who matched it, media added after a review, nobody has reviewed it.';
COMMENT ON COLUMN review_item.bank_id IS 'The entry''s bank; that it is one the entry sees to, and a million entries come faster.';
COMMENT ON COLUMN review_item.priority IS '0: a private case. Else 1 comes first: see registry.domain.review.PRIORITY.';
COMMENT ON COLUMN review_item.since IS 'Since when it waits.';
CREATE INDEX review_item_order ON review_item (bank_id, priority, since, entry_id);

CREATE TABLE review_claim (
    entry_id uuid PRIMARY KEY REFERENCES entry ON DELETE CASCADE,
    caller_id uuid NOT NULL REFERENCES caller,
    media uuid[] NOT NULL,
    first_at timestamptz NOT NULL DEFAULT now(),
    lease_until timestamptz NOT NULL,
    CHECK (lease_until <= first_at + interval '4 hours')
);
COMMENT ON TABLE review_claim IS 'Which reviewer looks at an entry: one at a time, until the lease ends. A row whose lease has ended claims nothing.';
COMMENT ON COLUMN review_claim.entry_id IS 'The entry.';
COMMENT ON COLUMN review_claim.caller_id IS 'Who claimed it last.';
COMMENT ON COLUMN review_claim.media IS 'The media that answered lookups then: a decision covers no others.';
COMMENT ON COLUMN review_claim.first_at IS 'Since when this caller has it; nobody renews a claim for ever.';
COMMENT ON COLUMN review_claim.lease_until IS 'Until when it is theirs.';
CREATE INDEX review_claim_caller ON review_claim (caller_id, lease_until);

CREATE TABLE review (
    review_id uuid PRIMARY KEY,
    entry_id uuid NOT NULL REFERENCES entry ON DELETE CASCADE,
    caller_id uuid NOT NULL REFERENCES caller,
    organization_id uuid NOT NULL REFERENCES organization,
    decision text NOT NULL CHECK (decision IN ('approve', 'reject', 'court_order', 'restore', 'withdraw')),
    administers boolean NOT NULL DEFAULT false,
    reason_code text CHECK (reason_code ~ '^[a-z_]{1,40}$'),
    order_sha256 bytea CHECK (octet_length(order_sha256) = 32),
    sealed bytea,
    decided_at timestamptz NOT NULL DEFAULT now(),
    superseded_at timestamptz,
    CHECK ((decision = 'court_order') = (order_sha256 IS NOT NULL)),
    CHECK (decision NOT IN ('reject', 'withdraw') OR reason_code IS NOT NULL)
);
COMMENT ON TABLE review IS 'What somebody has decided of an entry. The tiers follow from those that stand: see registry.domain.review.';
COMMENT ON COLUMN review.review_id IS 'Identity, and the subject of the key that seals its text.';
COMMENT ON COLUMN review.entry_id IS 'The entry.';
COMMENT ON COLUMN review.caller_id IS 'Who decided.';
COMMENT ON COLUMN review.organization_id IS 'Their organization then.';
COMMENT ON COLUMN review.decision IS 'approve, reject, court_order (an order says that it is a fake, or authentic), restore, or withdraw by its owner.';
COMMENT ON COLUMN review.administers IS 'Whether they had the role admin: a court order needs one who has.';
COMMENT ON COLUMN review.reason_code IS 'Why, as a code.';
COMMENT ON COLUMN review.order_sha256 IS 'SHA-256 of the order''s document, which stays with the reviewers: both have to name the same.';
COMMENT ON COLUMN review.sealed IS 'Why, in words, and the order''s court, docket number and date: sealed, null where nothing was said.';
COMMENT ON COLUMN review.decided_at IS 'When.';
COMMENT ON COLUMN review.superseded_at IS 'When the same caller decided otherwise, or the entry was withdrawn or restored; null: it stands.';
CREATE UNIQUE INDEX review_standing ON review (entry_id, caller_id) WHERE superseded_at IS NULL;
CREATE INDEX review_entry ON review (entry_id, decided_at);

CREATE TABLE review_medium (
    review_id uuid NOT NULL REFERENCES review ON DELETE CASCADE,
    asset_id uuid NOT NULL REFERENCES asset ON DELETE CASCADE,
    role text NOT NULL CHECK (role IN ('fake', 'original')),
    PRIMARY KEY (review_id, asset_id, role)
);
COMMENT ON TABLE review_medium IS 'The media that a decision covers: those that its reviewer had before them.';
COMMENT ON COLUMN review_medium.review_id IS 'The decision.';
COMMENT ON COLUMN review_medium.asset_id IS 'The medium.';
COMMENT ON COLUMN review_medium.role IS 'As what it was reviewed.';
CREATE INDEX review_medium_asset ON review_medium (asset_id);

CREATE TABLE opinion (
    lookup_id uuid NOT NULL,
    entry_id uuid NOT NULL REFERENCES entry ON DELETE CASCADE,
    caller_id uuid NOT NULL REFERENCES caller,
    organization_id uuid NOT NULL REFERENCES organization,
    opinion text NOT NULL CHECK (opinion IN ('true_positive', 'false_positive')),
    verdict text NOT NULL,
    confidence double precision CHECK (confidence BETWEEN 0 AND 1),
    match jsonb NOT NULL CHECK (jsonb_typeof(match) = 'object'),
    given_at timestamptz NOT NULL DEFAULT now(),
    changed_at timestamptz,
    PRIMARY KEY (entry_id, lookup_id, caller_id)
);
COMMENT ON TABLE opinion IS 'Who confirms or denies a match: one opinion a caller and match, the last one counts.';
COMMENT ON COLUMN opinion.lookup_id IS 'The lookup; its own row may be gone by now.';
COMMENT ON COLUMN opinion.entry_id IS 'The entry that was matched.';
COMMENT ON COLUMN opinion.caller_id IS 'Who says so.';
COMMENT ON COLUMN opinion.organization_id IS 'Their organization.';
COMMENT ON COLUMN opinion.opinion IS 'true_positive: the match is right. false_positive: it is not.';
COMMENT ON COLUMN opinion.verdict IS 'What the match was taken for.';
COMMENT ON COLUMN opinion.confidence IS 'How sure the answer was of it.';
COMMENT ON COLUMN opinion.match IS 'What of the match the calibration needs: relation, reasons, coverage, signals.';
COMMENT ON COLUMN opinion.given_at IS 'When it was first given.';
COMMENT ON COLUMN opinion.changed_at IS 'When it was changed last.';
CREATE INDEX opinion_given ON opinion (given_at, entry_id, lookup_id, caller_id);

CREATE TABLE dispute (
    dispute_id uuid PRIMARY KEY,
    entry_id uuid NOT NULL REFERENCES entry ON DELETE CASCADE,
    kind text NOT NULL CHECK (kind IN ('satire', 'own_consent', 'mistaken', 'authentic')),
    standing text NOT NULL CHECK (standing IN ('depicted', 'author', 'platform', 'other')),
    opened_by uuid NOT NULL REFERENCES caller,
    organization_id uuid NOT NULL REFERENCES organization,
    owner_id uuid NOT NULL REFERENCES organization,
    sealed bytea,
    state text NOT NULL DEFAULT 'open' CHECK (state IN ('open', 'answered', 'closed')),
    suspends boolean NOT NULL,
    at_once boolean NOT NULL,
    opened_at timestamptz NOT NULL DEFAULT now(),
    answer_due timestamptz NOT NULL,
    answered_by uuid REFERENCES caller,
    answered_at timestamptz,
    answer_sealed bytea,
    accepted_by uuid REFERENCES caller,
    accepted_at timestamptz,
    outcome text CHECK (outcome IN ('upheld', 'rejected', 'withdrawn')),
    remedy text CHECK (remedy IN ('withdrawn', 'corrected')),
    reason_code text CHECK (reason_code ~ '^[a-z_]{1,40}$'),
    order_sha256 bytea CHECK (octet_length(order_sha256) = 32),
    decided_by uuid REFERENCES caller,
    decider_id uuid REFERENCES organization,
    reasons_sealed bytea,
    closed_at timestamptz,
    erased_at timestamptz,
    CHECK ((state = 'closed') = (outcome IS NOT NULL)),
    CHECK ((outcome IS NULL) = (closed_at IS NULL)),
    CHECK (state <> 'answered' OR answered_at IS NOT NULL),
    CHECK ((answered_at IS NULL) = (answered_by IS NULL)),
    CHECK ((accepted_at IS NULL) = (accepted_by IS NULL)),
    CHECK ((outcome = 'upheld') = (remedy IS NOT NULL)),
    CHECK (outcome IS NULL OR (decided_by IS NOT NULL AND decider_id IS NOT NULL AND reason_code IS NOT NULL)),
    CHECK (NOT at_once OR suspends),
    CHECK (answer_due > opened_at),
    CONSTRAINT dispute_heard CHECK (outcome IS DISTINCT FROM 'upheld' OR decider_id = owner_id
        OR answered_at IS NOT NULL OR closed_at >= answer_due),
    CONSTRAINT dispute_no_party_decides CHECK (
        outcome IS NULL OR outcome = 'withdrawn' OR (outcome = 'upheld' AND decider_id = owner_id)
        OR (decided_by <> opened_by AND (organization_id = owner_id
            OR (decider_id <> organization_id AND decider_id <> owner_id))))
);
COMMENT ON TABLE dispute IS 'An entry is contested. What people write in it is sealed under a key of its own, so that it can be erased.';
COMMENT ON COLUMN dispute.dispute_id IS 'Identity, and the subject of its key.';
COMMENT ON COLUMN dispute.entry_id IS 'The entry.';
COMMENT ON COLUMN dispute.kind IS 'satire, own_consent (whoever is shown has agreed), mistaken (it is no fake of that), authentic (it is genuine).';
COMMENT ON COLUMN dispute.standing IS 'Who contests: depicted, author, platform, other.';
COMMENT ON COLUMN dispute.opened_by IS 'The caller that opened it.';
COMMENT ON COLUMN dispute.organization_id IS 'Their organization, one of the two parties.';
COMMENT ON COLUMN dispute.owner_id IS 'The organization of the entry''s bank, the other party.';
COMMENT ON COLUMN dispute.sealed IS 'Statement and contact, sealed; null once erased.';
COMMENT ON COLUMN dispute.state IS 'open, answered by the owner, closed.';
COMMENT ON COLUMN dispute.suspends IS 'Whether the entry is suspended for it, at once or since a reviewer accepted it.';
COMMENT ON COLUMN dispute.at_once IS 'Whether nobody was asked before it suspended the entry: such are limited.';
COMMENT ON COLUMN dispute.opened_at IS 'When it was opened.';
COMMENT ON COLUMN dispute.answer_due IS 'Until when the owner may answer before it is decided against it.';
COMMENT ON COLUMN dispute.answered_by IS 'Who answered for the owner.';
COMMENT ON COLUMN dispute.answered_at IS 'When.';
COMMENT ON COLUMN dispute.answer_sealed IS 'The answer, sealed.';
COMMENT ON COLUMN dispute.accepted_by IS 'The reviewer who accepted it for a hearing.';
COMMENT ON COLUMN dispute.accepted_at IS 'When.';
COMMENT ON COLUMN dispute.outcome IS 'upheld, rejected, or withdrawn by whoever opened it; null: not yet.';
COMMENT ON COLUMN dispute.remedy IS 'Of one that was upheld: the entry was withdrawn, or corrected.';
COMMENT ON COLUMN dispute.reason_code IS 'Why it was decided so, as a code.';
COMMENT ON COLUMN dispute.order_sha256 IS 'SHA-256 of the order against an entry that stands by an order.';
COMMENT ON COLUMN dispute.decided_by IS 'Who decided, or withdrew it.';
COMMENT ON COLUMN dispute.decider_id IS 'Their organization: neither party, but where the owner gives in.';
COMMENT ON COLUMN dispute.reasons_sealed IS 'Why, in words, sealed.';
COMMENT ON COLUMN dispute.closed_at IS 'When it was decided or withdrawn.';
COMMENT ON COLUMN dispute.erased_at IS 'When its texts were erased.';
CREATE UNIQUE INDEX dispute_standing ON dispute (entry_id, organization_id) WHERE outcome IS NULL;
CREATE INDEX dispute_entry ON dispute (entry_id, opened_at);
CREATE INDEX dispute_opener ON dispute (organization_id, opened_at, dispute_id);
CREATE INDEX dispute_owner ON dispute (owner_id, opened_at, dispute_id);
CREATE INDEX dispute_open ON dispute (opened_at, dispute_id) WHERE outcome IS NULL;

CREATE FUNCTION guard_dispute() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'a dispute that is % does not become %', OLD.state, NEW.state
        USING ERRCODE = 'check_violation', CONSTRAINT = 'dispute_state_moves';
END
$$;
COMMENT ON FUNCTION guard_dispute() IS 'Refuses to open again what was decided, or to unsay an answer.';
CREATE TRIGGER dispute_state_moves BEFORE UPDATE OF state, outcome, decided_by ON dispute
    FOR EACH ROW WHEN (OLD.state = 'closed' OR (OLD.state = 'answered' AND NEW.state = 'open'))
    EXECUTE FUNCTION guard_dispute();

CREATE FUNCTION queue_new_entries() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO review_item (entry_id, reason, bank_id, priority)
    SELECT n.entry_id, 'unreviewed', n.bank_id, 5
    FROM new_rows n WHERE n.status = 'matchable' AND n.tier = 'unreviewed'
    ON CONFLICT DO NOTHING;
    RETURN NULL;
END
$$;
COMMENT ON FUNCTION queue_new_entries() IS 'Entries that were made matchable wait for a reviewer.';

CREATE FUNCTION queue_opened_entries() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO review_item (entry_id, reason, bank_id, priority)
    SELECT n.entry_id, 'unreviewed', n.bank_id, 5
    FROM new_rows n JOIN old_rows o USING (entry_id)
    WHERE n.status = 'matchable' AND o.status <> 'matchable' AND n.tier = 'unreviewed'
    ON CONFLICT DO NOTHING;
    RETURN NULL;
END
$$;
COMMENT ON FUNCTION queue_opened_entries() IS 'Entries that become matchable wait for a reviewer.';

CREATE FUNCTION queue_added_media() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO review_item (entry_id, reason, bank_id, priority)
    SELECT DISTINCT e.entry_id, 'added_media', e.bank_id, 4
    FROM new_rows n JOIN entry e USING (entry_id)
    WHERE e.tier <> 'unreviewed' OR e.original_tier <> 'unreviewed' OR e.own_tier <> 'unreviewed'
       OR e.own_original_tier <> 'unreviewed'
    ON CONFLICT DO NOTHING;
    -- Whoever sees one side of a conflict is told only where the other may be seen too.
    WITH conflict AS MATERIALIZED (
        SELECT n.entry_id AS mine, mb.bank_id AS my_bank, x.entry_id AS theirs, tb.bank_id AS their_bank,
               answers_to(tb, mb.organization_id) AS i_see, answers_to(mb, tb.organization_id) AS they_see
        FROM new_rows n
        JOIN asset a USING (asset_id)
        JOIN asset o ON o.sha256 = a.sha256
        JOIN entry_asset x ON x.asset_id = o.asset_id AND x.role <> n.role
        JOIN entry te ON te.entry_id = x.entry_id AND te.status <> 'withdrawn'
        JOIN bank mb ON mb.bank_id = a.bank_id
        JOIN bank tb ON tb.bank_id = o.bank_id
    )
    INSERT INTO review_item (entry_id, reason, bank_id, priority)
    SELECT mine, 'role_conflict', my_bank, 2 FROM conflict WHERE i_see
    UNION
    SELECT theirs, 'role_conflict', their_bank, 2 FROM conflict WHERE they_see
    ORDER BY 1
    ON CONFLICT DO NOTHING;
    RETURN NULL;
END
$$;
COMMENT ON FUNCTION queue_added_media() IS 'Media added after a review wait for a reviewer, and so does a file that is a fake in one place and an original in another (DESIGN, rule 3).';

-- Nobody writes entries until this has committed, but lookups go on: what takes long is done before they wait.
LOCK TABLE entry, entry_asset IN SHARE ROW EXCLUSIVE MODE;
INSERT INTO review_item (entry_id, reason, bank_id, priority, since)
SELECT entry_id, 'unreviewed', bank_id, 5, coalesce(matchable_at, created_at)
FROM entry WHERE status = 'matchable' AND tier = 'unreviewed';

ALTER TABLE entry
    ADD COLUMN own_tier text NOT NULL DEFAULT 'unreviewed',
    ADD COLUMN own_original_tier text NOT NULL DEFAULT 'unreviewed',
    ADD COLUMN suspended_for text,
    ADD CONSTRAINT entry_own_tier_check
        CHECK (own_tier IN ('unreviewed', 'reviewed', 'court_order')) NOT VALID,
    ADD CONSTRAINT entry_own_original_tier_check
        CHECK (own_original_tier IN ('unreviewed', 'reviewed', 'court_order')) NOT VALID,
    ADD CONSTRAINT entry_suspended_for_check CHECK (suspended_for IS NULL OR (status = 'suspended'
        AND suspended_for IN ('dispute', 'rejected', 'forged_fingerprint'))) NOT VALID;
COMMENT ON COLUMN entry.own_tier IS 'How far its own organization trusts its fakes: reviewers of one organization alone raise this, and not tier, which is what everybody else goes by.';
COMMENT ON COLUMN entry.own_original_tier IS 'The same of its originals.';
COMMENT ON COLUMN entry.suspended_for IS 'Why it is suspended: a dispute, reviewers who rejected it, a fingerprint document that its media belied.';

ALTER TABLE entry_asset
    ADD COLUMN own_tier text NOT NULL DEFAULT 'unreviewed',
    ADD COLUMN added_by uuid,
    ADD CONSTRAINT entry_asset_own_tier_check
        CHECK (own_tier IN ('unreviewed', 'reviewed', 'court_order')) NOT VALID,
    ADD CONSTRAINT entry_asset_added_by_fkey FOREIGN KEY (added_by) REFERENCES caller NOT VALID;
COMMENT ON COLUMN entry_asset.own_tier IS 'How far its own organization trusts this medium: see entry.own_tier.';
COMMENT ON COLUMN entry_asset.added_by IS 'Who added it, and so does not review it; null: whoever registered the entry.';

CREATE TRIGGER entry_status_moves BEFORE UPDATE OF status ON entry
    FOR EACH ROW WHEN (OLD.status <> NEW.status) EXECUTE FUNCTION guard_entry_status();
-- An organization's own lookups follow its own reviewers, wherever they are read (see 0016; of the entry it is so).
CREATE CONSTRAINT TRIGGER entry_asset_own_trusted AFTER UPDATE ON entry_asset DEFERRABLE INITIALLY DEFERRED
    FOR EACH ROW WHEN (OLD.own_tier <> NEW.own_tier) EXECUTE FUNCTION count_own_change();
CREATE TRIGGER entry_queued AFTER INSERT ON entry REFERENCING NEW TABLE AS new_rows
    FOR EACH STATEMENT EXECUTE FUNCTION queue_new_entries();
CREATE TRIGGER entry_opened_queued AFTER UPDATE ON entry REFERENCING OLD TABLE AS old_rows NEW TABLE AS new_rows
    FOR EACH STATEMENT EXECUTE FUNCTION queue_opened_entries();
CREATE TRIGGER entry_asset_queued AFTER INSERT ON entry_asset REFERENCING NEW TABLE AS new_rows
    FOR EACH STATEMENT EXECUTE FUNCTION queue_added_media();
-- What a fact-checker says of an entry beside its claim, and which entry it is a variant of.
ALTER TABLE entry
    ADD COLUMN language text CHECK (language ~ '^[A-Za-z]{2,3}(-[A-Za-z0-9]{2,8}){0,3}$'),
    ADD COLUMN variant_of uuid REFERENCES entry CHECK (variant_of <> entry_id);
COMMENT ON COLUMN entry.language IS 'The language of title and claim, as BCP 47 has it; null: not said.';
COMMENT ON COLUMN entry.variant_of IS 'The entry that this one is a variant of, never itself a variant; null: of none.';
CREATE INDEX entry_variant ON entry (variant_of) WHERE variant_of IS NOT NULL;

CREATE TABLE entry_detail (
    entry_id uuid PRIMARY KEY REFERENCES entry ON DELETE CASCADE,
    key_id uuid,
    sealed bytea,
    changed_by uuid NOT NULL REFERENCES caller,
    changed_at timestamptz NOT NULL DEFAULT now(),
    erased_at timestamptz,
    CHECK ((sealed IS NULL) = (erased_at IS NOT NULL)),
    CHECK ((sealed IS NULL) = (key_id IS NULL))
);
COMMENT ON TABLE entry_detail IS 'Whom an entry depicts, where it was seen, on what evidence: sealed under a key of the entry''s own, outside the database.';
COMMENT ON COLUMN entry_detail.entry_id IS 'The entry.';
COMMENT ON COLUMN entry_detail.key_id IS 'The key that seals it, in registry.keys; null: erased, and the key is destroyed.';
COMMENT ON COLUMN entry_detail.sealed IS 'JSON of registry.domain.details.Details, sealed (AES-256-GCM); null: erased.';
COMMENT ON COLUMN entry_detail.changed_by IS 'The caller that said it last.';
COMMENT ON COLUMN entry_detail.changed_at IS 'When.';
COMMENT ON COLUMN entry_detail.erased_at IS 'When it was erased and the key destroyed; null: it was not.';
-- The ledger: events and answered lookups as leaves of a Merkle tree (RFC 6962), and its signed checkpoints.
CREATE TABLE ledger_leaf (
    leaf_index bigint PRIMARY KEY CHECK (leaf_index >= 0),
    hash bytea NOT NULL CHECK (octet_length(hash) = 32),
    event_id bigint UNIQUE
);
COMMENT ON TABLE ledger_leaf IS 'What is on record, in its order: gap-free, in the order in which commits were seen. Append-only.';
COMMENT ON COLUMN ledger_leaf.leaf_index IS 'Its place, from 0.';
COMMENT ON COLUMN ledger_leaf.hash IS 'SHA-256 of 0x00 and the leaf: canonical JSON, see registry.domain.ledger.';
COMMENT ON COLUMN ledger_leaf.event_id IS 'The event; null: a lookup, see ledger_lookup.';

CREATE TABLE ledger_lookup (
    leaf_index bigint PRIMARY KEY,
    lookup_id uuid NOT NULL UNIQUE,
    caller_id uuid NOT NULL,
    organization_id uuid NOT NULL,
    at timestamptz NOT NULL,
    input text NOT NULL,
    verdict text NOT NULL,
    query_commitment bytea CHECK (octet_length(query_commitment) = 32),
    answer_commitment bytea NOT NULL CHECK (octet_length(answer_commitment) = 32),
    salt bytea CHECK (octet_length(salt) = 32)
);
COMMENT ON TABLE ledger_lookup IS 'What the record keeps of an answered lookup; it stays when the lookup''s row goes.';
COMMENT ON COLUMN ledger_lookup.leaf_index IS 'Its place in the ledger.';
COMMENT ON COLUMN ledger_lookup.lookup_id IS 'The lookup.';
COMMENT ON COLUMN ledger_lookup.caller_id IS 'Who asked.';
COMMENT ON COLUMN ledger_lookup.organization_id IS 'For whom.';
COMMENT ON COLUMN ledger_lookup.at IS 'When it was answered, by the database''s clock.';
COMMENT ON COLUMN ledger_lookup.input IS 'What was given.';
COMMENT ON COLUMN ledger_lookup.verdict IS 'The verdict.';
COMMENT ON COLUMN ledger_lookup.query_commitment IS 'SHA-256 of the salt and the query''s SHA-256 in hex; null: none was known.';
COMMENT ON COLUMN ledger_lookup.answer_commitment IS 'SHA-256 of the salt and the answer as PostgreSQL writes its jsonb.';
COMMENT ON COLUMN ledger_lookup.salt IS 'Random; no part of the leaf. Null: erased, and nobody can try queries or answers against the commitments.';
CREATE INDEX ledger_lookup_organization ON ledger_lookup (organization_id, leaf_index);

CREATE TABLE ledger_node (
    height smallint CHECK (height > 0 AND height % 4 = 0),
    position bigint CHECK (position >= 0),
    hash bytea NOT NULL CHECK (octet_length(hash) = 32),
    PRIMARY KEY (height, position)
);
COMMENT ON TABLE ledger_node IS 'Hashes of the tree''s complete subtrees of 16, 256, … leaves; the rest is computed from at most 15 beside each other. Append-only.';
COMMENT ON COLUMN ledger_node.height IS 'Levels above the leaves: the subtree has 2^height.';
COMMENT ON COLUMN ledger_node.position IS 'Its place among those of its height, from 0.';
COMMENT ON COLUMN ledger_node.hash IS 'SHA-256 of 0x01 and the hashes of its two halves.';

CREATE TABLE asset_commitment (
    asset_id uuid PRIMARY KEY,
    salt bytea NOT NULL CHECK (octet_length(salt) = 32),
    commitment bytea NOT NULL CHECK (octet_length(commitment) = 32)
);
COMMENT ON TABLE asset_commitment IS 'What ties the events of an asset to its file: with it one can prove which file was registered when. Deleting it unties them.';
COMMENT ON COLUMN asset_commitment.asset_id IS 'The asset.';
COMMENT ON COLUMN asset_commitment.salt IS 'Random.';
COMMENT ON COLUMN asset_commitment.commitment IS 'SHA-256 of the salt and the file''s SHA-256 in hex, as events have it.';

CREATE TABLE ledger_checkpoint (
    size bigint PRIMARY KEY CHECK (size >= 0),
    root bytea NOT NULL CHECK (octet_length(root) = 32),
    note text NOT NULL,
    signed_at timestamptz NOT NULL DEFAULT clock_timestamp()
);
COMMENT ON TABLE ledger_checkpoint IS 'What was signed of the ledger. Append-only; the key is not in the database.';
COMMENT ON COLUMN ledger_checkpoint.size IS 'How many leaves it covers.';
COMMENT ON COLUMN ledger_checkpoint.root IS 'The tree''s root hash at that size.';
COMMENT ON COLUMN ledger_checkpoint.note IS 'The signed note (C2SP tlog-checkpoint).';
COMMENT ON COLUMN ledger_checkpoint.signed_at IS 'When, by the database''s clock; no part of the note.';

CREATE TABLE ledger_key (
    verifier_key text PRIMARY KEY,
    first_size bigint NOT NULL,
    first_used timestamptz NOT NULL DEFAULT clock_timestamp()
);
COMMENT ON TABLE ledger_key IS 'Public keys that have signed checkpoints, to be shown; whoever verifies has them from elsewhere. Append-only.';
COMMENT ON COLUMN ledger_key.verifier_key IS 'Name, key id and public key (C2SP signed-note).';
COMMENT ON COLUMN ledger_key.first_size IS 'Size of the first checkpoint that it signed.';
COMMENT ON COLUMN ledger_key.first_used IS 'When that was.';

CREATE TABLE ledger_cursor (
    one boolean PRIMARY KEY DEFAULT true CHECK (one),
    answered_in bigint NOT NULL DEFAULT 0,
    lookup_id uuid NOT NULL DEFAULT '00000000-0000-0000-0000-000000000000'
);
COMMENT ON TABLE ledger_cursor IS 'Up to which lookup the record has come.';
COMMENT ON COLUMN ledger_cursor.one IS 'There is one row.';
COMMENT ON COLUMN ledger_cursor.answered_in IS 'Of the last lookup looked at: lookup.answered_in.';
COMMENT ON COLUMN ledger_cursor.lookup_id IS 'And its id, which orders those of one transaction.';
INSERT INTO ledger_cursor DEFAULT VALUES;

CREATE TRIGGER ledger_leaf_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON ledger_leaf
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
CREATE TRIGGER ledger_node_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON ledger_node
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
CREATE TRIGGER ledger_checkpoint_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON ledger_checkpoint
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
CREATE TRIGGER ledger_key_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON ledger_key
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
CREATE TRIGGER ledger_lookup_stays BEFORE DELETE OR TRUNCATE ON ledger_lookup
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
CREATE TRIGGER ledger_lookup_append_only BEFORE UPDATE OF leaf_index, lookup_id, caller_id, organization_id, at, input,
    verdict, query_commitment, answer_commitment ON ledger_lookup
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();

-- Rows that are there already are 0: from before the record. All later ones say in which transaction they were answered.
ALTER TABLE lookup ADD COLUMN answered_in bigint NOT NULL DEFAULT 0;
ALTER TABLE lookup ALTER COLUMN answered_in SET DEFAULT (pg_current_xact_id()::text::bigint);
COMMENT ON COLUMN lookup.answered_in IS 'Number of the transaction that wrote the answer (while it is queued, the question). Whatever is below the oldest one that runs is all there, so that the record passes over none that commits late. 0: from before there was a record.';
CREATE INDEX lookup_answered_in ON lookup (answered_in) WHERE answered_in > 0;

ALTER TABLE organization ADD COLUMN record_lookups text CHECK (record_lookups IN ('none', 'matches', 'all'));
COMMENT ON COLUMN organization.record_lookups IS 'Which of its lookups are put on record; null: as the deployment does.';
ALTER TABLE bank ADD COLUMN record_lookups text CHECK (record_lookups IN ('none', 'matches', 'all'));
COMMENT ON COLUMN bank.record_lookups IS 'Which lookups that ask this bank alone, or match in it, are put on record, whoever asks; null: as the asking organization does. The wider of the two counts.';
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
-- Watches: lookups whose fingerprint is kept for a while, so that a fake registered later still finds them.
CREATE TABLE watch (
    watch_id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
    watch_no integer GENERATED ALWAYS AS IDENTITY UNIQUE,
    lookup_id uuid NOT NULL UNIQUE,
    organization_id uuid NOT NULL REFERENCES organization,
    caller_id uuid NOT NULL REFERENCES caller,
    bank_id uuid REFERENCES bank,
    input text NOT NULL CHECK (input IN ('document', 'file', 'sha256', 'hash')),
    sha256 bytea CHECK (octet_length(sha256) = 32),
    fingerprint bytea,
    created_at timestamptz NOT NULL DEFAULT now(),
    expires_at timestamptz NOT NULL,
    CHECK (num_nonnulls(sha256, fingerprint) > 0)
);
COMMENT ON TABLE watch IS 'A past lookup kept so that a fake registered later still finds it. No media and no face vector is among what is kept.';
COMMENT ON COLUMN watch.watch_id IS 'Identity.';
COMMENT ON COLUMN watch.watch_no IS 'A short name within this database, for rows of which there are millions.';
COMMENT ON COLUMN watch.lookup_id IS 'The lookup. No foreign key: a watch is there before its lookup is answered, so that what opens meanwhile finds it.';
COMMENT ON COLUMN watch.organization_id IS 'Who asked, and is told.';
COMMENT ON COLUMN watch.caller_id IS 'The caller that asked; as it, the lookup is answered again.';
COMMENT ON COLUMN watch.bank_id IS 'The one bank asked, null: all that the caller may see.';
COMMENT ON COLUMN watch.input IS 'What was given.';
COMMENT ON COLUMN watch.sha256 IS 'SHA-256 of the file asked about, where known.';
COMMENT ON COLUMN watch.fingerprint IS 'Its fingerprint document without faces, zlib; null: the sha256 alone was asked.';
COMMENT ON COLUMN watch.created_at IS 'When it was asked.';
COMMENT ON COLUMN watch.expires_at IS 'When all that is kept of it is deleted.';
CREATE INDEX watch_sha256 ON watch (sha256) WHERE sha256 IS NOT NULL;
CREATE INDEX watch_expires ON watch (expires_at);
CREATE INDEX watch_organization ON watch (organization_id, created_at DESC, watch_id);

CREATE TABLE watch_frame (
    watch_no integer NOT NULL REFERENCES watch (watch_no) ON DELETE CASCADE,
    phash256 bit(256),
    pdq bit(256),
    CHECK (num_nonnulls(phash256, pdq) = 1)
);
COMMENT ON TABLE watch_frame IS 'A few moments of a watched lookup, by which it is found.';
COMMENT ON COLUMN watch_frame.watch_no IS 'The watch.';
COMMENT ON COLUMN watch_frame.phash256 IS 'phash256.1, in that view of the frame in which the lookup asked.';
COMMENT ON COLUMN watch_frame.pdq IS 'pdq.1, where there is no phash256.1.';
CREATE INDEX watch_frame_watch ON watch_frame (watch_no);
CREATE INDEX watch_frame_phash256 ON watch_frame USING gin (phash256_keys(phash256)) WITH (fastupdate = off)
    WHERE phash256 IS NOT NULL;
CREATE INDEX watch_frame_pdq ON watch_frame USING gin (pdq_keys(pdq)) WITH (fastupdate = off)
    WHERE pdq IS NOT NULL;

CREATE FUNCTION watched_near_phash256(hash bit(256), radius integer, effort integer)
    RETURNS TABLE (watch_no integer, bits double precision)
    LANGUAGE sql STABLE PARALLEL SAFE
BEGIN ATOMIC
    SELECT f.watch_no, f.bits
    FROM phash256_turned(
        substring(hash FROM 1 FOR 64)::bit(64)::bigint, substring(hash FROM 65 FOR 64)::bit(64)::bigint,
        substring(hash FROM 129 FOR 64)::bit(64)::bigint, substring(hash FROM 193 FOR 64)::bit(64)::bigint,
        effort) b
    CROSS JOIN LATERAL (
        -- The OFFSET keeps the planner from comparing with every hash there is.
        SELECT watch_no, phash256 <~> hash AS bits FROM watch_frame
        WHERE phash256 IS NOT NULL
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
COMMENT ON FUNCTION watched_near_phash256(bit, integer, integer) IS
    'As near_phash256, of what is kept of watched lookups.';

CREATE FUNCTION watched_near_pdq(hash bit(256), radius integer, effort integer)
    RETURNS TABLE (watch_no integer, bits double precision)
    LANGUAGE sql STABLE PARALLEL SAFE
BEGIN ATOMIC
    SELECT f.watch_no, f.bits
    FROM pdq_turned(
        substring(hash FROM 1 FOR 64)::bit(64)::bigint, substring(hash FROM 65 FOR 64)::bit(64)::bigint,
        substring(hash FROM 129 FOR 64)::bit(64)::bigint, substring(hash FROM 193 FOR 64)::bit(64)::bigint,
        effort) b
    CROSS JOIN LATERAL (
        -- The OFFSET keeps the planner from comparing with every hash there is.
        SELECT watch_no, pdq <~> hash AS bits FROM watch_frame
        WHERE pdq IS NOT NULL
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
COMMENT ON FUNCTION watched_near_pdq(bit, integer, integer) IS
    'As near_pdq, of what is kept of watched lookups.';

CREATE TABLE watch_vector (
    watch_no integer NOT NULL REFERENCES watch (watch_no) ON DELETE CASCADE,
    sscd halfvec(512) NOT NULL
);
COMMENT ON TABLE watch_vector IS 'A few vectors of a watched lookup, by which it is found where no hash does.';
COMMENT ON COLUMN watch_vector.watch_no IS 'The watch.';
COMMENT ON COLUMN watch_vector.sscd IS 'sscd.1, L2-normalised.';
CREATE INDEX watch_vector_watch ON watch_vector (watch_no);
CREATE INDEX watch_vector_sscd ON watch_vector USING hnsw (sscd halfvec_cosine_ops);

CREATE TABLE watch_answer (
    watch_id uuid NOT NULL REFERENCES watch ON DELETE CASCADE,
    entry_id uuid NOT NULL,
    verdict text NOT NULL CHECK (verdict IN ('known_fake', 'authentic_original', 'related')),
    unreviewed boolean NOT NULL,
    answer jsonb,
    answered_at timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (watch_id, entry_id, verdict, unreviewed)
);
COMMENT ON TABLE watch_answer IS 'What the organization has been told of an entry: each verdict on it once, whatever is done twice.';
COMMENT ON COLUMN watch_answer.watch_id IS 'The watch.';
COMMENT ON COLUMN watch_answer.entry_id IS 'The entry. No foreign key: what was told was told.';
COMMENT ON COLUMN watch_answer.verdict IS 'What the entry makes of it.';
COMMENT ON COLUMN watch_answer.unreviewed IS 'Whether it is in doubt and nobody has reviewed the entry; once somebody has, that is news.';
COMMENT ON COLUMN watch_answer.answer IS 'The new answer, without texts, signals and exact figures; null: the lookup''s own answer said it.';
COMMENT ON COLUMN watch_answer.answered_at IS 'When.';

CREATE TABLE watch_due (
    entry_id uuid PRIMARY KEY,
    due_no bigint GENERATED ALWAYS AS IDENTITY,
    asked bigint NOT NULL DEFAULT 1,
    tries smallint NOT NULL DEFAULT 0
);
COMMENT ON TABLE watch_due IS 'Entries that answer more than they did: watched lookups are to be asked again with them.';
COMMENT ON COLUMN watch_due.entry_id IS 'The entry.';
COMMENT ON COLUMN watch_due.due_no IS 'The order.';
COMMENT ON COLUMN watch_due.asked IS 'How often since it was last done: what is asked meanwhile is done again.';
COMMENT ON COLUMN watch_due.tries IS 'How often a worker has begun it.';
CREATE INDEX watch_due_order ON watch_due (due_no);

CREATE FUNCTION ask_watches(entry_ids uuid[]) RETURNS void LANGUAGE sql AS $$
    INSERT INTO watch_due AS d (entry_id) SELECT DISTINCT e FROM unnest(entry_ids) e ORDER BY e
    ON CONFLICT (entry_id) DO UPDATE SET asked = d.asked + 1, tries = 0
$$;
COMMENT ON FUNCTION ask_watches(uuid[]) IS 'Watched lookups are asked again with these entries, after the commit.';

CREATE FUNCTION watch_entries() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    found uuid[];
BEGIN
    IF TG_TABLE_NAME = 'entry' AND TG_OP = 'INSERT' THEN
        SELECT array_agg(n.entry_id) INTO found FROM made n WHERE n.status = 'matchable';
    ELSIF TG_TABLE_NAME = 'entry' THEN
        SELECT array_agg(n.entry_id) INTO found FROM made n JOIN before o USING (entry_id)
        WHERE n.status = 'matchable'
          AND (o.status <> 'matchable' OR o.tier <> n.tier OR o.original_tier <> n.original_tier);
    ELSIF TG_OP = 'INSERT' THEN
        SELECT array_agg(n.entry_id) INTO found FROM made n WHERE n.matchable_at IS NOT NULL;
    ELSE
        SELECT array_agg(n.entry_id) INTO found FROM made n JOIN before o USING (entry_id, asset_id, role)
        WHERE n.matchable_at IS NOT NULL AND (o.matchable_at IS NULL OR o.tier <> n.tier);
    END IF;
    IF found IS NOT NULL THEN
        PERFORM ask_watches(found);
    END IF;
    RETURN NULL;
END
$$;
COMMENT ON FUNCTION watch_entries() IS 'Trigger: entries that were registered, reviewed or restored, or that have more media, answer watched lookups.';
CREATE TRIGGER entry_made_watched AFTER INSERT ON entry
    REFERENCING NEW TABLE AS made FOR EACH STATEMENT EXECUTE FUNCTION watch_entries();
CREATE TRIGGER entry_changed_watched AFTER UPDATE ON entry
    REFERENCING OLD TABLE AS before NEW TABLE AS made FOR EACH STATEMENT EXECUTE FUNCTION watch_entries();
CREATE TRIGGER entry_asset_made_watched AFTER INSERT ON entry_asset
    REFERENCING NEW TABLE AS made FOR EACH STATEMENT EXECUTE FUNCTION watch_entries();
CREATE TRIGGER entry_asset_changed_watched AFTER UPDATE ON entry_asset
    REFERENCING OLD TABLE AS before NEW TABLE AS made FOR EACH STATEMENT EXECUTE FUNCTION watch_entries();

ALTER TABLE lookup ADD COLUMN watch_days smallint CHECK (watch_days > 0);
COMMENT ON COLUMN lookup.watch_days IS 'Of a file that waits for a worker: for how many days its fingerprint is to be kept as a watch.';
ALTER TABLE organization ADD COLUMN watch_days_most smallint CHECK (watch_days_most >= 0);
COMMENT ON COLUMN organization.watch_days_most IS 'For how long its lookups may be watched; 0: not at all; null: as long as the deployment allows.';

-- Matches of lookups are found for webhooks apart from the lookups, which wait for nothing of it.
CREATE TABLE match_cursor (
    one boolean PRIMARY KEY DEFAULT true CHECK (one),
    answered_in bigint NOT NULL,
    lookup_id uuid NOT NULL DEFAULT '00000000-0000-0000-0000-000000000000'
);
COMMENT ON TABLE match_cursor IS 'Up to which matched lookup webhooks were told.';
COMMENT ON COLUMN match_cursor.one IS 'There is one row.';
COMMENT ON COLUMN match_cursor.answered_in IS 'Of the last lookup looked at, lookup.answered_in; or the oldest transaction that was running when all before were.';
COMMENT ON COLUMN match_cursor.lookup_id IS 'And its id, which orders those of one transaction.';
INSERT INTO match_cursor (answered_in) VALUES (pg_snapshot_xmin(pg_current_snapshot())::text::bigint);
-- Files that are hashed for somebody else's system, not looked up.
CREATE TABLE hashing (
    hashing_id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
    caller_id uuid NOT NULL REFERENCES caller,
    content text NOT NULL CHECK (content IN ('photo', 'video')),
    blob_key text,
    status text NOT NULL DEFAULT 'queued' CHECK (status IN ('queued', 'done', 'failed')),
    signals jsonb,
    error_code text,
    error_message text,
    created_at timestamptz NOT NULL DEFAULT now(),
    CHECK (status <> 'done' OR signals IS NOT NULL),
    CHECK (status <> 'failed' OR error_code IS NOT NULL)
);
COMMENT ON TABLE hashing IS 'A file of which somebody wants the hashes, as Hasher-Matcher-Actioner gives them. Rows are deleted an hour later.';
COMMENT ON COLUMN hashing.hashing_id IS 'Identity.';
COMMENT ON COLUMN hashing.caller_id IS 'Who asked.';
COMMENT ON COLUMN hashing.content IS 'What it was said to be.';
COMMENT ON COLUMN hashing.blob_key IS 'The file while it waits; deleted and nulled once hashed.';
COMMENT ON COLUMN hashing.status IS 'queued until a worker has hashed it or given up.';
COMMENT ON COLUMN hashing.signals IS 'The hashes by type: pdq of a photo; video_md5 and vpdq of a video.';
COMMENT ON COLUMN hashing.error_code IS 'Why it failed: a stable code.';
COMMENT ON COLUMN hashing.error_message IS 'Why it failed: for a person.';
COMMENT ON COLUMN hashing.created_at IS 'When it was asked for.';
CREATE INDEX hashing_created ON hashing (created_at);
CREATE INDEX hashing_blob ON hashing (blob_key) WHERE blob_key IS NOT NULL;
-- Sequences of lookups that walk along a boundary of what is registered.
CREATE TABLE probing (
    organization_id uuid NOT NULL REFERENCES organization,
    algorithm text NOT NULL CHECK (algorithm IN ('phash256.1', 'pdq.1')),
    centre bit(256) NOT NULL,
    turned bit(256) NOT NULL,
    turns bigint NOT NULL,
    hashes bigint NOT NULL,
    caller_id uuid NOT NULL REFERENCES caller,
    began_at timestamptz NOT NULL DEFAULT now(),
    changed_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    suspected_at timestamptz,
    refused_until timestamptz,
    lifted_at timestamptz,
    PRIMARY KEY (organization_id, algorithm, centre),
    CHECK ((suspected_at IS NULL) = (refused_until IS NULL))
) WITH (fillfactor = 70);
COMMENT ON TABLE probing IS 'Walks of an organization''s lookups: near-identical hashes whose answers differ. Only those that have turned enough bits to be shared between API processes; of other lookups no hash is kept.';
COMMENT ON COLUMN probing.organization_id IS 'Whose callers ask.';
COMMENT ON COLUMN probing.algorithm IS 'What made the hashes.';
COMMENT ON COLUMN probing.centre IS 'The hash that was asked first; the others are near it.';
COMMENT ON COLUMN probing.turned IS 'The bits in which any of the others differs from it: what their answers may have told.';
COMMENT ON COLUMN probing.turns IS 'By how many bits all together differ from what most of them have, each hash counted once in a process.';
COMMENT ON COLUMN probing.hashes IS 'How many others there are, each counted once in a process.';
COMMENT ON COLUMN probing.caller_id IS 'The caller that asked last.';
COMMENT ON COLUMN probing.began_at IS 'When it was first shared.';
COMMENT ON COLUMN probing.changed_at IS 'When it last changed; a month later it is forgotten.';
COMMENT ON COLUMN probing.suspected_at IS 'When it was last taken for an attempt to reconstruct a hash; null: it was not.';
COMMENT ON COLUMN probing.refused_until IS 'Until when near-identical hashes of the organization are refused for it.';
COMMENT ON COLUMN probing.lifted_at IS 'When the operator last said that it is none; null: never.';
CREATE INDEX probing_changed ON probing (changed_at);
-- Takedown: clients and their mandates, campaigns, and notices that move by one state machine.
CREATE TABLE client (
    client_id uuid PRIMARY KEY,
    organization_id uuid NOT NULL REFERENCES organization,
    sealed bytea,
    created_by uuid NOT NULL REFERENCES caller,
    created_at timestamptz NOT NULL DEFAULT now(),
    erased_at timestamptz,
    UNIQUE (client_id, organization_id),
    CHECK ((sealed IS NULL) = (erased_at IS NOT NULL))
);
COMMENT ON TABLE client IS 'For whom an organization asks for removals. All that is personal in campaigns is sealed under the client''s key, which is not in the database.';
COMMENT ON COLUMN client.client_id IS 'Identity, and the subject of the key.';
COMMENT ON COLUMN client.organization_id IS 'Whose client: nobody else''s.';
COMMENT ON COLUMN client.sealed IS 'Name, address and whoever is depicted, sealed; null once erased.';
COMMENT ON COLUMN client.created_by IS 'Who recorded it.';
COMMENT ON COLUMN client.created_at IS 'When.';
COMMENT ON COLUMN client.erased_at IS 'When the key was destroyed: nothing of the client can be read or sent since.';
CREATE INDEX client_organization ON client (organization_id, created_at DESC, client_id);

CREATE TABLE mandate (
    mandate_id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
    client_id uuid NOT NULL REFERENCES client,
    granted_by text NOT NULL CHECK (granted_by IN ('self', 'representative', 'guardian')),
    document_sha256 bytea NOT NULL CHECK (octet_length(document_sha256) = 32),
    valid_from timestamptz NOT NULL,
    valid_until timestamptz NOT NULL CHECK (valid_until > valid_from),
    created_by uuid NOT NULL REFERENCES caller,
    created_at timestamptz NOT NULL DEFAULT now(),
    revoked_by uuid REFERENCES caller,
    revoked_at timestamptz,
    UNIQUE (mandate_id, client_id),
    CHECK ((revoked_by IS NULL) = (revoked_at IS NULL))
);
COMMENT ON TABLE mandate IS 'The depicted person''s leave to act for them. Its document stays with the organization.';
COMMENT ON COLUMN mandate.mandate_id IS 'Identity.';
COMMENT ON COLUMN mandate.client_id IS 'The client.';
COMMENT ON COLUMN mandate.granted_by IS 'Who gave it: whoever is depicted, their representative or their guardian.';
COMMENT ON COLUMN mandate.document_sha256 IS 'SHA-256 of the document.';
COMMENT ON COLUMN mandate.valid_from IS 'From when on it holds.';
COMMENT ON COLUMN mandate.valid_until IS 'Until when, not included.';
COMMENT ON COLUMN mandate.created_by IS 'Who recorded it.';
COMMENT ON COLUMN mandate.created_at IS 'When.';
COMMENT ON COLUMN mandate.revoked_by IS 'Who recorded that it was taken back.';
COMMENT ON COLUMN mandate.revoked_at IS 'When; null: it was not.';
CREATE INDEX mandate_client ON mandate (client_id, created_at DESC);

CREATE TABLE campaign (
    campaign_id uuid PRIMARY KEY,
    organization_id uuid NOT NULL REFERENCES organization,
    client_id uuid NOT NULL,
    mandate_id uuid NOT NULL,
    regimes text[] NOT NULL CHECK (cardinality(regimes) BETWEEN 1 AND 20),
    language text NOT NULL DEFAULT 'en' CHECK (language ~ '^[a-z]{2}$'),
    sealed bytea NOT NULL,
    signatory_sealed bytea,
    state text NOT NULL DEFAULT 'open' CHECK (state IN ('open', 'closed')),
    created_by uuid NOT NULL REFERENCES caller,
    created_at timestamptz NOT NULL DEFAULT now(),
    closed_by uuid REFERENCES caller,
    closed_at timestamptz,
    UNIQUE (campaign_id, organization_id),
    FOREIGN KEY (client_id, organization_id) REFERENCES client (client_id, organization_id),
    FOREIGN KEY (mandate_id, client_id) REFERENCES mandate (mandate_id, client_id),
    CHECK ((state = 'closed') = (closed_at IS NOT NULL))
);
COMMENT ON TABLE campaign IS 'A batch of notices for one client.';
COMMENT ON COLUMN campaign.campaign_id IS 'Identity.';
COMMENT ON COLUMN campaign.organization_id IS 'Whose it is: nobody else''s.';
COMMENT ON COLUMN campaign.client_id IS 'For whom.';
COMMENT ON COLUMN campaign.mandate_id IS 'By whose leave; a renewed mandate takes its place.';
COMMENT ON COLUMN campaign.regimes IS 'Under which regimes its notices may be: registry.domain.regime.';
COMMENT ON COLUMN campaign.language IS 'The language of its notices where a platform names none: ISO 639-1.';
COMMENT ON COLUMN campaign.sealed IS 'Title, and the elements that all its notices share: sealed under the client''s key.';
COMMENT ON COLUMN campaign.signatory_sealed IS 'Who signs, by name, and how to reach them: sealed likewise; null: nobody yet.';
COMMENT ON COLUMN campaign.state IS 'closed: nothing of it is sent any more.';
COMMENT ON COLUMN campaign.created_by IS 'Who made it.';
COMMENT ON COLUMN campaign.created_at IS 'When.';
COMMENT ON COLUMN campaign.closed_by IS 'Who closed it; null: the service, with its organization or its client.';
COMMENT ON COLUMN campaign.closed_at IS 'When.';
CREATE INDEX campaign_organization ON campaign (organization_id, created_at DESC, campaign_id);
CREATE INDEX campaign_client ON campaign (client_id);

CREATE TABLE campaign_entry (
    campaign_id uuid NOT NULL REFERENCES campaign,
    entry_id uuid NOT NULL REFERENCES entry,
    added_by uuid NOT NULL REFERENCES caller,
    added_at timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (campaign_id, entry_id)
);
COMMENT ON TABLE campaign_entry IS 'The fakes that a campaign is about.';
COMMENT ON COLUMN campaign_entry.campaign_id IS 'The campaign.';
COMMENT ON COLUMN campaign_entry.entry_id IS 'The entry.';
COMMENT ON COLUMN campaign_entry.added_by IS 'Who added it.';
COMMENT ON COLUMN campaign_entry.added_at IS 'When.';
CREATE INDEX campaign_entry_entry ON campaign_entry (entry_id);

CREATE TABLE notice (
    notice_id uuid PRIMARY KEY,
    organization_id uuid NOT NULL,
    campaign_id uuid NOT NULL,
    entry_id uuid NOT NULL,
    regime text NOT NULL CHECK (regime ~ '^[a-z0-9_]{1,40}$'),
    regime_version text,
    platform text NOT NULL CHECK (length(platform) BETWEEN 1 AND 253),
    place_sealed bytea NOT NULL,
    place_digest bytea NOT NULL CHECK (octet_length(place_digest) = 32),
    elements_sealed bytea,
    complete boolean NOT NULL DEFAULT false,
    verdict text CHECK (verdict IN ('known_fake', 'authentic_original', 'related', 'no_match', 'undecidable')),
    asset_id uuid,
    match jsonb CHECK (jsonb_typeof(match) = 'object'),
    checked_at timestamptz,
    ground text CHECK (ground IN ('match', 'seen')),
    confirmed_by uuid REFERENCES caller,
    confirmed_at timestamptz,
    answers jsonb NOT NULL DEFAULT '{}' CHECK (jsonb_typeof(answers) = 'object'),
    in_scope boolean,
    excepted boolean,
    answered_by uuid REFERENCES caller,
    answered_at timestamptz,
    state text NOT NULL DEFAULT 'draft',
    move_no integer NOT NULL DEFAULT 1 CHECK (move_no > 0),
    paused_for text[] NOT NULL DEFAULT '{}'
        CHECK (paused_for <@ ARRAY['entry', 'counter_notice', 'held'] AND cardinality(paused_for) <= 3),
    dispute_id uuid REFERENCES dispute,
    created_by uuid NOT NULL REFERENCES caller,
    created_at timestamptz NOT NULL DEFAULT now(),
    changed_at timestamptz NOT NULL DEFAULT now(),
    sent_at timestamptz,
    due_at timestamptz CHECK (due_at >= sent_at),
    acknowledged_at timestamptz,
    removed_at timestamptz,
    CONSTRAINT notice_place UNIQUE (campaign_id, regime, place_digest),
    FOREIGN KEY (campaign_id, organization_id) REFERENCES campaign (campaign_id, organization_id),
    FOREIGN KEY (campaign_id, entry_id) REFERENCES campaign_entry (campaign_id, entry_id),
    CONSTRAINT notice_begins_as_draft CHECK (move_no > 1 OR state = 'draft'),
    CONSTRAINT notice_ground_is_confirmed CHECK (num_nulls(ground, confirmed_by, confirmed_at) IN (0, 3)),
    CONSTRAINT notice_ground_holds CHECK (ground IS NULL
        OR (ground = 'seen' AND (verdict IS NULL OR verdict IN ('known_fake', 'related', 'undecidable')))
        OR (ground = 'match' AND verdict IS NOT NULL AND verdict IN ('known_fake', 'related')
            AND num_nulls(match, asset_id) = 0)),
    CONSTRAINT notice_is_asked CHECK (num_nulls(in_scope, excepted, answered_by, answered_at) IN (0, 4)),
    CONSTRAINT notice_ready_is_whole CHECK (state <> 'ready'
        OR (complete AND in_scope AND NOT excepted AND ground IS NOT NULL AND answered_by IS NOT NULL)),
    CONSTRAINT notice_sent_says_when CHECK (sent_at IS NOT NULL
        OR state IN ('draft', 'ready', 'closed')),
    CONSTRAINT notice_removed_says_when CHECK (removed_at IS NOT NULL OR state NOT IN ('removed', 'reopened'))
);
COMMENT ON TABLE notice IS 'A request to take down what is at one place, under one regime. State and history are one chain: see notice_move.';
COMMENT ON COLUMN notice.notice_id IS 'Identity.';
COMMENT ON COLUMN notice.organization_id IS 'Whose it is: nobody else''s.';
COMMENT ON COLUMN notice.campaign_id IS 'The campaign.';
COMMENT ON COLUMN notice.entry_id IS 'The fake that is there.';
COMMENT ON COLUMN notice.regime IS 'The law or the policy it goes by: registry.domain.regime.';
COMMENT ON COLUMN notice.regime_version IS 'Which text of the regime it was last found complete by.';
COMMENT ON COLUMN notice.platform IS 'Who is asked: a platform''s id of registry.domain.platforms, or the host.';
COMMENT ON COLUMN notice.place_sealed IS 'The URL as it was given, or the platform''s content id, and notes: sealed under the client''s key.';
COMMENT ON COLUMN notice.place_digest IS 'HMAC-SHA-256 of the normalised place under the client''s key: one notice a place and regime.';
COMMENT ON COLUMN notice.elements_sealed IS 'Elements that the regime asks for and that are this notice''s own, sealed.';
COMMENT ON COLUMN notice.complete IS 'Whether, when it was last looked at, it had every element of its regime.';
COMMENT ON COLUMN notice.verdict IS 'What a lookup of what is there said of the entry; null: none was made.';
COMMENT ON COLUMN notice.asset_id IS 'The medium of the entry that was matched. No foreign key: what was found was found.';
COMMENT ON COLUMN notice.match IS 'The match: relation, coverage, spans, confidence, sha256 of what was found, lookup.';
COMMENT ON COLUMN notice.checked_at IS 'When that lookup was made.';
COMMENT ON COLUMN notice.ground IS 'What a person has confirmed: the match, or having seen it there; null: nothing.';
COMMENT ON COLUMN notice.confirmed_by IS 'Who.';
COMMENT ON COLUMN notice.confirmed_at IS 'When.';
COMMENT ON COLUMN notice.answers IS 'What was answered to the regime''s questions of scope and exceptions, by question: yes or no.';
COMMENT ON COLUMN notice.in_scope IS 'Whether the regime covers it, by these answers.';
COMMENT ON COLUMN notice.excepted IS 'Whether an exception of the regime (satire, reporting) takes it out, by these answers.';
COMMENT ON COLUMN notice.answered_by IS 'Who answered.';
COMMENT ON COLUMN notice.answered_at IS 'When.';
COMMENT ON COLUMN notice.state IS 'Where it stands: that of its last move.';
COMMENT ON COLUMN notice.move_no IS 'Its last move.';
COMMENT ON COLUMN notice.paused_for IS 'Why it waits. entry: that answers no lookups. counter_notice: what is there is defended. held: a person said so.';
COMMENT ON COLUMN notice.dispute_id IS 'The dispute of the entry in which what was said against the notice is heard.';
COMMENT ON COLUMN notice.created_by IS 'Who added it.';
COMMENT ON COLUMN notice.created_at IS 'When.';
COMMENT ON COLUMN notice.changed_at IS 'When anything of it last changed.';
COMMENT ON COLUMN notice.sent_at IS 'When it was last sent.';
COMMENT ON COLUMN notice.due_at IS 'Until when the regime has the platform act.';
COMMENT ON COLUMN notice.acknowledged_at IS 'When the platform last said that it had it.';
COMMENT ON COLUMN notice.removed_at IS 'When what was there was last found removed.';
CREATE INDEX notice_campaign ON notice (campaign_id, created_at, notice_id);
CREATE INDEX notice_entry ON notice (entry_id, platform) WHERE state <> 'closed';
CREATE INDEX notice_due ON notice (due_at) WHERE state IN ('sent', 'acknowledged');
CREATE INDEX notice_dispute ON notice (dispute_id) WHERE dispute_id IS NOT NULL;
-- How notices move. Whatever changes a state adds a move: the database follows the chain, move by move.
CREATE FUNCTION notice_may_move(act text, before text, after text) RETURNS boolean
    LANGUAGE sql IMMUTABLE PARALLEL SAFE
    RETURN CASE
        WHEN act = 'add' THEN before IS NULL AND after = 'draft'
        WHEN act IN ('pause', 'resume') THEN before IS NOT NULL AND before = after AND before <> 'closed'
        WHEN act = 'close' THEN before IS NOT NULL AND before <> 'closed' AND after = 'closed'
        ELSE coalesce(act || ' ' || before || ' ' || after, '') IN (
            'prepare draft ready', 'prepare reopened ready', 'revise ready draft', 'send ready sent',
            'acknowledge sent acknowledged',
            'remove sent removed', 'remove acknowledged removed', 'remove refused removed',
            'remove expired removed', 'remove appealed removed', 'remove reopened removed',
            'refuse sent refused', 'refuse acknowledged refused', 'refuse expired refused',
            'refuse appealed refused',
            'expire sent expired', 'expire acknowledged expired',
            'appeal refused appealed', 'appeal expired appealed',
            'reopen removed reopened', 'reopen closed reopened')
    END;
COMMENT ON FUNCTION notice_may_move(text, text, text) IS 'Whether an act takes a notice from one state to another: the moves of registry.domain.notice.';

CREATE TABLE notice_move (
    notice_id uuid NOT NULL REFERENCES notice,
    move_no integer NOT NULL CHECK (move_no > 0),
    before_no integer GENERATED ALWAYS AS (nullif(move_no - 1, 0)) STORED,
    act text NOT NULL,
    from_state text,
    to_state text NOT NULL,
    caller_id uuid REFERENCES caller,
    reason_code text NOT NULL CHECK (reason_code ~ '^[a-z_]{1,40}$'),
    dispute_id uuid,
    sealed bytea,
    at timestamptz NOT NULL DEFAULT clock_timestamp(),
    PRIMARY KEY (notice_id, move_no),
    UNIQUE (notice_id, move_no, to_state),
    FOREIGN KEY (notice_id, before_no, from_state) REFERENCES notice_move (notice_id, move_no, to_state),
    CONSTRAINT notice_move_first CHECK ((move_no = 1) = (act = 'add') AND (move_no = 1) = (from_state IS NULL)),
    CONSTRAINT notice_move_is_legal CHECK (notice_may_move(act, from_state, to_state))
);
COMMENT ON TABLE notice_move IS 'The history of notices: who moved it from where to where, when and why. Append-only; each move begins where the one before ended.';
COMMENT ON COLUMN notice_move.notice_id IS 'The notice.';
COMMENT ON COLUMN notice_move.move_no IS 'From 1 on, without a gap.';
COMMENT ON COLUMN notice_move.before_no IS 'The move before; null: this is the first.';
COMMENT ON COLUMN notice_move.act IS 'What was done: registry.domain.notice.Act.';
COMMENT ON COLUMN notice_move.from_state IS 'The state before; null: the notice is new.';
COMMENT ON COLUMN notice_move.to_state IS 'The state after; the same where it was paused or resumed.';
COMMENT ON COLUMN notice_move.caller_id IS 'Who; null: the service itself.';
COMMENT ON COLUMN notice_move.reason_code IS 'Why, as a code.';
COMMENT ON COLUMN notice_move.dispute_id IS 'The dispute that it follows from.';
COMMENT ON COLUMN notice_move.sealed IS 'Why, in words, and what it replaced: sealed under the client''s key.';
COMMENT ON COLUMN notice_move.at IS 'When, by the database''s clock.';
CREATE TRIGGER notice_move_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON notice_move
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
ALTER TABLE notice ADD CONSTRAINT notice_state_is_its_last_moves
    FOREIGN KEY (notice_id, move_no, state) REFERENCES notice_move (notice_id, move_no, to_state)
    DEFERRABLE INITIALLY DEFERRED;

CREATE FUNCTION notice_hindrances(asked uuid) RETURNS text[] LANGUAGE sql STABLE AS $$
    SELECT array_remove(ARRAY[
        CASE WHEN n.state <> 'ready' THEN 'not_ready' END,
        CASE WHEN n.paused_for <> '{}' THEN 'paused' END,
        CASE WHEN c.state <> 'open' THEN 'campaign_closed' END,
        CASE WHEN k.erased_at IS NOT NULL THEN 'client_erased' END,
        CASE WHEN e.status = 'withdrawn' THEN 'entry_withdrawn' WHEN e.status <> 'matchable' THEN 'entry_suspended' END,
        CASE WHEN NOT answers_to(b, n.organization_id) THEN 'entry_unseen' END,
        CASE WHEN e.tier NOT IN ('reviewed', 'court_order') THEN 'entry_unreviewed' END,
        CASE WHEN b.kind = 'negative' THEN 'entry_harmless' END,
        CASE WHEN m.revoked_at IS NOT NULL THEN 'mandate_revoked' END,
        CASE WHEN clock_timestamp() < m.valid_from THEN 'mandate_not_begun' END,
        CASE WHEN clock_timestamp() >= m.valid_until THEN 'mandate_expired' END,
        CASE WHEN c.signatory_sealed IS NULL THEN 'no_signatory' END,
        CASE WHEN NOT n.complete THEN 'elements_missing' END,
        CASE WHEN n.verdict = 'authentic_original' THEN 'authentic_original' END,
        CASE WHEN n.verdict = 'no_match' THEN 'no_match' END,
        CASE WHEN n.ground IS NULL THEN 'ground_unconfirmed' END,
        CASE WHEN n.asset_id IS NOT NULL AND NOT EXISTS (
            SELECT FROM entry_asset a WHERE a.entry_id = n.entry_id AND a.asset_id = n.asset_id AND a.role = 'fake'
              AND a.matchable_at IS NOT NULL AND a.tier IN ('reviewed', 'court_order')) THEN 'medium_unreviewed' END,
        CASE WHEN EXISTS (
            SELECT FROM dispute d WHERE d.entry_id = n.entry_id AND (
                (d.outcome IS NULL AND d.accepted_at IS NOT NULL)
                OR (d.outcome = 'upheld' AND d.closed_at >= coalesce(n.confirmed_at, '-infinity'))))
            THEN 'dispute_accepted' END,
        CASE WHEN n.answered_by IS NULL THEN 'scope_unasked' END,
        CASE WHEN NOT n.in_scope THEN 'out_of_scope' END,
        CASE WHEN n.excepted THEN 'excepted' END
    ], NULL)
    FROM notice n
    JOIN campaign c USING (campaign_id)
    JOIN client k USING (client_id)
    JOIN mandate m USING (mandate_id)
    JOIN entry e ON e.entry_id = n.entry_id
    JOIN bank b ON b.bank_id = e.bank_id
    WHERE n.notice_id = asked
$$;
COMMENT ON FUNCTION notice_hindrances(uuid) IS 'Why a notice cannot be sent now, as codes in the order of registry.domain.notice.HINDRANCES; none: it can.';

CREATE FUNCTION guard_notice() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    hindrances text[];
BEGIN
    IF NEW.move_no <> OLD.move_no AND NEW.move_no <> OLD.move_no + 1 THEN
        RAISE EXCEPTION 'a notice moves step by step'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'notice_moves_step_by_step';
    END IF;
    IF NEW.move_no = OLD.move_no AND (NEW.state <> OLD.state OR NEW.paused_for <> OLD.paused_for) THEN
        RAISE EXCEPTION 'a notice does not change its state without a move'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'notice_moves_step_by_step';
    END IF;
    IF (NEW.notice_id, NEW.organization_id, NEW.campaign_id, NEW.entry_id, NEW.regime, NEW.created_by)
       IS DISTINCT FROM (OLD.notice_id, OLD.organization_id, OLD.campaign_id, OLD.entry_id, OLD.regime, OLD.created_by) THEN
        RAISE EXCEPTION 'what a notice is about does not change'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'notice_is_what_it_is';
    END IF;
    IF OLD.sent_at IS NOT NULL AND OLD.state NOT IN ('reopened', 'ready', 'closed', 'removed')
       AND (NEW.place_digest, NEW.ground, NEW.confirmed_by) IS DISTINCT FROM (OLD.place_digest, OLD.ground, OLD.confirmed_by) THEN
        RAISE EXCEPTION 'what was sent does not change'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'notice_is_what_was_sent';
    END IF;
    IF OLD.ground IS NOT NULL AND NEW.place_digest <> OLD.place_digest
       AND NEW.confirmed_at IS NOT DISTINCT FROM OLD.confirmed_at THEN
        RAISE EXCEPTION 'what was confirmed of one place is not of another'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'notice_ground_is_of_its_place';
    END IF;
    NEW.changed_at := clock_timestamp();
    IF NEW.state IN ('expired', 'appealed') AND NEW.state <> OLD.state AND OLD.paused_for <> '{}' THEN
        RAISE EXCEPTION 'a notice that is paused waits'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'notice_paused_waits';
    END IF;
    IF NEW.state = 'sent' AND OLD.state <> 'sent' THEN
        -- None of these changes until the sending is committed; what changed before is seen.
        PERFORM FROM entry WHERE entry_id = OLD.entry_id FOR SHARE;
        PERFORM FROM campaign c JOIN mandate m USING (mandate_id) JOIN client k ON k.client_id = c.client_id
            WHERE c.campaign_id = OLD.campaign_id FOR SHARE;
        hindrances := notice_hindrances(OLD.notice_id);
        IF hindrances <> '{}' OR NEW.paused_for <> '{}' OR NEW.ground IS NULL OR NOT NEW.complete
           OR NOT NEW.in_scope OR NEW.excepted
           OR (NEW.verdict, NEW.asset_id) IS DISTINCT FROM (OLD.verdict, OLD.asset_id) THEN
            RAISE EXCEPTION 'the notice cannot be sent: %', array_to_string(hindrances, ', ')
                USING ERRCODE = 'check_violation', CONSTRAINT = 'notice_gate', DETAIL = array_to_string(hindrances, ',');
        END IF;
    END IF;
    RETURN NEW;
END
$$;
COMMENT ON FUNCTION guard_notice() IS 'A notice changes its state by moves alone, and is sent only where nothing hinders it, whoever asks.';
CREATE TRIGGER notice_guarded BEFORE UPDATE ON notice FOR EACH ROW EXECUTE FUNCTION guard_notice();

CREATE FUNCTION move_notices(which uuid[], doing text, after text, why text, by_caller uuid DEFAULT NULL,
                             pause text DEFAULT NULL, by_dispute uuid DEFAULT NULL, words bytea DEFAULT NULL,
                             due timestamptz DEFAULT NULL)
    RETURNS SETOF uuid LANGUAGE sql AS $$
    WITH moved AS (
        UPDATE notice n SET
            state = coalesce(after, n.state), move_no = n.move_no + 1,
            paused_for = CASE doing
                WHEN 'pause' THEN array_append(array_remove(n.paused_for, pause), pause)
                ELSE array_remove(n.paused_for, pause) END,
            dispute_id = coalesce(by_dispute, n.dispute_id),
            sent_at = CASE doing WHEN 'send' THEN now() ELSE n.sent_at END,
            due_at = CASE doing WHEN 'send' THEN due ELSE n.due_at END,
            acknowledged_at = CASE doing WHEN 'acknowledge' THEN now() ELSE n.acknowledged_at END,
            removed_at = CASE doing WHEN 'remove' THEN now() ELSE n.removed_at END,
            -- What was confirmed was confirmed of the first time.
            verdict = CASE WHEN doing <> 'reopen' THEN n.verdict END,
            asset_id = CASE WHEN doing <> 'reopen' THEN n.asset_id END,
            match = CASE WHEN doing <> 'reopen' THEN n.match END,
            checked_at = CASE WHEN doing <> 'reopen' THEN n.checked_at END,
            ground = CASE WHEN doing <> 'reopen' THEN n.ground END,
            confirmed_by = CASE WHEN doing <> 'reopen' THEN n.confirmed_by END,
            confirmed_at = CASE WHEN doing <> 'reopen' THEN n.confirmed_at END
        FROM notice o WHERE n.notice_id = ANY (which) AND o.notice_id = n.notice_id
        RETURNING n.notice_id, n.organization_id, n.campaign_id, n.entry_id, n.move_no, o.state AS before, n.state AS after
    ), written AS (
        INSERT INTO notice_move (notice_id, move_no, act, from_state, to_state, caller_id, reason_code, dispute_id, sealed)
        SELECT m.notice_id, m.move_no, doing, m.before, m.after, by_caller, why, by_dispute, words FROM moved m
    ), told AS (
        INSERT INTO event (kind, organization_id, caller_id, entry_id, subject, said)
        SELECT 'notice.moved', m.organization_id, by_caller, m.entry_id,
               jsonb_build_object('notice_id', m.notice_id, 'campaign_id', m.campaign_id),
               jsonb_build_object('act', doing, 'from', m.before, 'to', m.after, 'move', m.move_no, 'reason_code', why)
        FROM moved m
        RETURNING event_id
    ), awaited AS (
        INSERT INTO event_waiting (event_id) SELECT event_id FROM told
    )
    SELECT m.notice_id FROM moved m
$$;
COMMENT ON FUNCTION move_notices(uuid[], text, text, text, uuid, text, uuid, bytea, timestamptz) IS 'Moves notices, which are locked, with what follows from it: times, history, events. The one way in which a state changes.';

CREATE FUNCTION follow_entry() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    found uuid[];
BEGIN
    SELECT array_agg(l.notice_id ORDER BY l.notice_id) INTO found FROM (
        SELECT notice_id FROM notice
        WHERE entry_id = NEW.entry_id AND state <> 'closed'
          AND (NEW.status = 'matchable') = ('entry' = ANY (paused_for))
        ORDER BY notice_id FOR NO KEY UPDATE) l;
    IF found IS NOT NULL THEN
        PERFORM move_notices(found, CASE NEW.status WHEN 'matchable' THEN 'resume' ELSE 'pause' END, NULL,
            CASE NEW.status WHEN 'matchable' THEN 'entry_restored' ELSE 'entry_' || NEW.status END, NULL, 'entry');
    END IF;
    RETURN NULL;
END
$$;
COMMENT ON FUNCTION follow_entry() IS 'Trigger: notices wait from the commit on in which their entry stops answering lookups, until it answers again.';
CREATE TRIGGER entry_notices_follow AFTER UPDATE OF status ON entry FOR EACH ROW
    WHEN (OLD.status <> NEW.status AND (OLD.status = 'matchable' OR NEW.status = 'matchable'))
    EXECUTE FUNCTION follow_entry();

CREATE FUNCTION follow_dispute() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    found uuid[];
BEGIN
    SELECT array_agg(l.notice_id ORDER BY l.notice_id) INTO found FROM (
        SELECT notice_id FROM notice
        WHERE dispute_id = NEW.dispute_id AND state <> 'closed' AND 'counter_notice' = ANY (paused_for)
        ORDER BY notice_id FOR NO KEY UPDATE) l;
    IF found IS NOT NULL THEN
        IF NEW.outcome = 'upheld' THEN
            PERFORM move_notices(found, 'close', 'closed', 'dispute_upheld', NULL, 'counter_notice', NEW.dispute_id);
        ELSE
            PERFORM move_notices(found, 'resume', NULL, 'dispute_' || NEW.outcome, NULL, 'counter_notice', NEW.dispute_id);
        END IF;
    END IF;
    RETURN NULL;
END
$$;
COMMENT ON FUNCTION follow_dispute() IS 'Trigger: what was decided of a dispute is done with the notices that it was about: upheld closes them, else they go on.';
CREATE TRIGGER dispute_notices_follow AFTER UPDATE OF outcome ON dispute FOR EACH ROW
    WHEN (OLD.outcome IS NULL AND NEW.outcome IS NOT NULL) EXECUTE FUNCTION follow_dispute();

CREATE FUNCTION follow_organization() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    UPDATE campaign SET state = 'closed', closed_at = clock_timestamp()
    WHERE organization_id = NEW.organization_id AND state = 'open';
    RETURN NULL;
END
$$;
COMMENT ON FUNCTION follow_organization() IS 'Trigger: nothing is sent any more for an organization that was closed.';
CREATE TRIGGER organization_campaigns_follow AFTER UPDATE OF closed_at ON organization FOR EACH ROW
    WHEN (OLD.closed_at IS NULL AND NEW.closed_at IS NOT NULL) EXECUTE FUNCTION follow_organization();
-- Takedown: how notices reach their platforms, what came back, and what the clock says of them.
CREATE TABLE notice_delivery (
    delivery_id uuid PRIMARY KEY,
    notice_id uuid NOT NULL,
    organization_id uuid NOT NULL REFERENCES organization,
    move_no integer NOT NULL,
    platform text NOT NULL CHECK (length(platform) BETWEEN 1 AND 253),
    channel text NOT NULL CHECK (channel IN ('api', 'email', 'paper')),
    address text NOT NULL CHECK (length(address) <= 4000),
    language text NOT NULL CHECK (language ~ '^[a-z]{2}$'),
    token text NOT NULL UNIQUE CHECK (token ~ '^[A-Z2-7]{16}$'),
    sealed bytea NOT NULL,
    content_sha256 bytea NOT NULL CHECK (octet_length(content_sha256) = 32),
    status text NOT NULL DEFAULT 'waiting'
        CHECK (status IN ('waiting', 'sending', 'handing', 'handed_over', 'unsure', 'dead', 'stopped')),
    attempts integer NOT NULL DEFAULT 0 CHECK (attempts >= 0),
    tries integer NOT NULL DEFAULT 0 CHECK (tries BETWEEN 0 AND attempts),
    next_at timestamptz NOT NULL DEFAULT now(),
    outcome text CHECK (outcome ~ '^[a-z_]{1,40}$'),
    response_code integer,
    created_by uuid NOT NULL REFERENCES caller,
    created_at timestamptz NOT NULL DEFAULT now(),
    handed_at timestamptz,
    decided_by uuid REFERENCES caller,
    decided_at timestamptz,
    proof_sha256 bytea CHECK (octet_length(proof_sha256) = 32),
    UNIQUE (notice_id, move_no),
    FOREIGN KEY (notice_id, move_no) REFERENCES notice_move (notice_id, move_no),
    CONSTRAINT notice_delivery_handed_says_when CHECK ((status = 'handed_over') = (handed_at IS NOT NULL)),
    CHECK ((decided_by IS NULL) = (decided_at IS NULL))
);
COMMENT ON TABLE notice_delivery IS 'A notice on its way: one for each time that it moved to sent, written in that commit.';
COMMENT ON COLUMN notice_delivery.delivery_id IS 'Identity, and the idempotency key: every attempt names it (Message-ID, webhook-id).';
COMMENT ON COLUMN notice_delivery.notice_id IS 'The notice.';
COMMENT ON COLUMN notice_delivery.organization_id IS 'Whose it is.';
COMMENT ON COLUMN notice_delivery.move_no IS 'The move to sent that it follows from: one delivery a move.';
COMMENT ON COLUMN notice_delivery.platform IS 'Who is asked; attempts are limited an hour by it.';
COMMENT ON COLUMN notice_delivery.channel IS 'api: a signed POST. email: SMTP. paper: printed, and sent by a person, who says so.';
COMMENT ON COLUMN notice_delivery.address IS 'Where to, by that channel; for paper a form''s or a postal address, or nothing known.';
COMMENT ON COLUMN notice_delivery.language IS 'In which language it is worded.';
COMMENT ON COLUMN notice_delivery.token IS 'Stands in the subject: a reply that keeps it is this notice''s.';
COMMENT ON COLUMN notice_delivery.sealed IS 'What was written, as it was when it was sent: sealed under the client''s key. Each attempt sends the same.';
COMMENT ON COLUMN notice_delivery.content_sha256 IS 'SHA-256 of the text that was written.';
COMMENT ON COLUMN notice_delivery.status IS 'waiting: for its time, or a person. sending: nothing of it was told yet. handing: it is being told. handed_over: the other side has taken it, or a person has sent it. unsure: nobody knows, and a person decides. dead: given up. stopped: the notice needs it no more.';
COMMENT ON COLUMN notice_delivery.attempts IS 'Attempts, each counted before it is made.';
COMMENT ON COLUMN notice_delivery.tries IS 'Those since a person last had it sent again.';
COMMENT ON COLUMN notice_delivery.next_at IS 'Not before.';
COMMENT ON COLUMN notice_delivery.outcome IS 'What the last attempt came to, or why there was none.';
COMMENT ON COLUMN notice_delivery.response_code IS 'The HTTP status or the SMTP reply code of the last attempt.';
COMMENT ON COLUMN notice_delivery.created_by IS 'Who sent it.';
COMMENT ON COLUMN notice_delivery.created_at IS 'When.';
COMMENT ON COLUMN notice_delivery.handed_at IS 'When the other side took it: from then on its time runs.';
COMMENT ON COLUMN notice_delivery.decided_by IS 'Who last said by hand what became of it.';
COMMENT ON COLUMN notice_delivery.decided_at IS 'When.';
COMMENT ON COLUMN notice_delivery.proof_sha256 IS 'SHA-256 of a person''s proof that it was handed over.';
CREATE INDEX notice_delivery_due ON notice_delivery (next_at)
    WHERE channel <> 'paper' AND status IN ('waiting', 'sending', 'handing');
CREATE INDEX notice_delivery_organization ON notice_delivery (organization_id, created_at, delivery_id);

CREATE TABLE notice_attempt (
    delivery_id uuid NOT NULL REFERENCES notice_delivery,
    attempt_no integer NOT NULL CHECK (attempt_no > 0),
    platform text NOT NULL,
    at timestamptz NOT NULL DEFAULT clock_timestamp(),
    ended_at timestamptz,
    outcome text CHECK (outcome ~ '^[a-z_]{1,40}$'),
    response_code integer,
    PRIMARY KEY (delivery_id, attempt_no)
);
COMMENT ON TABLE notice_attempt IS 'Each attempt to hand a notice over, written before it is made.';
COMMENT ON COLUMN notice_attempt.delivery_id IS 'The delivery.';
COMMENT ON COLUMN notice_attempt.attempt_no IS 'From 1 on, without a gap.';
COMMENT ON COLUMN notice_attempt.platform IS 'Whom it was made to: the attempts of an hour are counted by it.';
COMMENT ON COLUMN notice_attempt.at IS 'When, by the database''s clock.';
COMMENT ON COLUMN notice_attempt.ended_at IS 'When it was over; null: it is being made, or whoever made it was killed.';
COMMENT ON COLUMN notice_attempt.outcome IS 'What it came to.';
COMMENT ON COLUMN notice_attempt.response_code IS 'The HTTP status or the SMTP reply code.';
CREATE INDEX notice_attempt_platform ON notice_attempt (platform, at);

CREATE TABLE notice_alarm (
    delivery_id uuid NOT NULL REFERENCES notice_delivery,
    kind text NOT NULL CHECK (kind IN ('reminder', 'breach', 'overdue')),
    step integer NOT NULL CHECK (step >= 0),
    notice_id uuid NOT NULL REFERENCES notice,
    organization_id uuid NOT NULL REFERENCES organization,
    platform text NOT NULL,
    planned_at timestamptz NOT NULL,
    due_at timestamptz NOT NULL CHECK (planned_at <= due_at),
    raised_at timestamptz,
    dropped_at timestamptz,
    PRIMARY KEY (delivery_id, kind, step),
    CHECK (num_nonnulls(raised_at, dropped_at) <= 1)
);
COMMENT ON TABLE notice_alarm IS 'When to remind of a deadline and when it is over, planned when the notice was handed over: each is raised once.';
COMMENT ON COLUMN notice_alarm.delivery_id IS 'The delivery whose time runs.';
COMMENT ON COLUMN notice_alarm.kind IS 'reminder: it ends soon. breach: a term that the law sets is over. overdue: one that no law sets.';
COMMENT ON COLUMN notice_alarm.step IS 'Which reminder, from 0 on; 0 for the others.';
COMMENT ON COLUMN notice_alarm.notice_id IS 'The notice.';
COMMENT ON COLUMN notice_alarm.organization_id IS 'Whose it is.';
COMMENT ON COLUMN notice_alarm.platform IS 'Who was asked.';
COMMENT ON COLUMN notice_alarm.planned_at IS 'After that moment it is raised.';
COMMENT ON COLUMN notice_alarm.due_at IS 'The last moment at which the platform is in time.';
COMMENT ON COLUMN notice_alarm.raised_at IS 'When it was; null: not yet, or never needed.';
COMMENT ON COLUMN notice_alarm.dropped_at IS 'When it was found that nobody needs it: a reminder of what is over, or of what was sent anew.';
CREATE INDEX notice_alarm_planned ON notice_alarm (planned_at) WHERE raised_at IS NULL AND dropped_at IS NULL;
CREATE INDEX notice_alarm_raised ON notice_alarm (organization_id, raised_at) WHERE kind <> 'reminder';
CREATE INDEX notice_alarm_notice ON notice_alarm (notice_id);

CREATE TABLE notice_reply (
    reply_id uuid PRIMARY KEY,
    organization_id uuid NOT NULL REFERENCES organization,
    digest bytea NOT NULL CHECK (octet_length(digest) = 32),
    source text NOT NULL CHECK (source IN ('api', 'mailbox')),
    state text NOT NULL CHECK (state IN ('matched', 'unmatched', 'dismissed')),
    notice_id uuid REFERENCES notice,
    matched_by text CHECK (matched_by IN ('message_id', 'token', 'reference', 'person')),
    candidates uuid[] NOT NULL DEFAULT '{}' CHECK (cardinality(candidates) <= 100),
    automatic boolean NOT NULL DEFAULT false,
    key_id uuid NOT NULL,
    sealed bytea,
    said_at timestamptz,
    created_by uuid NOT NULL REFERENCES caller,
    created_at timestamptz NOT NULL DEFAULT now(),
    decided_by uuid REFERENCES caller,
    decided_at timestamptz,
    UNIQUE (organization_id, digest),
    CONSTRAINT notice_reply_matched_says_what CHECK ((state = 'matched') = (notice_id IS NOT NULL)
        AND (state = 'matched') = (matched_by IS NOT NULL)),
    CHECK ((state = 'dismissed') = (sealed IS NULL)),
    CHECK ((decided_by IS NULL) = (decided_at IS NULL))
);
COMMENT ON TABLE notice_reply IS 'What came back to notices. It moves none of them: a person says what it means.';
COMMENT ON COLUMN notice_reply.reply_id IS 'Identity.';
COMMENT ON COLUMN notice_reply.organization_id IS 'To whom it came.';
COMMENT ON COLUMN notice_reply.digest IS 'HMAC-SHA-256 of what was said, under the organization''s key: what comes twice is kept once.';
COMMENT ON COLUMN notice_reply.source IS 'By which way it came in.';
COMMENT ON COLUMN notice_reply.state IS 'unmatched: it names no notice, or several, and waits for a person. dismissed: a person said that it is none, and it was forgotten.';
COMMENT ON COLUMN notice_reply.notice_id IS 'The notice that it answers.';
COMMENT ON COLUMN notice_reply.matched_by IS 'How that is known.';
COMMENT ON COLUMN notice_reply.candidates IS 'The notices that it names, where these are several.';
COMMENT ON COLUMN notice_reply.automatic IS 'Whether it says of itself that no person wrote it (RFC 3834), or is a report of delivery.';
COMMENT ON COLUMN notice_reply.key_id IS 'Under whose key it is sealed: the client''s once it is matched, before that the organization''s.';
COMMENT ON COLUMN notice_reply.sealed IS 'From whom, the subject, the text, names and SHA-256 of what was attached: sealed.';
COMMENT ON COLUMN notice_reply.said_at IS 'When it was written, by its own account.';
COMMENT ON COLUMN notice_reply.created_by IS 'Who brought it in.';
COMMENT ON COLUMN notice_reply.created_at IS 'When.';
COMMENT ON COLUMN notice_reply.decided_by IS 'Who matched or dismissed it by hand.';
COMMENT ON COLUMN notice_reply.decided_at IS 'When.';
CREATE INDEX notice_reply_organization ON notice_reply (organization_id, state, created_at DESC, reply_id);
CREATE INDEX notice_reply_notice ON notice_reply (notice_id, created_at) WHERE notice_id IS NOT NULL;
-- Takedown: addresses that a person has to look at, re-uploads that lookups find, and notices that are taken back.
ALTER TABLE notice
    ADD COLUMN address_marks text[] NOT NULL DEFAULT '{}' CHECK (cardinality(address_marks) <= 20),
    ADD COLUMN address_confirmed_by uuid REFERENCES caller,
    ADD COLUMN address_confirmed_at timestamptz,
    ALTER COLUMN created_by DROP NOT NULL,
    ADD CONSTRAINT notice_address_is_confirmed CHECK (num_nulls(address_confirmed_by, address_confirmed_at) IN (0, 2));
COMMENT ON COLUMN notice.address_marks IS 'Why a person has to look at its address before it is sent: codes of registry.domain.url_list.LOOKED_AT.';
COMMENT ON COLUMN notice.created_by IS 'Who added it; null: the service itself, since what had been removed was found again.';
COMMENT ON COLUMN notice.address_confirmed_by IS 'Who has looked at the address, and stands for it.';
COMMENT ON COLUMN notice.address_confirmed_at IS 'When.';

CREATE OR REPLACE FUNCTION notice_hindrances(asked uuid) RETURNS text[] LANGUAGE sql STABLE AS $$
    SELECT array_remove(ARRAY[
        CASE WHEN n.state <> 'ready' THEN 'not_ready' END,
        CASE WHEN n.paused_for <> '{}' THEN 'paused' END,
        CASE WHEN c.state <> 'open' THEN 'campaign_closed' END,
        CASE WHEN k.erased_at IS NOT NULL THEN 'client_erased' END,
        CASE WHEN e.status = 'withdrawn' THEN 'entry_withdrawn' WHEN e.status <> 'matchable' THEN 'entry_suspended' END,
        CASE WHEN NOT answers_to(b, n.organization_id) THEN 'entry_unseen' END,
        CASE WHEN e.tier NOT IN ('reviewed', 'court_order') THEN 'entry_unreviewed' END,
        CASE WHEN b.kind = 'negative' THEN 'entry_harmless' END,
        CASE WHEN m.revoked_at IS NOT NULL THEN 'mandate_revoked' END,
        CASE WHEN clock_timestamp() < m.valid_from THEN 'mandate_not_begun' END,
        CASE WHEN clock_timestamp() >= m.valid_until THEN 'mandate_expired' END,
        CASE WHEN c.signatory_sealed IS NULL THEN 'no_signatory' END,
        CASE WHEN NOT n.complete THEN 'elements_missing' END,
        CASE WHEN n.verdict = 'authentic_original' THEN 'authentic_original' END,
        CASE WHEN n.verdict = 'no_match' THEN 'no_match' END,
        CASE WHEN n.ground IS NULL THEN 'ground_unconfirmed' END,
        CASE WHEN n.address_marks <> '{}' AND n.address_confirmed_by IS NULL THEN 'address_unconfirmed' END,
        CASE WHEN n.asset_id IS NOT NULL AND NOT EXISTS (
            SELECT FROM entry_asset a WHERE a.entry_id = n.entry_id AND a.asset_id = n.asset_id AND a.role = 'fake'
              AND a.matchable_at IS NOT NULL AND a.tier IN ('reviewed', 'court_order')) THEN 'medium_unreviewed' END,
        CASE WHEN EXISTS (
            SELECT FROM dispute d WHERE d.entry_id = n.entry_id AND (
                (d.outcome IS NULL AND d.accepted_at IS NOT NULL)
                OR (d.outcome = 'upheld' AND d.closed_at >= coalesce(n.confirmed_at, '-infinity'))))
            THEN 'dispute_accepted' END,
        CASE WHEN n.answered_by IS NULL THEN 'scope_unasked' END,
        CASE WHEN NOT n.in_scope THEN 'out_of_scope' END,
        CASE WHEN n.excepted THEN 'excepted' END
    ], NULL)
    FROM notice n
    JOIN campaign c USING (campaign_id)
    JOIN client k USING (client_id)
    JOIN mandate m USING (mandate_id)
    JOIN entry e ON e.entry_id = n.entry_id
    JOIN bank b ON b.bank_id = e.bank_id
    WHERE n.notice_id = asked
$$;

CREATE OR REPLACE FUNCTION guard_notice() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    hindrances text[];
BEGIN
    IF NEW.move_no <> OLD.move_no AND NEW.move_no <> OLD.move_no + 1 THEN
        RAISE EXCEPTION 'a notice moves step by step'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'notice_moves_step_by_step';
    END IF;
    IF NEW.move_no = OLD.move_no AND (NEW.state <> OLD.state OR NEW.paused_for <> OLD.paused_for) THEN
        RAISE EXCEPTION 'a notice does not change its state without a move'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'notice_moves_step_by_step';
    END IF;
    IF (NEW.notice_id, NEW.organization_id, NEW.campaign_id, NEW.entry_id, NEW.regime, NEW.created_by)
       IS DISTINCT FROM (OLD.notice_id, OLD.organization_id, OLD.campaign_id, OLD.entry_id, OLD.regime, OLD.created_by) THEN
        RAISE EXCEPTION 'what a notice is about does not change'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'notice_is_what_it_is';
    END IF;
    IF OLD.sent_at IS NOT NULL AND OLD.state NOT IN ('reopened', 'ready', 'closed', 'removed')
       AND (NEW.place_digest, NEW.ground, NEW.confirmed_by) IS DISTINCT FROM (OLD.place_digest, OLD.ground, OLD.confirmed_by) THEN
        RAISE EXCEPTION 'what was sent does not change'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'notice_is_what_was_sent';
    END IF;
    IF OLD.ground IS NOT NULL AND NEW.place_digest <> OLD.place_digest
       AND NEW.confirmed_at IS NOT DISTINCT FROM OLD.confirmed_at THEN
        RAISE EXCEPTION 'what was confirmed of one place is not of another'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'notice_ground_is_of_its_place';
    END IF;
    IF NEW.place_digest = OLD.place_digest AND NEW.address_marks <> OLD.address_marks THEN
        RAISE EXCEPTION 'what an address is marked for does not change with it'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'notice_marks_are_of_their_address';
    END IF;
    IF OLD.address_confirmed_at IS NOT NULL AND NEW.place_digest <> OLD.place_digest
       AND NEW.address_confirmed_at IS NOT DISTINCT FROM OLD.address_confirmed_at THEN
        RAISE EXCEPTION 'who has looked at one address has not looked at another'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'notice_address_is_the_one_confirmed';
    END IF;
    NEW.changed_at := clock_timestamp();
    IF NEW.state IN ('expired', 'appealed') AND NEW.state <> OLD.state AND OLD.paused_for <> '{}' THEN
        RAISE EXCEPTION 'a notice that is paused waits'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'notice_paused_waits';
    END IF;
    IF NEW.state = 'sent' AND OLD.state <> 'sent' THEN
        -- None of these changes until the sending is committed; what changed before is seen.
        PERFORM FROM entry WHERE entry_id = OLD.entry_id FOR SHARE;
        PERFORM FROM campaign c JOIN mandate m USING (mandate_id) JOIN client k ON k.client_id = c.client_id
            WHERE c.campaign_id = OLD.campaign_id FOR SHARE;
        hindrances := notice_hindrances(OLD.notice_id);
        IF hindrances <> '{}' OR NEW.paused_for <> '{}' OR NEW.ground IS NULL OR NOT NEW.complete
           OR NOT NEW.in_scope OR NEW.excepted OR (NEW.address_marks <> '{}' AND NEW.address_confirmed_by IS NULL)
           OR NEW.place_digest <> OLD.place_digest
           OR (NEW.verdict, NEW.asset_id) IS DISTINCT FROM (OLD.verdict, OLD.asset_id) THEN
            RAISE EXCEPTION 'the notice cannot be sent: %', array_to_string(hindrances, ', ')
                USING ERRCODE = 'check_violation', CONSTRAINT = 'notice_gate', DETAIL = array_to_string(hindrances, ',');
        END IF;
    END IF;
    RETURN NEW;
END
$$;

ALTER TABLE organization ADD COLUMN reports_places boolean NOT NULL DEFAULT false;
COMMENT ON COLUMN organization.reports_places IS 'Whether places where its lookups have seen a known fake are told to organizations that have had that fake removed there.';

CREATE TABLE sighting (
    lookup_id uuid PRIMARY KEY,
    organization_id uuid NOT NULL REFERENCES organization,
    caller_id uuid NOT NULL REFERENCES caller,
    platform text NOT NULL CHECK (length(platform) BETWEEN 1 AND 253),
    sealed bytea NOT NULL,
    seen_time timestamptz NOT NULL,
    created_at timestamptz NOT NULL DEFAULT now()
);
COMMENT ON TABLE sighting IS 'Where what a lookup asked about was seen. Kept until the lookup was followed, and as long as it is watched.';
COMMENT ON COLUMN sighting.lookup_id IS 'The lookup. No foreign key: a file''s is told before it is answered.';
COMMENT ON COLUMN sighting.organization_id IS 'Who asked; under its key the place is sealed.';
COMMENT ON COLUMN sighting.caller_id IS 'The caller that asked.';
COMMENT ON COLUMN sighting.platform IS 'Where: a platform''s id of registry.domain.platforms, or the host.';
COMMENT ON COLUMN sighting.sealed IS 'The address, sealed under the organization''s key, which is not in the database.';
COMMENT ON COLUMN sighting.seen_time IS 'When it was seen there: as it was said, else when the lookup was asked.';
COMMENT ON COLUMN sighting.created_at IS 'When it was told.';
CREATE INDEX sighting_created ON sighting (created_at);

CREATE FUNCTION forget_sightings() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    DELETE FROM sighting s USING gone g WHERE s.lookup_id = g.lookup_id;
    RETURN NULL;
END
$$;
COMMENT ON FUNCTION forget_sightings() IS 'Trigger: with a watch goes the place where its media were seen.';
CREATE TRIGGER watch_sightings_go AFTER DELETE ON watch REFERENCING OLD TABLE AS gone FOR EACH STATEMENT
    EXECUTE FUNCTION forget_sightings();

CREATE TABLE notice_return (
    return_id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
    organization_id uuid NOT NULL,
    campaign_id uuid NOT NULL,
    entry_id uuid NOT NULL,
    lookup_id uuid NOT NULL,
    asked_by uuid NOT NULL REFERENCES organization,
    via text NOT NULL CHECK (via IN ('person', 'lookup', 'watch')),
    platform text NOT NULL CHECK (length(platform) BETWEEN 1 AND 253),
    sealed bytea NOT NULL,
    place_digest bytea NOT NULL CHECK (octet_length(place_digest) = 32),
    verdict text NOT NULL CHECK (verdict IN ('known_fake', 'related')),
    match jsonb NOT NULL CHECK (jsonb_typeof(match) = 'object'),
    seen_time timestamptz NOT NULL,
    outcome text NOT NULL CHECK (outcome IN ('proposed', 'reopened', 'added', 'known', 'dismissed')),
    why text CHECK (why ~ '^[a-z_]{1,40}$'),
    first_id uuid NOT NULL REFERENCES notice,
    notice_id uuid REFERENCES notice,
    created_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    decided_by uuid REFERENCES caller,
    decided_at timestamptz,
    FOREIGN KEY (campaign_id, organization_id) REFERENCES campaign (campaign_id, organization_id),
    FOREIGN KEY (campaign_id, entry_id) REFERENCES campaign_entry (campaign_id, entry_id),
    CONSTRAINT notice_return_once UNIQUE (campaign_id, entry_id, lookup_id, verdict, place_digest),
    CONSTRAINT notice_return_names_its_notice CHECK ((outcome IN ('proposed', 'dismissed')) = (notice_id IS NULL)),
    CHECK ((decided_by IS NULL) = (decided_at IS NULL))
);
COMMENT ON TABLE notice_return IS 'That what a platform had removed was found there again, with the proof: by a lookup, a watch or a person.';
COMMENT ON COLUMN notice_return.return_id IS 'Identity.';
COMMENT ON COLUMN notice_return.organization_id IS 'Whose campaign: nobody else is told.';
COMMENT ON COLUMN notice_return.campaign_id IS 'The campaign.';
COMMENT ON COLUMN notice_return.entry_id IS 'The fake that was found.';
COMMENT ON COLUMN notice_return.lookup_id IS 'The lookup that found it: the proof, used once for each verdict and place.';
COMMENT ON COLUMN notice_return.asked_by IS 'The organization that asked.';
COMMENT ON COLUMN notice_return.via IS 'person: somebody said so. lookup: one that said where. watch: such a lookup, answered again later.';
COMMENT ON COLUMN notice_return.platform IS 'Where: a platform''s id, or the host.';
COMMENT ON COLUMN notice_return.sealed IS 'The address, sealed under the client''s key.';
COMMENT ON COLUMN notice_return.place_digest IS 'HMAC-SHA-256 of the normalised place under the client''s key, as a notice''s.';
COMMENT ON COLUMN notice_return.verdict IS 'What the lookup says of the entry.';
COMMENT ON COLUMN notice_return.match IS 'The match: relation, coverage, spans, confidence, lookup.';
COMMENT ON COLUMN notice_return.seen_time IS 'When it was seen there.';
COMMENT ON COLUMN notice_return.outcome IS 'proposed: a person decides. reopened: the notice is about that place now. added: a further notice is. known: one was already. dismissed: a person has said no.';
COMMENT ON COLUMN notice_return.why IS 'Why it was only proposed, as a code.';
COMMENT ON COLUMN notice_return.first_id IS 'The notice on which the platform had removed it.';
COMMENT ON COLUMN notice_return.notice_id IS 'The notice that is about the place; null: none yet.';
COMMENT ON COLUMN notice_return.created_at IS 'When it was found.';
COMMENT ON COLUMN notice_return.decided_by IS 'Who took or dismissed it.';
COMMENT ON COLUMN notice_return.decided_at IS 'When.';
CREATE UNIQUE INDEX notice_return_proposed ON notice_return (campaign_id, entry_id, place_digest) WHERE outcome = 'proposed';
CREATE INDEX notice_return_campaign ON notice_return (campaign_id, created_at, return_id);
CREATE INDEX notice_return_first ON notice_return (first_id);
CREATE INDEX notice_return_notice ON notice_return (notice_id) WHERE notice_id IS NOT NULL;

CREATE OR REPLACE FUNCTION follow_dispute() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    found uuid[];
BEGIN
    SELECT array_agg(l.notice_id ORDER BY l.notice_id) INTO found FROM (
        SELECT notice_id FROM notice
        WHERE state <> 'closed'
          AND ((dispute_id = NEW.dispute_id AND 'counter_notice' = ANY (paused_for))
               OR (NEW.outcome = 'upheld' AND NEW.remedy = 'withdrawn' AND entry_id = NEW.entry_id
                   AND state IN ('sent', 'acknowledged', 'removed', 'refused', 'expired', 'appealed')))
        ORDER BY notice_id FOR NO KEY UPDATE) l;
    IF found IS NOT NULL THEN
        IF NEW.outcome = 'upheld' THEN
            PERFORM move_notices(found, 'close', 'closed', 'dispute_upheld', NULL, 'counter_notice', NEW.dispute_id);
        ELSE
            PERFORM move_notices(found, 'resume', NULL, 'dispute_' || NEW.outcome, NULL, 'counter_notice', NEW.dispute_id);
        END IF;
    END IF;
    RETURN NULL;
END
$$;

COMMENT ON FUNCTION follow_dispute() IS 'Trigger: what was decided of a dispute is done with the notices that it was about: upheld closes them, and those that were sent for an entry that is withdrawn by it; else they go on.';

ALTER TABLE notice_delivery ADD COLUMN kind text NOT NULL DEFAULT 'notice' CHECK (kind IN ('notice', 'retraction'));
COMMENT ON COLUMN notice_delivery.kind IS 'notice: it asks. retraction: it takes back what was asked; one a closing.';
CREATE FUNCTION guard_delivery() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NOT EXISTS (SELECT FROM notice_move m WHERE m.notice_id = NEW.notice_id AND m.move_no = NEW.move_no
                     AND m.act = CASE NEW.kind WHEN 'notice' THEN 'send' ELSE 'close' END) THEN
        RAISE EXCEPTION 'what is delivered follows from a sending, what is taken back from a closing'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'notice_delivery_follows_its_move';
    END IF;
    IF NEW.kind = 'retraction' AND NOT EXISTS (
        SELECT FROM notice_delivery d WHERE d.notice_id = NEW.notice_id AND d.kind = 'notice'
          AND d.status IN ('handing', 'handed_over', 'unsure')) THEN
        RAISE EXCEPTION 'what nobody was told is not taken back'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'notice_delivery_takes_back_what_was_told';
    END IF;
    RETURN NEW;
END
$$;
COMMENT ON FUNCTION guard_delivery() IS 'Trigger: a delivery follows from the move that it names, and nothing is taken back of which nobody was told.';
CREATE TRIGGER notice_delivery_guarded BEFORE INSERT OR UPDATE OF notice_id, move_no, kind ON notice_delivery
    FOR EACH ROW EXECUTE FUNCTION guard_delivery();
-- Takedown: platforms' statements of reasons (DSA, article 17), and what may leave unredacted, to whom.
ALTER TABLE notice_reply DROP CONSTRAINT notice_reply_source_check;
ALTER TABLE notice_reply ADD CONSTRAINT notice_reply_source_check CHECK (source IN ('api', 'mailbox', 'statement'));
ALTER TABLE notice_reply DROP CONSTRAINT notice_reply_matched_by_check;
ALTER TABLE notice_reply ADD CONSTRAINT notice_reply_matched_by_check
    CHECK (matched_by IN ('message_id', 'token', 'reference', 'place', 'person'));

CREATE TABLE notice_statement (
    reply_id uuid PRIMARY KEY REFERENCES notice_reply ON DELETE CASCADE,
    organization_id uuid NOT NULL REFERENCES organization,
    platform text CHECK (length(platform) BETWEEN 1 AND 253),
    puid_digest bytea NOT NULL CHECK (octet_length(puid_digest) = 32),
    content_digest bytea NOT NULL CHECK (octet_length(content_digest) = 32),
    outcome text NOT NULL CHECK (outcome IN ('removed', 'disabled', 'partly', 'restricted', 'account', 'other')),
    ground text NOT NULL CHECK (ground IN ('illegal', 'incompatible', 'both')),
    category text NOT NULL CHECK (category ~ '^[A-Z_]{1,100}$'),
    keywords text[] NOT NULL DEFAULT '{}' CHECK (cardinality(keywords) <= 100),
    source_type text NOT NULL CHECK (source_type ~ '^[A-Z0-9_]{1,60}$'),
    automated_detection boolean NOT NULL,
    automated_decision text NOT NULL CHECK (automated_decision IN ('fully', 'partially', 'not')),
    applied_on date NOT NULL,
    created_at timestamptz NOT NULL DEFAULT now(),
    accepted_by uuid REFERENCES caller,
    accepted_at timestamptz,
    CHECK ((accepted_by IS NULL) = (accepted_at IS NULL))
);
COMMENT ON TABLE notice_statement IS 'A platform''s statement of reasons, which is a reply: what of it is an enumeration. The whole is sealed in notice_reply.';
COMMENT ON COLUMN notice_statement.reply_id IS 'The reply that it is.';
COMMENT ON COLUMN notice_statement.organization_id IS 'To whom it came.';
COMMENT ON COLUMN notice_statement.platform IS 'Whose statement, as it was said when it came in; null: nobody said.';
COMMENT ON COLUMN notice_statement.puid_digest IS 'HMAC-SHA-256 of the platform''s own number of it (puid), under the organization''s key.';
COMMENT ON COLUMN notice_statement.content_digest IS 'HMAC-SHA-256 of all it says: the same number with another content is a conflict.';
COMMENT ON COLUMN notice_statement.outcome IS 'What was decided of the content. partly: removed or disabled in some of the Union, or for a time. account: nothing of the content itself.';
COMMENT ON COLUMN notice_statement.ground IS 'illegal, incompatible with the platform''s terms, or both.';
COMMENT ON COLUMN notice_statement.category IS 'STATEMENT_CATEGORY_… of the DSA transparency database.';
COMMENT ON COLUMN notice_statement.keywords IS 'KEYWORD_… of the same.';
COMMENT ON COLUMN notice_statement.source_type IS 'What led to the decision: SOURCE_….';
COMMENT ON COLUMN notice_statement.automated_detection IS 'Whether the content was found by automated means.';
COMMENT ON COLUMN notice_statement.automated_decision IS 'How far the decision was taken by automated means.';
COMMENT ON COLUMN notice_statement.applied_on IS 'From which day on it applies.';
COMMENT ON COLUMN notice_statement.created_at IS 'When it came in.';
COMMENT ON COLUMN notice_statement.accepted_by IS 'Who moved the notice by it; null: nobody.';
COMMENT ON COLUMN notice_statement.accepted_at IS 'When.';
CREATE UNIQUE INDEX notice_statement_puid
    ON notice_statement (organization_id, puid_digest, coalesce(platform, ''));

CREATE TABLE notice_release (
    release_id uuid PRIMARY KEY,
    organization_id uuid NOT NULL,
    campaign_id uuid NOT NULL,
    recipient text NOT NULL CHECK (recipient ~ '^[a-z0-9][a-z0-9_.-]{0,99}$'),
    fields text[] NOT NULL
        CHECK (fields <@ ARRAY['places', 'client', 'depicted', 'signatory', 'contacts', 'texts'] AND cardinality(fields) BETWEEN 1 AND 6),
    created_by uuid NOT NULL REFERENCES caller,
    created_at timestamptz NOT NULL DEFAULT now(),
    valid_until timestamptz NOT NULL CHECK (valid_until > created_at),
    revoked_by uuid REFERENCES caller,
    revoked_at timestamptz,
    FOREIGN KEY (campaign_id, organization_id) REFERENCES campaign (campaign_id, organization_id),
    CONSTRAINT notice_release_texts_are_whole CHECK (NOT 'texts' = ANY (fields) OR cardinality(fields) = 6),
    CHECK ((revoked_by IS NULL) = (revoked_at IS NULL))
);
COMMENT ON TABLE notice_release IS 'What of a campaign may be written unredacted into an export, to whom, until when.';
COMMENT ON COLUMN notice_release.release_id IS 'Identity.';
COMMENT ON COLUMN notice_release.organization_id IS 'Whose campaign it is.';
COMMENT ON COLUMN notice_release.campaign_id IS 'The campaign.';
COMMENT ON COLUMN notice_release.recipient IS 'To whom: a short name, such as lumen.';
COMMENT ON COLUMN notice_release.fields IS 'What. places: URLs, content ids and hosts. client, depicted, signatory: their names. contacts: e-mail and postal addresses. texts: what the notice says, which holds all of these.';
COMMENT ON COLUMN notice_release.created_by IS 'Who released it.';
COMMENT ON COLUMN notice_release.created_at IS 'When.';
COMMENT ON COLUMN notice_release.valid_until IS 'Until when, not included.';
COMMENT ON COLUMN notice_release.revoked_by IS 'Who took it back.';
COMMENT ON COLUMN notice_release.revoked_at IS 'When; null: nobody has.';
CREATE INDEX notice_release_campaign ON notice_release (campaign_id, created_at DESC);
-- What evidence is made of beside notices: exhibits that people bring, and manifests of C2PA that media carried.
CREATE TABLE notice_exhibit (
    exhibit_id uuid PRIMARY KEY,
    notice_id uuid NOT NULL REFERENCES notice,
    kind text NOT NULL CHECK (kind IN ('screenshot', 'media', 'document', 'other')),
    sha256 bytea NOT NULL CHECK (octet_length(sha256) = 32),
    bytes bigint NOT NULL CHECK (bytes > 0),
    made_at timestamptz,
    sealed bytea NOT NULL,
    content_sealed bytea CHECK (octet_length(content_sealed) <= 16777300),
    added_by uuid NOT NULL REFERENCES caller,
    added_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    UNIQUE (notice_id, sha256)
);
COMMENT ON TABLE notice_exhibit IS 'Files that an organization brings as exhibits of a notice. They stay where they are, unless they are kept on request. Append-only.';
COMMENT ON COLUMN notice_exhibit.exhibit_id IS 'Identity.';
COMMENT ON COLUMN notice_exhibit.notice_id IS 'What it shows something of.';
COMMENT ON COLUMN notice_exhibit.kind IS 'What it is: a screenshot, the media found there, a document, something else.';
COMMENT ON COLUMN notice_exhibit.sha256 IS 'SHA-256 of the file, computed where it lies.';
COMMENT ON COLUMN notice_exhibit.bytes IS 'Its size.';
COMMENT ON COLUMN notice_exhibit.made_at IS 'When it was made, as whoever brings it says; null: unsaid.';
COMMENT ON COLUMN notice_exhibit.sealed IS 'The file''s name and a note, sealed under the client''s key.';
COMMENT ON COLUMN notice_exhibit.content_sealed IS 'The file itself, sealed likewise; null: it was not given.';
COMMENT ON COLUMN notice_exhibit.added_by IS 'Who brought it.';
COMMENT ON COLUMN notice_exhibit.added_at IS 'When, by the database''s clock.';
CREATE TRIGGER notice_exhibit_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON notice_exhibit
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();

CREATE TABLE asset_manifest (
    asset_id uuid PRIMARY KEY REFERENCES asset ON DELETE CASCADE,
    state text NOT NULL CHECK (state IN ('trusted', 'valid', 'invalid', 'absent', 'unreadable')),
    store bytea CHECK (octet_length(store) <= 16777216),
    store_sha256 bytea CHECK (octet_length(store_sha256) = 32),
    store_bytes bigint CHECK (store_bytes > 0),
    pictures boolean NOT NULL DEFAULT false,
    signer text CHECK (length(signer) <= 500),
    signed_at timestamptz,
    claim_generator text CHECK (length(claim_generator) <= 500),
    said jsonb NOT NULL DEFAULT '{}' CHECK (jsonb_typeof(said) = 'object'),
    reader text NOT NULL CHECK (length(reader) <= 100),
    read_at timestamptz NOT NULL DEFAULT now(),
    CHECK (num_nulls(store_sha256, store_bytes) IN (0, 2) AND (store IS NULL OR store_sha256 IS NOT NULL)),
    CHECK (state <> 'absent' OR num_nonnulls(store, store_sha256, signer, signed_at, claim_generator) = 0)
);
COMMENT ON TABLE asset_manifest IS 'What a medium says of its origin by C2PA, as it was when its file was read. No row: nobody looked.';
COMMENT ON COLUMN asset_manifest.asset_id IS 'The medium.';
COMMENT ON COLUMN asset_manifest.state IS 'trusted: signed under the deployment''s trust list. valid: by somebody unknown to it. invalid: altered, or badly signed. absent: there is none, which proves nothing. unreadable: there is one that the reader could not read.';
COMMENT ON COLUMN asset_manifest.store IS 'The manifest store (JUMBF) as it stood in the file; null: none, too large, or with small pictures of a medium that is not kept.';
COMMENT ON COLUMN asset_manifest.store_sha256 IS 'Its SHA-256.';
COMMENT ON COLUMN asset_manifest.store_bytes IS 'Its size.';
COMMENT ON COLUMN asset_manifest.pictures IS 'Whether small pictures of the medium may be in it: then it is shown to nobody to whom the medium is not.';
COMMENT ON COLUMN asset_manifest.signer IS 'Who signed the active manifest, as the certificate names them.';
COMMENT ON COLUMN asset_manifest.signed_at IS 'When, by its time stamp; null: it has none.';
COMMENT ON COLUMN asset_manifest.claim_generator IS 'The program that made the claim.';
COMMENT ON COLUMN asset_manifest.said IS 'Actions, digital source types, ingredients and codes of validation, bounded.';
COMMENT ON COLUMN asset_manifest.reader IS 'What read it, with its version.';
COMMENT ON COLUMN asset_manifest.read_at IS 'When.';

CREATE TABLE evidence_stamp (
    digest bytea PRIMARY KEY CHECK (octet_length(digest) = 32),
    organization_id uuid NOT NULL REFERENCES organization,
    response bytea NOT NULL CHECK (octet_length(response) BETWEEN 1 AND 65536),
    stamped_at timestamptz NOT NULL,
    created_at timestamptz NOT NULL DEFAULT now()
);
COMMENT ON TABLE evidence_stamp IS 'Time stamps of bundles: what was stamped once keeps its stamp, so that the same evidence is the same bytes.';
COMMENT ON COLUMN evidence_stamp.digest IS 'SHA-256 of the signature of the manifest that was stamped.';
COMMENT ON COLUMN evidence_stamp.organization_id IS 'Whose bundle.';
COMMENT ON COLUMN evidence_stamp.response IS 'What the authority answered: a TimeStampResp of RFC 3161.';
COMMENT ON COLUMN evidence_stamp.stamped_at IS 'The time that it states.';
COMMENT ON COLUMN evidence_stamp.created_at IS 'When it was got, by the database''s clock.';
-- Work: who holds a job and whether its session still lives, when it is tried again, and what became of those given up.
ALTER TABLE job
    ADD COLUMN worker text CHECK (length(worker) <= 200),
    ADD COLUMN renewed_at timestamptz,
    ADD COLUMN session_pid integer,
    ADD COLUMN session_began timestamptz,
    ADD COLUMN session_fence bigint,
    ADD COLUMN due_at timestamptz,
    ADD COLUMN deferrals smallint NOT NULL DEFAULT 0,
    ADD COLUMN dead boolean NOT NULL DEFAULT false,
    ADD COLUMN settled_at timestamptz,
    ADD COLUMN settled_as text CHECK (settled_as IN ('retried', 'discarded')),
    ADD COLUMN settled_by uuid REFERENCES caller;
COMMENT ON COLUMN job.queue IS 'The broker queue its message goes to: interactive before media before bulk, each with workers of its own.';
COMMENT ON COLUMN job.worker IS 'Host and process that hold it, or held it last: for a person.';
COMMENT ON COLUMN job.renewed_at IS 'When its worker last said that it lives.';
COMMENT ON COLUMN job.session_pid IS 'The PostgreSQL session over which it said so.';
COMMENT ON COLUMN job.session_began IS 'When that session began: numbers of processes come again.';
COMMENT ON COLUMN job.session_fence IS 'The lease for which the session stands; a worker that keeps no session leaves an older number.';
COMMENT ON COLUMN job.due_at IS 'Not before then: what it needs was away.';
COMMENT ON COLUMN job.deferrals IS 'How often something it needs was away, or its worker was told to end. These count as no attempts.';
COMMENT ON COLUMN job.dead IS 'Given up for a reason that is not the media''s own: a dead letter, for whoever runs the deployment.';
COMMENT ON COLUMN job.settled_at IS 'When a person dealt with the dead letter.';
COMMENT ON COLUMN job.settled_as IS 'retried: another job was made of it. discarded: it was let be.';
COMMENT ON COLUMN job.settled_by IS 'Who did.';
CREATE INDEX job_waiting ON job (queue, created_at) WHERE status IN ('queued', 'running');
CREATE INDEX job_dead ON job (finished_at DESC, job_id) WHERE status = 'failed';
CREATE INDEX job_done ON job (finished_at) WHERE status = 'done';

CREATE FUNCTION job_abandoned(held job, silence double precision) RETURNS boolean
LANGUAGE sql STABLE PARALLEL SAFE AS $$
    SELECT held.status = 'running' AND (held.lease_until < now() OR (
        held.session_fence = held.fence
        AND held.renewed_at < now() - make_interval(secs => silence)
        -- A server that has just begun knows nobody's session.
        AND pg_postmaster_start_time() < held.session_began
        AND NOT EXISTS (
            SELECT FROM pg_stat_get_activity(held.session_pid) s
            WHERE s.backend_start IS NULL OR s.backend_start = held.session_began)))
$$;
COMMENT ON FUNCTION job_abandoned(job, double precision) IS 'Whether the worker of a job is gone: its lease has run out or, sooner, it missed renewals for so many seconds and PostgreSQL saw its session end, as when its process was killed.';
-- Long media in parallel: what is to be read by whom, what was found, and how much is still out.
CREATE TABLE division (
    asset_id uuid PRIMARY KEY REFERENCES asset ON DELETE CASCADE,
    plan jsonb NOT NULL,
    segments smallint NOT NULL CHECK (segments > 0),
    remaining smallint NOT NULL CHECK (remaining BETWEEN 0 AND segments),
    undivided boolean NOT NULL DEFAULT false,
    created_at timestamptz NOT NULL DEFAULT now()
);
COMMENT ON TABLE division IS 'A long video that is being read in segments. Deleted, with them, in the commit that enrols or fails it.';
COMMENT ON COLUMN division.asset_id IS 'The video.';
COMMENT ON COLUMN division.plan IS 'What all segments share; its form is the workers''.';
COMMENT ON COLUMN division.segments IS 'How many there are.';
COMMENT ON COLUMN division.remaining IS 'How many have not been read; counted down in the commit that keeps a segment''s result, under its fence. At 0 that commit asks for the joining.';
COMMENT ON COLUMN division.undivided IS 'A segment found that the file cannot be read in pieces: it is read in one.';
COMMENT ON COLUMN division.created_at IS 'When it was divided.';

CREATE TABLE segment (
    segment_id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
    asset_id uuid NOT NULL REFERENCES division ON DELETE CASCADE,
    number smallint NOT NULL CHECK (number >= 0),
    task jsonb NOT NULL,
    share real NOT NULL CHECK (share BETWEEN 0 AND 1),
    found bytea,
    fence bigint,
    done_at timestamptz,
    UNIQUE (asset_id, number),
    CHECK ((found IS NULL) = (done_at IS NULL) AND (found IS NULL) = (fence IS NULL))
);
ALTER TABLE segment ALTER COLUMN found SET STORAGE EXTERNAL;
COMMENT ON TABLE segment IS 'A piece of a video, or its sound, with a job of its own.';
COMMENT ON COLUMN segment.segment_id IS 'Identity; the subject of its job.';
COMMENT ON COLUMN segment.asset_id IS 'The video.';
COMMENT ON COLUMN segment.number IS 'Its place in the whole.';
COMMENT ON COLUMN segment.task IS 'What is to be read; its form is the workers''.';
COMMENT ON COLUMN segment.share IS 'Which part of the whole work it is, 0-1, for the progress that people watch.';
COMMENT ON COLUMN segment.found IS 'What was seen or heard, face vectors among it; its form is the workers''. Null until it has been read.';
COMMENT ON COLUMN segment.fence IS 'The lease under which that was written.';
COMMENT ON COLUMN segment.done_at IS 'When it was.';
-- Takedown: that a lookup found something else at a place is not forgotten by whoever writes SQL.
CREATE OR REPLACE FUNCTION guard_notice() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    hindrances text[];
BEGIN
    IF NEW.move_no <> OLD.move_no AND NEW.move_no <> OLD.move_no + 1 THEN
        RAISE EXCEPTION 'a notice moves step by step'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'notice_moves_step_by_step';
    END IF;
    IF NEW.move_no = OLD.move_no AND (NEW.state <> OLD.state OR NEW.paused_for <> OLD.paused_for) THEN
        RAISE EXCEPTION 'a notice does not change its state without a move'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'notice_moves_step_by_step';
    END IF;
    IF (NEW.notice_id, NEW.organization_id, NEW.campaign_id, NEW.entry_id, NEW.regime, NEW.created_by)
       IS DISTINCT FROM (OLD.notice_id, OLD.organization_id, OLD.campaign_id, OLD.entry_id, OLD.regime, OLD.created_by) THEN
        RAISE EXCEPTION 'what a notice is about does not change'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'notice_is_what_it_is';
    END IF;
    IF OLD.sent_at IS NOT NULL AND OLD.state NOT IN ('reopened', 'ready', 'closed', 'removed')
       AND (NEW.place_digest, NEW.ground, NEW.confirmed_by) IS DISTINCT FROM (OLD.place_digest, OLD.ground, OLD.confirmed_by) THEN
        RAISE EXCEPTION 'what was sent does not change'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'notice_is_what_was_sent';
    END IF;
    IF OLD.ground IS NOT NULL AND NEW.place_digest <> OLD.place_digest
       AND NEW.confirmed_at IS NOT DISTINCT FROM OLD.confirmed_at THEN
        RAISE EXCEPTION 'what was confirmed of one place is not of another'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'notice_ground_is_of_its_place';
    END IF;
    IF NEW.place_digest = OLD.place_digest AND NEW.address_marks <> OLD.address_marks THEN
        RAISE EXCEPTION 'what an address is marked for does not change with it'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'notice_marks_are_of_their_address';
    END IF;
    IF OLD.address_confirmed_at IS NOT NULL AND NEW.place_digest <> OLD.place_digest
       AND NEW.address_confirmed_at IS NOT DISTINCT FROM OLD.address_confirmed_at THEN
        RAISE EXCEPTION 'who has looked at one address has not looked at another'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'notice_address_is_the_one_confirmed';
    END IF;
    IF OLD.verdict IS NOT NULL AND NEW.verdict IS NULL AND NEW.move_no = OLD.move_no THEN
        RAISE EXCEPTION 'what a lookup has said is not unsaid, but by another one'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'notice_verdict_stays';
    END IF;
    NEW.changed_at := clock_timestamp();
    IF NEW.state IN ('expired', 'appealed') AND NEW.state <> OLD.state AND OLD.paused_for <> '{}' THEN
        RAISE EXCEPTION 'a notice that is paused waits'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'notice_paused_waits';
    END IF;
    IF NEW.state = 'sent' AND OLD.state <> 'sent' THEN
        -- None of these changes until the sending is committed; what changed before is seen.
        PERFORM FROM entry WHERE entry_id = OLD.entry_id FOR SHARE;
        PERFORM FROM campaign c JOIN mandate m USING (mandate_id) JOIN client k ON k.client_id = c.client_id
            WHERE c.campaign_id = OLD.campaign_id FOR SHARE;
        hindrances := notice_hindrances(OLD.notice_id);
        IF hindrances <> '{}' OR NEW.paused_for <> '{}' OR NEW.ground IS NULL OR NOT NEW.complete
           OR NOT NEW.in_scope OR NEW.excepted OR (NEW.address_marks <> '{}' AND NEW.address_confirmed_by IS NULL)
           OR NEW.place_digest <> OLD.place_digest
           OR (NEW.verdict, NEW.asset_id) IS DISTINCT FROM (OLD.verdict, OLD.asset_id) THEN
            RAISE EXCEPTION 'the notice cannot be sent: %', array_to_string(hindrances, ', ')
                USING ERRCODE = 'check_violation', CONSTRAINT = 'notice_gate', DETAIL = array_to_string(hindrances, ',');
        END IF;
    END IF;
    RETURN NEW;
END
$$;
-- What an operator sees of the workers: how long work takes, whether known lookups still match, and traces that pass
-- through a job.
ALTER TABLE job ADD COLUMN traceparent text CHECK (traceparent ~ '^00-[0-9a-f]{32}-[0-9a-f]{16}-[0-9a-f]{2}$');
COMMENT ON COLUMN job.traceparent IS 'The trace that asked for it, as W3C Trace Context writes it; null where none is kept.';

CREATE TABLE work_time (
    task text NOT NULL CHECK (task ~ '^[a-z_]{1,40}$'),
    outcome text NOT NULL CHECK (outcome IN ('done', 'failed', 'unavailable', 'lost')),
    bucket smallint NOT NULL CHECK (bucket >= 0),
    count bigint NOT NULL,
    seconds double precision NOT NULL,
    PRIMARY KEY (task, outcome, bucket)
) WITH (fillfactor = 50);
COMMENT ON TABLE work_time IS 'How long the workers'' jobs took since this table was made, for the metrics: counters that only grow, whichever process is asked.';
COMMENT ON COLUMN work_time.task IS 'What was done: registry.store.jobs.Task.';
COMMENT ON COLUMN work_time.outcome IS 'done; failed: for good; unavailable: something it needs was away; lost: another worker took it over.';
COMMENT ON COLUMN work_time.bucket IS 'How many of registry.store.work_times.BOUNDS are below the time it took.';
COMMENT ON COLUMN work_time.count IS 'How many jobs.';
COMMENT ON COLUMN work_time.seconds IS 'The seconds of all of them.';

CREATE TABLE canary (
    canary text PRIMARY KEY CHECK (canary ~ '^[0-9a-f]{12}$'),
    asked_at timestamptz NOT NULL,
    found boolean NOT NULL,
    verdict text,
    seconds double precision NOT NULL
);
COMMENT ON TABLE canary IS 'Known lookups that are asked again and again and must match: the last answer to each.';
COMMENT ON COLUMN canary.canary IS 'The first digits of the SHA-256 of its document.';
COMMENT ON COLUMN canary.asked_at IS 'When it was asked last.';
COMMENT ON COLUMN canary.found IS 'Whether it matched.';
COMMENT ON COLUMN canary.verdict IS 'The verdict, or the code of the error.';
COMMENT ON COLUMN canary.seconds IS 'How long the answer took.';

CREATE INDEX asset_failed_media ON asset (asset_id) WHERE status = 'failed' AND blob_key IS NOT NULL;
-- Two versions of a model beside each other: vectors say whose they are, and kept media is read again in the background.
ALTER TABLE frame_vector ADD COLUMN model text NOT NULL DEFAULT 'sscd.1';
COMMENT ON COLUMN frame_vector.model IS 'Which model, and version of it, said so. Only what the same one said is compared.';
COMMENT ON COLUMN frame_vector.sscd IS 'The vector, L2-normalised.';

CREATE TABLE refingerprinting (
    algorithm text PRIMARY KEY CHECK (algorithm ~ '^[a-z0-9.]{1,40}$'),
    asked_at timestamptz NOT NULL DEFAULT now(),
    reached integer NOT NULL DEFAULT 0
);
COMMENT ON TABLE refingerprinting IS 'Algorithms that kept media is read again for, in the background, until somebody ends it.';
COMMENT ON COLUMN refingerprinting.algorithm IS 'Name and version.';
COMMENT ON COLUMN refingerprinting.asked_at IS 'When it was asked for.';
COMMENT ON COLUMN refingerprinting.reached IS 'Up to which asset_no jobs have been written.';
-- Takedown: no notice begins but as a draft, no history runs ahead of its notice, and what a lookup said of a place
-- holds for every notice of that place.
CREATE FUNCTION guard_new_notice() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NEW.move_no <> 1 OR NEW.state <> 'draft' OR NEW.paused_for <> '{}'
       OR num_nonnulls(NEW.ground, NEW.sent_at, NEW.due_at, NEW.acknowledged_at, NEW.removed_at) > 0 THEN
        RAISE EXCEPTION 'a notice begins as a draft, of which nobody has confirmed anything'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'notice_begins_as_draft';
    END IF;
    RETURN NEW;
END
$$;
COMMENT ON FUNCTION guard_new_notice() IS 'Trigger: a notice that were written as sent at once would have passed no gate.';
CREATE TRIGGER notice_begins BEFORE INSERT ON notice FOR EACH ROW EXECUTE FUNCTION guard_new_notice();

CREATE FUNCTION guard_move() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NOT EXISTS (SELECT FROM notice n WHERE n.notice_id = NEW.notice_id AND n.move_no >= NEW.move_no) THEN
        RAISE EXCEPTION 'a move is of a notice that has moved'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'notice_move_is_made';
    END IF;
    RETURN NULL;
END
$$;
COMMENT ON FUNCTION guard_move() IS 'Trigger: the history of a notice ends where the notice stands.';
CREATE CONSTRAINT TRIGGER notice_move_made AFTER INSERT ON notice_move DEFERRABLE INITIALLY DEFERRED
    FOR EACH ROW EXECUTE FUNCTION guard_move();

CREATE INDEX notice_place_refuted ON notice (entry_id, place_digest) WHERE verdict IN ('no_match', 'authentic_original');

CREATE FUNCTION notice_verdict(n notice) RETURNS text LANGUAGE sql STABLE
    RETURN coalesce(
        (SELECT o.verdict FROM notice o
         WHERE o.entry_id = n.entry_id AND o.place_digest = n.place_digest AND o.organization_id = n.organization_id
           AND o.notice_id <> n.notice_id AND o.verdict IN ('no_match', 'authentic_original')
           AND o.checked_at > coalesce(CASE WHEN n.verdict IN ('known_fake', 'related') THEN n.checked_at END, '-infinity')
         ORDER BY o.checked_at DESC, o.notice_id LIMIT 1),
        n.verdict);
COMMENT ON FUNCTION notice_verdict(notice) IS 'What lookups say of what is at the notice''s place: its own, unless one made later for another notice of the place (another regime, another campaign of the client) says that it is something else.';

CREATE OR REPLACE FUNCTION notice_hindrances(asked uuid) RETURNS text[] LANGUAGE sql STABLE AS $$
    SELECT array_remove(ARRAY[
        CASE WHEN n.state <> 'ready' THEN 'not_ready' END,
        CASE WHEN n.paused_for <> '{}' THEN 'paused' END,
        CASE WHEN c.state <> 'open' THEN 'campaign_closed' END,
        CASE WHEN k.erased_at IS NOT NULL THEN 'client_erased' END,
        CASE WHEN e.status = 'withdrawn' THEN 'entry_withdrawn' WHEN e.status <> 'matchable' THEN 'entry_suspended' END,
        CASE WHEN NOT answers_to(b, n.organization_id) THEN 'entry_unseen' END,
        CASE WHEN e.tier NOT IN ('reviewed', 'court_order') THEN 'entry_unreviewed' END,
        CASE WHEN b.kind = 'negative' THEN 'entry_harmless' END,
        CASE WHEN m.revoked_at IS NOT NULL THEN 'mandate_revoked' END,
        CASE WHEN clock_timestamp() < m.valid_from THEN 'mandate_not_begun' END,
        CASE WHEN clock_timestamp() >= m.valid_until THEN 'mandate_expired' END,
        CASE WHEN c.signatory_sealed IS NULL THEN 'no_signatory' END,
        CASE WHEN NOT n.complete THEN 'elements_missing' END,
        CASE WHEN notice_verdict(n) = 'authentic_original' THEN 'authentic_original' END,
        CASE WHEN notice_verdict(n) = 'no_match' THEN 'no_match' END,
        CASE WHEN n.ground IS NULL THEN 'ground_unconfirmed' END,
        CASE WHEN n.address_marks <> '{}' AND n.address_confirmed_by IS NULL THEN 'address_unconfirmed' END,
        CASE WHEN n.asset_id IS NOT NULL AND NOT EXISTS (
            SELECT FROM entry_asset a WHERE a.entry_id = n.entry_id AND a.asset_id = n.asset_id AND a.role = 'fake'
              AND a.matchable_at IS NOT NULL AND a.tier IN ('reviewed', 'court_order')) THEN 'medium_unreviewed' END,
        CASE WHEN EXISTS (
            SELECT FROM dispute d WHERE d.entry_id = n.entry_id AND (
                (d.outcome IS NULL AND d.accepted_at IS NOT NULL)
                OR (d.outcome = 'upheld' AND d.closed_at >= coalesce(n.confirmed_at, '-infinity'))))
            THEN 'dispute_accepted' END,
        CASE WHEN n.answered_by IS NULL THEN 'scope_unasked' END,
        CASE WHEN NOT n.in_scope THEN 'out_of_scope' END,
        CASE WHEN n.excepted THEN 'excepted' END
    ], NULL)
    FROM notice n
    JOIN campaign c USING (campaign_id)
    JOIN client k USING (client_id)
    JOIN mandate m USING (mandate_id)
    JOIN entry e ON e.entry_id = n.entry_id
    JOIN bank b ON b.bank_id = e.bank_id
    WHERE n.notice_id = asked
$$;
-- Provenance: what manifests of C2PA declare, which originals come from a source that the deployment believes, and how
-- an entry's fakes lie along its originals.
ALTER TABLE asset_manifest
    ADD COLUMN declared text CHECK (declared IN ('trained_algorithmic_media', 'composite', 'edited', 'capture', 'other')),
    ADD COLUMN source boolean NOT NULL DEFAULT false,
    ADD CONSTRAINT asset_manifest_source_check CHECK (NOT source OR (state = 'trusted' AND declared = 'capture')) NOT VALID;
COMMENT ON COLUMN asset_manifest.declared IS 'How the medium came to be, as its manifest declares it: the gravest of its digital source types and those of its ingredients. Null: it says nothing of that, or does not hold.';
COMMENT ON COLUMN asset_manifest.source IS 'Whether a capture device or newsroom of the deployment''s stricter list signed it as captured, with nothing generated or composed in it.';

CREATE TABLE entry_derivation (
    entry_id uuid NOT NULL,
    fake_id uuid NOT NULL,
    fake_role text NOT NULL DEFAULT 'fake' CHECK (fake_role = 'fake'),
    original_id uuid NOT NULL,
    original_role text NOT NULL DEFAULT 'original' CHECK (original_role = 'original'),
    faces text CHECK (faces IN ('same', 'other')),
    score real NOT NULL CHECK (score BETWEEN 0 AND 1),
    spans jsonb NOT NULL,
    model text NOT NULL,
    found_at timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (entry_id, fake_id, original_id),
    FOREIGN KEY (entry_id, fake_id, fake_role) REFERENCES entry_asset ON DELETE CASCADE,
    FOREIGN KEY (entry_id, original_id, original_role) REFERENCES entry_asset ON DELETE CASCADE
);
COMMENT ON TABLE entry_derivation IS 'Which seconds of an entry''s fake show which seconds of its original, by the registry''s own alignment: the proof of what somebody said when registering both. No row: it was not looked for, or not found.';
COMMENT ON COLUMN entry_derivation.entry_id IS 'The entry that holds both.';
COMMENT ON COLUMN entry_derivation.fake_id IS 'The fake.';
COMMENT ON COLUMN entry_derivation.fake_role IS 'As what the entry holds it.';
COMMENT ON COLUMN entry_derivation.original_id IS 'What it was made from.';
COMMENT ON COLUMN entry_derivation.original_role IS 'As what the entry holds it.';
COMMENT ON COLUMN entry_derivation.faces IS 'Whether the faces at the same moments are the same; null: it cannot be told. No likeness is kept.';
COMMENT ON COLUMN entry_derivation.score IS 'The probability that the footage is the same, 0-1.';
COMMENT ON COLUMN entry_derivation.spans IS 'Which seconds are the same: objects with one (of the fake) and other (of the original), speed, mirrored.';
COMMENT ON COLUMN entry_derivation.model IS 'The rules that found it, by name and version.';
COMMENT ON COLUMN entry_derivation.found_at IS 'When it was last found.';
CREATE INDEX entry_derivation_original ON entry_derivation (original_id);
-- Registries exchange what they know: the feeds of published banks, and peers whose feeds are read.
ALTER TABLE caller DROP CONSTRAINT caller_roles_check;
ALTER TABLE caller ADD CONSTRAINT caller_roles_check
    CHECK (roles <@ ARRAY['lookup', 'register', 'review', 'takedown', 'admin', 'signals', 'faces', 'hma', 'peer']);
COMMENT ON COLUMN caller.roles IS 'Roles, and scopes: `signals` sees raw similarities, `faces` works with enrolled persons, `hma` calls what Hasher-Matcher-Actioner''s clients call, `peer` reads the feeds of published banks.';

CREATE TABLE feed_waiting (
    waiting_no bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    bank_id uuid NOT NULL,
    entry_id uuid NOT NULL
) WITH (autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 10000, autovacuum_vacuum_insert_threshold = -1);
COMMENT ON TABLE feed_waiting IS 'Changes of entries of published banks that their feed does not say yet: a row a change, written in its commit, so that none is missed whichever commits first.';
COMMENT ON COLUMN feed_waiting.waiting_no IS 'Identity.';
COMMENT ON COLUMN feed_waiting.bank_id IS 'The bank.';
COMMENT ON COLUMN feed_waiting.entry_id IS 'The entry.';

CREATE TABLE feed_page (
    bank_id uuid NOT NULL REFERENCES bank,
    page_no integer NOT NULL CHECK (page_no > 0),
    root bytea NOT NULL CHECK (octet_length(root) = 32),
    items integer NOT NULL CHECK (items > 0),
    event_id bigint NOT NULL UNIQUE,
    made_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    PRIMARY KEY (bank_id, page_no)
);
COMMENT ON TABLE feed_page IS 'The feed of a published bank, page by page without gaps; the event feed.published of each commits to what it holds. Append-only.';
COMMENT ON COLUMN feed_page.bank_id IS 'The bank.';
COMMENT ON COLUMN feed_page.page_no IS 'Its number, from 1.';
COMMENT ON COLUMN feed_page.root IS 'Root of the Merkle tree (RFC 6962) over its items.';
COMMENT ON COLUMN feed_page.items IS 'How many items it has.';
COMMENT ON COLUMN feed_page.event_id IS 'The event that put it on record.';
COMMENT ON COLUMN feed_page.made_at IS 'When.';
CREATE TRIGGER feed_page_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON feed_page
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();

CREATE TABLE feed_item (
    bank_id uuid NOT NULL,
    page_no integer NOT NULL,
    position smallint NOT NULL CHECK (position >= 0),
    entry_id uuid NOT NULL,
    hash bytea NOT NULL CHECK (octet_length(hash) = 32),
    content bytea,
    PRIMARY KEY (bank_id, page_no, position),
    FOREIGN KEY (bank_id, page_no) REFERENCES feed_page
);
COMMENT ON TABLE feed_item IS 'What a page of a feed says of one entry: the newest word alone is kept, of older ones the hash, by which their page can still be verified.';
COMMENT ON COLUMN feed_item.bank_id IS 'The bank.';
COMMENT ON COLUMN feed_item.page_no IS 'The page.';
COMMENT ON COLUMN feed_item.position IS 'Its place in the page, from 0.';
COMMENT ON COLUMN feed_item.entry_id IS 'The entry.';
COMMENT ON COLUMN feed_item.hash IS 'SHA-256 of 0x00 and the content: a leaf of the page''s tree.';
COMMENT ON COLUMN feed_item.content IS 'A line of JSON, see registry.domain.feed; null: a later page says otherwise.';
CREATE UNIQUE INDEX feed_item_current ON feed_item (entry_id) WHERE content IS NOT NULL;

CREATE FUNCTION is_published(asked bank) RETURNS boolean LANGUAGE sql IMMUTABLE PARALLEL SAFE
    RETURN asked.kind = 'fakes' AND coalesce((asked.policy ->> 'published')::boolean, false);
COMMENT ON FUNCTION is_published(bank) IS 'Whether a bank has a feed that other registries may read. A negative bank has none: elsewhere its media would be fakes.';

CREATE FUNCTION feed_entries() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO feed_waiting (bank_id, entry_id)
    SELECT n.bank_id, n.entry_id FROM new_rows n JOIN bank b USING (bank_id) WHERE is_published(b);
    RETURN NULL;
END
$$;
COMMENT ON FUNCTION feed_entries() IS 'Trigger: what changes in an entry of a published bank waits for its feed.';
CREATE TRIGGER entry_made_fed AFTER INSERT ON entry REFERENCING NEW TABLE AS new_rows
    FOR EACH STATEMENT EXECUTE FUNCTION feed_entries();
CREATE TRIGGER entry_changed_fed AFTER UPDATE ON entry REFERENCING NEW TABLE AS new_rows
    FOR EACH STATEMENT EXECUTE FUNCTION feed_entries();

CREATE FUNCTION feed_media() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO feed_waiting (bank_id, entry_id)
    SELECT DISTINCT e.bank_id, e.entry_id
    FROM changed_rows n JOIN entry e USING (entry_id) JOIN bank b USING (bank_id) WHERE is_published(b);
    RETURN NULL;
END
$$;
COMMENT ON FUNCTION feed_media() IS 'Trigger: the same for the media of an entry.';
CREATE TRIGGER entry_asset_made_fed AFTER INSERT ON entry_asset REFERENCING NEW TABLE AS changed_rows
    FOR EACH STATEMENT EXECUTE FUNCTION feed_media();
CREATE TRIGGER entry_asset_changed_fed AFTER UPDATE ON entry_asset REFERENCING NEW TABLE AS changed_rows
    FOR EACH STATEMENT EXECUTE FUNCTION feed_media();
CREATE TRIGGER entry_asset_gone_fed AFTER DELETE ON entry_asset REFERENCING OLD TABLE AS changed_rows
    FOR EACH STATEMENT EXECUTE FUNCTION feed_media();

CREATE FUNCTION feed_bank() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO feed_waiting (bank_id, entry_id)
    SELECT e.bank_id, e.entry_id FROM entry e WHERE e.bank_id = NEW.bank_id ORDER BY e.created_at, e.entry_id;
    RETURN NULL;
END
$$;
COMMENT ON FUNCTION feed_bank() IS 'Trigger: a bank that is published, or publishes otherwise from now on, is said anew where that differs.';
CREATE TRIGGER bank_published AFTER UPDATE OF policy ON bank FOR EACH ROW
    WHEN (is_published(NEW) AND (NOT is_published(OLD)
        OR OLD.policy -> 'share_claims' IS DISTINCT FROM NEW.policy -> 'share_claims'
        OR OLD.policy -> 'licence' IS DISTINCT FROM NEW.policy -> 'licence'))
    EXECUTE FUNCTION feed_bank();

ALTER TABLE exchange DROP CONSTRAINT exchange_kind_check, DROP CONSTRAINT exchange_state_check, DROP CONSTRAINT exchange_check;
ALTER TABLE exchange
    ADD CONSTRAINT exchange_kind_check CHECK (kind IN ('file', 'stopncii', 'ncmec', 'threatexchange', 'registry')),
    ADD CONSTRAINT exchange_state_check CHECK (state IN ('active', 'suspended', 'removed')),
    ADD CONSTRAINT exchange_removed_check CHECK (state <> 'removed' OR credentials IS NULL);
COMMENT ON COLUMN exchange.kind IS 'Which protocol is spoken; file: a list in the folder of FAKEPRINT_EXCHANGE_FILES; registry: a peer, another Fakeprint registry.';
COMMENT ON COLUMN exchange.options IS 'What the protocol needs besides, nothing secret: privacy_group (threatexchange), only_esp_ids (ncmec), type (file); keys, feed, tiers (registry).';
COMMENT ON COLUMN exchange.state IS 'suspended: a peer that is not read until somebody resumes it; removed: no longer read; its entries stay as they are.';
DROP INDEX exchange_name;
DROP INDEX exchange_bank;
CREATE UNIQUE INDEX exchange_name ON exchange (organization_id, name) WHERE state <> 'removed';
CREATE UNIQUE INDEX exchange_bank ON exchange (bank_id) WHERE state <> 'removed';

CREATE TABLE peer_checkpoint (
    verifier_key text NOT NULL,
    size bigint NOT NULL CHECK (size >= 0),
    root bytea NOT NULL CHECK (octet_length(root) = 32),
    note text NOT NULL,
    seen_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    PRIMARY KEY (verifier_key, size)
);
COMMENT ON TABLE peer_checkpoint IS 'What peers have signed of their ledgers, as seen by anybody here: two roots of one size are a fork. Each follows from the one before it, so that older ones may go.';
COMMENT ON COLUMN peer_checkpoint.verifier_key IS 'Whose: the first of the peer''s keys.';
COMMENT ON COLUMN peer_checkpoint.size IS 'How many leaves it covers.';
COMMENT ON COLUMN peer_checkpoint.root IS 'Their root hash.';
COMMENT ON COLUMN peer_checkpoint.note IS 'The signed note.';
COMMENT ON COLUMN peer_checkpoint.seen_at IS 'When it was first seen.';

CREATE TABLE peer_fork (
    fork_no bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    exchange_id uuid NOT NULL REFERENCES exchange,
    reason text NOT NULL CHECK (reason IN ('same_size', 'inconsistent')),
    first_note text NOT NULL,
    second_note text NOT NULL,
    proof text[] NOT NULL DEFAULT '{}',
    found_at timestamptz NOT NULL DEFAULT clock_timestamp()
);
COMMENT ON TABLE peer_fork IS 'Proof that a peer has forked or rewritten its ledger: two notes that it signed and that do not follow from each other. Append-only.';
COMMENT ON COLUMN peer_fork.fork_no IS 'Identity.';
COMMENT ON COLUMN peer_fork.exchange_id IS 'The peer.';
COMMENT ON COLUMN peer_fork.reason IS 'same_size: two roots of one size; inconsistent: the later does not begin with the earlier.';
COMMENT ON COLUMN peer_fork.first_note IS 'The note that was seen first.';
COMMENT ON COLUMN peer_fork.second_note IS 'The note that contradicts it.';
COMMENT ON COLUMN peer_fork.proof IS 'The hashes that the peer gave as proof of consistency, in hex.';
COMMENT ON COLUMN peer_fork.found_at IS 'When.';
CREATE TRIGGER peer_fork_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON peer_fork
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();

CREATE TABLE foreign_entry (
    exchange_id uuid NOT NULL REFERENCES exchange,
    origin_entry_id uuid NOT NULL,
    entry_id uuid REFERENCES entry ON DELETE CASCADE,
    status text NOT NULL CHECK (status IN ('matchable', 'suspended', 'withdrawn')),
    tier text NOT NULL CHECK (tier IN ('unreviewed', 'reviewed', 'court_order')),
    licence text,
    leaf_index bigint NOT NULL,
    item_hash bytea NOT NULL CHECK (octet_length(item_hash) = 32),
    said_at timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (exchange_id, origin_entry_id)
);
COMMENT ON TABLE foreign_entry IS 'What peers say of their entries, by the peer and its own id: two peers that say the same id are two.';
COMMENT ON COLUMN foreign_entry.exchange_id IS 'The peer; its options name the key by which it signs.';
COMMENT ON COLUMN foreign_entry.origin_entry_id IS 'The entry''s id there.';
COMMENT ON COLUMN foreign_entry.entry_id IS 'The entry here; null: it was never taken.';
COMMENT ON COLUMN foreign_entry.status IS 'Its status there.';
COMMENT ON COLUMN foreign_entry.tier IS 'Its tier there; what that counts for here says the peer''s options.';
COMMENT ON COLUMN foreign_entry.licence IS 'Under which licence it was published; null: none was named.';
COMMENT ON COLUMN foreign_entry.leaf_index IS 'The place in the peer''s ledger that commits to this.';
COMMENT ON COLUMN foreign_entry.item_hash IS 'The hash of what was said, a leaf of the tree that this place commits to.';
COMMENT ON COLUMN foreign_entry.said_at IS 'When it was taken.';
CREATE INDEX foreign_entry_entry ON foreign_entry (entry_id);
-- Manifests of C2PA are asked for by the label of the active one.
CREATE INDEX asset_manifest_label ON asset_manifest ((said ->> 'label')) WHERE store IS NOT NULL;
-- The console: callers who sign in. An account is a caller's way in by the browser; it holds no role of its own.
CREATE TABLE account (
    account_id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
    caller_id uuid NOT NULL UNIQUE REFERENCES caller,
    sign_in_name text NOT NULL UNIQUE CHECK (sign_in_name <> ''),
    password_hash text,
    oidc_issuer text,
    oidc_subject text,
    language text CHECK (language IN ('en', 'es', 'fr', 'ar')),
    invited_sha256 bytea UNIQUE CHECK (octet_length(invited_sha256) = 32),
    invited_until timestamptz,
    created_at timestamptz NOT NULL DEFAULT now(),
    last_sign_in_at timestamptz,
    UNIQUE (oidc_issuer, oidc_subject),
    CHECK ((oidc_issuer IS NULL) = (oidc_subject IS NULL)),
    CHECK ((invited_sha256 IS NULL) = (invited_until IS NULL))
);
COMMENT ON TABLE account IS 'How a caller that is a person signs in to the console. What it may do is its caller''s to say.';
COMMENT ON COLUMN account.account_id IS 'Identity.';
COMMENT ON COLUMN account.caller_id IS 'Who signs in: a caller like any other, with or without keys.';
COMMENT ON COLUMN account.sign_in_name IS 'What is typed to sign in, normalised and in lower case; unique in the deployment.';
COMMENT ON COLUMN account.password_hash IS 'Argon2id of the password, with its own salt and costs; null: it has none.';
COMMENT ON COLUMN account.oidc_issuer IS 'The OpenID provider that vouches for it; null: none.';
COMMENT ON COLUMN account.oidc_subject IS 'Who it is to that provider, which never changes there.';
COMMENT ON COLUMN account.language IS 'In which language it reads the console; null: as the browser asks.';
COMMENT ON COLUMN account.invited_sha256 IS 'SHA-256 of the invitation that is open; null: none is.';
COMMENT ON COLUMN account.invited_until IS 'From when on that invitation no longer works.';
COMMENT ON COLUMN account.created_at IS 'When it was made.';
COMMENT ON COLUMN account.last_sign_in_at IS 'When somebody last signed in; null: nobody has.';

CREATE TABLE account_passkey (
    passkey_id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
    account_id uuid NOT NULL REFERENCES account ON DELETE CASCADE,
    credential_id bytea NOT NULL UNIQUE CHECK (octet_length(credential_id) BETWEEN 1 AND 1023),
    public_key bytea NOT NULL,
    sign_count bigint NOT NULL CHECK (sign_count >= 0),
    name text NOT NULL CHECK (name <> ''),
    created_at timestamptz NOT NULL DEFAULT now(),
    last_used_at timestamptz
);
COMMENT ON TABLE account_passkey IS 'A passkey of an account (WebAuthn). Only its public half is here.';
COMMENT ON COLUMN account_passkey.passkey_id IS 'Identity, for people and records.';
COMMENT ON COLUMN account_passkey.account_id IS 'Whose it is.';
COMMENT ON COLUMN account_passkey.credential_id IS 'How the authenticator names it.';
COMMENT ON COLUMN account_passkey.public_key IS 'Its public key, as COSE has it.';
COMMENT ON COLUMN account_passkey.sign_count IS 'How often it has signed, by its own count; 0 where it does not count. One that goes back was cloned.';
COMMENT ON COLUMN account_passkey.name IS 'What its owner calls it: "phone".';
COMMENT ON COLUMN account_passkey.created_at IS 'When it was added.';
COMMENT ON COLUMN account_passkey.last_used_at IS 'When somebody last signed in with it; null: nobody has.';
CREATE INDEX account_passkey_account ON account_passkey (account_id, created_at);

CREATE TABLE account_session (
    session_id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
    token_sha256 bytea NOT NULL UNIQUE CHECK (octet_length(token_sha256) = 32),
    account_id uuid NOT NULL REFERENCES account ON DELETE CASCADE,
    means text NOT NULL CHECK (means IN ('password', 'passkey', 'oidc', 'invitation')),
    agent text NOT NULL,
    created_at timestamptz NOT NULL DEFAULT now(),
    seen_at timestamptz NOT NULL DEFAULT now(),
    ends_at timestamptz NOT NULL,
    ended_at timestamptz
) WITH (fillfactor = 70);
COMMENT ON TABLE account_session IS 'A browser in which somebody is signed in.';
COMMENT ON COLUMN account_session.session_id IS 'Identity, for people.';
COMMENT ON COLUMN account_session.token_sha256 IS 'SHA-256 of the cookie (256 random bits), which is never stored.';
COMMENT ON COLUMN account_session.account_id IS 'Who is signed in.';
COMMENT ON COLUMN account_session.means IS 'How: password, passkey, oidc, or invitation (the first time).';
COMMENT ON COLUMN account_session.agent IS 'Browser and system, in a few words, so that its owner knows it again. No address is kept.';
COMMENT ON COLUMN account_session.created_at IS 'When they signed in.';
COMMENT ON COLUMN account_session.seen_at IS 'When it was last used, to a minute; after some time without use it is over.';
COMMENT ON COLUMN account_session.ends_at IS 'When it is over, used or not.';
COMMENT ON COLUMN account_session.ended_at IS 'When it was ended, by signing out or from another browser; null: it was not.';
CREATE INDEX account_session_account ON account_session (account_id, created_at);
CREATE INDEX account_session_over ON account_session (ends_at);

CREATE TABLE account_ceremony (
    token_sha256 bytea PRIMARY KEY CHECK (octet_length(token_sha256) = 32),
    kind text NOT NULL CHECK (kind IN ('passkey_sign_in', 'passkey_add', 'oidc')),
    account_id uuid REFERENCES account ON DELETE CASCADE,
    state jsonb NOT NULL,
    ends_at timestamptz NOT NULL
);
COMMENT ON TABLE account_ceremony IS 'What was asked of an authenticator or a provider and is answered once, within minutes.';
COMMENT ON COLUMN account_ceremony.token_sha256 IS 'SHA-256 of the word by which the browser names it.';
COMMENT ON COLUMN account_ceremony.kind IS 'What it is for.';
COMMENT ON COLUMN account_ceremony.account_id IS 'Whom it adds something to; null: somebody signs in.';
COMMENT ON COLUMN account_ceremony.state IS 'Challenge, nonce, verifier: random words, nothing personal.';
COMMENT ON COLUMN account_ceremony.ends_at IS 'When it is over.';
CREATE INDEX account_ceremony_over ON account_ceremony (ends_at);

CREATE TABLE account_attempt (
    subject_sha256 bytea PRIMARY KEY CHECK (octet_length(subject_sha256) = 32),
    failures integer NOT NULL CHECK (failures > 0),
    failed_at timestamptz NOT NULL
) WITH (fillfactor = 70);
COMMENT ON TABLE account_attempt IS 'Attempts to sign in that failed, by name and by network, so that guessing gets slow.';
COMMENT ON COLUMN account_attempt.subject_sha256 IS 'Keyed digest of a name or of a network: neither is kept.';
COMMENT ON COLUMN account_attempt.failures IS 'How many failed, one after the other.';
COMMENT ON COLUMN account_attempt.failed_at IS 'When the last one did; after a day of none the row goes.';
CREATE INDEX account_attempt_over ON account_attempt (failed_at);

CREATE TABLE console_secret (
    "only" boolean PRIMARY KEY DEFAULT true CHECK ("only"),
    secret bytea NOT NULL CHECK (octet_length(secret) = 64)
);
COMMENT ON TABLE console_secret IS 'What forms of the console are signed with, the same in every API process. It opens no session.';
COMMENT ON COLUMN console_secret."only" IS 'There is one.';
COMMENT ON COLUMN console_secret.secret IS '488 random bits.';
INSERT INTO console_secret (secret)
SELECT uuid_send(gen_random_uuid()) || uuid_send(gen_random_uuid()) || uuid_send(gen_random_uuid()) || uuid_send(gen_random_uuid());
-- What was asserted of entries can be taken back, peers are told of new pages, and watched lookups of entries that end.
CREATE TABLE assertion_status (
    status_no bigint GENERATED ALWAYS AS IDENTITY (START WITH 0 MINVALUE 0) PRIMARY KEY,
    entry_id uuid NOT NULL,
    tier text NOT NULL CHECK (tier IN ('reviewed', 'court_order')),
    media uuid[] NOT NULL,
    said bytea NOT NULL CHECK (octet_length(said) = 32),
    holds_until timestamptz NOT NULL,
    UNIQUE (entry_id, said)
);
COMMENT ON TABLE assertion_status IS 'What is asserted of entries in signed credentials, by its place in the status lists (W3C Bitstring Status List 1.0): whether it still stands is asked of the entry whenever a list is signed.';
COMMENT ON COLUMN assertion_status.status_no IS 'Its place: list number times 131,072 and the index in that list. Never given twice.';
COMMENT ON COLUMN assertion_status.entry_id IS 'The entry. No foreign key: what was asserted of an entry that is gone stands no longer, and is said to.';
COMMENT ON COLUMN assertion_status.tier IS 'The tier that was asserted.';
COMMENT ON COLUMN assertion_status.media IS 'Ids of the media that were named.';
COMMENT ON COLUMN assertion_status.said IS 'SHA-256 of tier and media, by which the same is not given a second place.';
COMMENT ON COLUMN assertion_status.holds_until IS 'When the last credential that says so ends; a day later the place is silent, and nobody asks for it.';
CREATE INDEX assertion_status_held ON assertion_status (holds_until);

ALTER TABLE exchange ADD COLUMN followed_at timestamptz;
COMMENT ON COLUMN exchange.followed_at IS 'When the peer was last asked to tell of new pages, whether it agreed or not; null: never.';

CREATE INDEX watch_answer_entry ON watch_answer (entry_id);
-- What ties fingerprints to the record, and the record to the clocks of others.
CREATE TABLE fingerprint_commitment (
    asset_id uuid,
    digest bytea CHECK (octet_length(digest) = 32),
    salt bytea NOT NULL CHECK (octet_length(salt) = 32),
    commitment bytea NOT NULL CHECK (octet_length(commitment) = 32),
    committed_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    PRIMARY KEY (asset_id, digest)
);
COMMENT ON TABLE fingerprint_commitment IS 'What ties the events of an asset to its fingerprints, each that it had: with it one can prove which fingerprint was known when. Deleting it unties them.';
COMMENT ON COLUMN fingerprint_commitment.asset_id IS 'The asset.';
COMMENT ON COLUMN fingerprint_commitment.digest IS 'SHA-256 of the fingerprint document as stored, without faces, in canonical JSON (RFC 8785): see registry.domain.frozen.';
COMMENT ON COLUMN fingerprint_commitment.salt IS 'Random.';
COMMENT ON COLUMN fingerprint_commitment.commitment IS 'SHA-256 of the salt and the digest in hex, as events have it.';
COMMENT ON COLUMN fingerprint_commitment.committed_at IS 'When it was first stored, by the database''s clock.';

CREATE TABLE ledger_stamp (
    size bigint PRIMARY KEY CHECK (size > 0),
    response bytea NOT NULL CHECK (octet_length(response) BETWEEN 1 AND 65536),
    stamped_at timestamptz NOT NULL,
    authority text NOT NULL CHECK (authority <> ''),
    created_at timestamptz NOT NULL DEFAULT clock_timestamp()
);
COMMENT ON TABLE ledger_stamp IS 'Time stamps of checkpoints by an authority (RFC 3161): what a checkpoint covers was there at that time. Append-only.';
COMMENT ON COLUMN ledger_stamp.size IS 'Of the checkpoint whose note was stamped, signatures included.';
COMMENT ON COLUMN ledger_stamp.response IS 'What the authority answered: a TimeStampResp of RFC 3161.';
COMMENT ON COLUMN ledger_stamp.stamped_at IS 'The time that it states.';
COMMENT ON COLUMN ledger_stamp.authority IS 'Who states it, as its certificate names it.';
COMMENT ON COLUMN ledger_stamp.created_at IS 'When it was got, by the database''s clock.';
CREATE TRIGGER ledger_stamp_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON ledger_stamp
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();

CREATE TABLE ledger_stamping (
    one boolean PRIMARY KEY DEFAULT true CHECK (one),
    due_at timestamptz NOT NULL DEFAULT '-infinity',
    failures integer NOT NULL DEFAULT 0 CHECK (failures >= 0),
    error_code text CHECK (error_code <> ''),
    failed_at timestamptz,
    CHECK ((error_code IS NULL) = (failures = 0) AND (failed_at IS NULL) = (failures = 0))
);
COMMENT ON TABLE ledger_stamping IS 'When a checkpoint is stamped next. One process at a time takes it, by moving due_at on before it asks.';
COMMENT ON COLUMN ledger_stamping.one IS 'There is one row.';
COMMENT ON COLUMN ledger_stamping.due_at IS 'Not before; nothing is asked while there is nothing new to stamp.';
COMMENT ON COLUMN ledger_stamping.failures IS 'Attempts in a row that came to nothing.';
COMMENT ON COLUMN ledger_stamping.error_code IS 'What the last of them failed with; null: none has failed since the last stamp.';
COMMENT ON COLUMN ledger_stamping.failed_at IS 'When that was.';
INSERT INTO ledger_stamping DEFAULT VALUES;
-- Entries that come by the thousand: what a transaction need do once is done once, and not with each row.
CREATE OR REPLACE FUNCTION count_own_change() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    bank uuid;
    organization uuid;
    counted text;
BEGIN
    IF TG_TABLE_NAME = 'entry' THEN
        bank := NEW.bank_id;
    ELSIF TG_TABLE_NAME = 'entry_asset' THEN
        SELECT e.bank_id INTO bank FROM entry e WHERE e.entry_id = NEW.entry_id;
    ELSE
        IF NEW.organization_id IS NOT NULL THEN
            PERFORM count_change(NEW.organization_id);
        END IF;
        RETURN NULL;
    END IF;
    -- The bank whose rows this transaction has counted last: it is forgotten with the transaction.
    counted := pg_current_xact_id()::text || ' ' || bank::text;
    IF counted = current_setting('fakeprint.counted', true) THEN
        RETURN NULL;
    END IF;
    SELECT b.organization_id INTO organization FROM bank b WHERE b.bank_id = bank;
    IF organization IS NOT NULL THEN
        PERFORM count_change(organization);
        PERFORM set_config('fakeprint.counted', counted, true);
    END IF;
    RETURN NULL;
END
$$;

CREATE OR REPLACE FUNCTION ask_watches(entry_ids uuid[]) RETURNS void LANGUAGE sql AS $$
    -- What this transaction has asked already is asked: of an entry and its media that come together, once.
    INSERT INTO watch_due AS d (entry_id)
    SELECT DISTINCT e FROM unnest(entry_ids) e
    WHERE NOT EXISTS (SELECT FROM watch_due a WHERE a.entry_id = e AND a.xmin = pg_current_xact_id()::xid)
    ORDER BY e
    ON CONFLICT (entry_id) DO UPDATE SET asked = d.asked + 1, tries = 0
$$;

CREATE OR REPLACE FUNCTION queue_added_media() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    -- Media that came with an entry which its own organization trusts from the start are trusted as far.
    INSERT INTO review_item (entry_id, reason, bank_id, priority)
    SELECT DISTINCT e.entry_id, 'added_media', e.bank_id, 4
    FROM new_rows n JOIN entry e USING (entry_id)
    WHERE e.tier <> 'unreviewed' OR e.original_tier <> 'unreviewed'
       OR (n.own_tier = 'unreviewed' AND (e.own_tier <> 'unreviewed' OR e.own_original_tier <> 'unreviewed'))
    ON CONFLICT DO NOTHING;
    -- Whoever sees one side of a conflict is told only where the other may be seen too.
    WITH conflict AS MATERIALIZED (
        SELECT n.entry_id AS mine, mb.bank_id AS my_bank, x.entry_id AS theirs, tb.bank_id AS their_bank,
               answers_to(tb, mb.organization_id) AS i_see, answers_to(mb, tb.organization_id) AS they_see
        FROM new_rows n
        JOIN asset a USING (asset_id)
        JOIN asset o ON o.sha256 = a.sha256
        JOIN entry_asset x ON x.asset_id = o.asset_id AND x.role <> n.role
        JOIN entry te ON te.entry_id = x.entry_id AND te.status <> 'withdrawn'
        JOIN bank mb ON mb.bank_id = a.bank_id
        JOIN bank tb ON tb.bank_id = o.bank_id
    )
    INSERT INTO review_item (entry_id, reason, bank_id, priority)
    SELECT mine, 'role_conflict', my_bank, 2 FROM conflict WHERE i_see
    UNION
    SELECT theirs, 'role_conflict', their_bank, 2 FROM conflict WHERE they_see
    ORDER BY 1
    ON CONFLICT DO NOTHING;
    RETURN NULL;
END
$$;
-- Views of lists that people keep in the console: a name and filters, of one account, in whatever browser.
CREATE TABLE account_view (
    account_id uuid NOT NULL REFERENCES account ON DELETE CASCADE,
    list text NOT NULL CHECK (list IN ('review', 'entries')),
    name text NOT NULL CHECK (name <> ''),
    query text NOT NULL,
    kept_at timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (account_id, list, name)
);
COMMENT ON TABLE account_view IS 'Filters of a list of the console that somebody keeps under a name. It goes with the account.';
COMMENT ON COLUMN account_view.account_id IS 'Whose it is; nobody else sees it.';
COMMENT ON COLUMN account_view.list IS 'Of which list: review, what waits for a reviewer; entries.';
COMMENT ON COLUMN account_view.name IS 'What its owner calls it.';
COMMENT ON COLUMN account_view.query IS 'The filters as the query string of the list''s page. It names no depicted person: such words are not kept.';
COMMENT ON COLUMN account_view.kept_at IS 'When it was kept, or last changed.';
-- The private page: a person without an account registers fingerprints that were made on their device, and follows or
-- withdraws the case by a number and a PIN.
CREATE TABLE private_intake (
    "only" boolean PRIMARY KEY DEFAULT true CHECK ("only"),
    bank_id uuid NOT NULL REFERENCES bank,
    caller_id uuid NOT NULL REFERENCES caller,
    open boolean NOT NULL,
    changed_by uuid NOT NULL REFERENCES caller,
    changed_at timestamptz NOT NULL DEFAULT now()
);
COMMENT ON TABLE private_intake IS 'Which bank takes private cases. No row: nobody ever said so, and none are taken.';
COMMENT ON COLUMN private_intake."only" IS 'There is one.';
COMMENT ON COLUMN private_intake.bank_id IS 'The bank, whose organization takes them. Whether its policy still suits is asked each time.';
COMMENT ON COLUMN private_intake.caller_id IS 'As whom cases are registered: a caller of that organization without a key. Revoked, no more are taken.';
COMMENT ON COLUMN private_intake.open IS 'Whether new cases are taken. Those that are there can be followed and withdrawn whatever it says.';
COMMENT ON COLUMN private_intake.changed_by IS 'The operator who said so last.';
COMMENT ON COLUMN private_intake.changed_at IS 'When.';

CREATE TABLE private_case (
    case_id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
    entry_id uuid NOT NULL UNIQUE REFERENCES entry ON DELETE CASCADE,
    case_number text UNIQUE CHECK (case_number ~ '^[0-9A-HJKMNP-TV-Z]{10}$'),
    pin_hash text,
    standing text NOT NULL CHECK (standing IN ('depicted', 'authorized')),
    intimate boolean NOT NULL,
    opened_at timestamptz NOT NULL DEFAULT now(),
    withdrawn_at timestamptz,
    ended_at timestamptz,
    CHECK ((case_number IS NULL) = (pin_hash IS NULL)),
    CHECK (withdrawn_at IS NULL OR ended_at IS NOT NULL)
);
COMMENT ON TABLE private_case IS 'An entry that a person without an account registered. Nothing here says who: what they wrote is sealed with the entry''s details.';
COMMENT ON COLUMN private_case.case_id IS 'Identity, for people who work on cases.';
COMMENT ON COLUMN private_case.entry_id IS 'The entry that it became: its own, also where another case holds the same file.';
COMMENT ON COLUMN private_case.case_number IS 'Ten letters and digits of Crockford''s base 32, the last one a check; null once nobody can follow it any more.';
COMMENT ON COLUMN private_case.pin_hash IS 'Argon2id of the PIN, with its own salt and costs. The PIN was shown once.';
COMMENT ON COLUMN private_case.standing IS 'What they say of themselves: depicted (it shows them), authorized (they act for whom it shows).';
COMMENT ON COLUMN private_case.intimate IS 'Whether they say that it is intimate.';
COMMENT ON COLUMN private_case.opened_at IS 'When it came.';
COMMENT ON COLUMN private_case.withdrawn_at IS 'When they withdrew it by number and PIN; nobody restores its entry then. Null: they did not.';
COMMENT ON COLUMN private_case.ended_at IS 'Since when its entry is known to be withdrawn, by whomever; some days later number and PIN are forgotten.';
CREATE INDEX private_case_opened ON private_case (opened_at, case_id);
CREATE INDEX private_case_followed ON private_case (ended_at) WHERE case_number IS NOT NULL;
-- What registries exchange: which media each record names, what was replaced and has not come, what peers saw of each other.
ALTER TABLE listing_source ADD COLUMN media uuid[];
COMMENT ON COLUMN listing_source.media IS 'Which of the entry''s media this record names, as what they are there; null: all that lists have brought. A medium that no record names any more goes.';

CREATE TABLE peer_awaited (
    exchange_id uuid NOT NULL REFERENCES exchange,
    origin_entry_id uuid NOT NULL,
    page_no integer NOT NULL CHECK (page_no > 0),
    since timestamptz NOT NULL DEFAULT clock_timestamp(),
    PRIMARY KEY (exchange_id, origin_entry_id)
);
COMMENT ON TABLE peer_awaited IS 'Entries of which a peer shows the hash of what it said, as replaced, and not yet what it says instead: where that does not come, it holds back something.';
COMMENT ON COLUMN peer_awaited.exchange_id IS 'The peer.';
COMMENT ON COLUMN peer_awaited.origin_entry_id IS 'The entry''s id there.';
COMMENT ON COLUMN peer_awaited.page_no IS 'The page that shows the hash.';
COMMENT ON COLUMN peer_awaited.since IS 'When that was read first.';

CREATE TABLE peer_heard (
    exchange_id uuid NOT NULL REFERENCES exchange,
    teller_id uuid NOT NULL REFERENCES exchange,
    size bigint NOT NULL CHECK (size >= 0),
    root bytea NOT NULL CHECK (octet_length(root) = 32),
    note text NOT NULL,
    heard_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    PRIMARY KEY (exchange_id, size, root)
);
CREATE INDEX peer_heard_teller ON peer_heard (teller_id, exchange_id);
COMMENT ON TABLE peer_heard IS 'What a peer has signed of its ledger as another peer was shown it, until it is proved to be the ledger that is shown here: whoever shows two has forked.';
COMMENT ON COLUMN peer_heard.exchange_id IS 'The peer whose ledger it is.';
COMMENT ON COLUMN peer_heard.teller_id IS 'The peer that was shown it, and told of it first.';
COMMENT ON COLUMN peer_heard.size IS 'How many leaves it covers.';
COMMENT ON COLUMN peer_heard.root IS 'Their root hash.';
COMMENT ON COLUMN peer_heard.note IS 'The signed note; its signature was verified.';
COMMENT ON COLUMN peer_heard.heard_at IS 'When it was heard.';

ALTER TABLE peer_fork ADD COLUMN teller_id uuid REFERENCES exchange;
COMMENT ON COLUMN peer_fork.teller_id IS 'The peer that was shown the second note; null: it was shown here.';
-- Pictures of registered media at an instant, for people who compare.
CREATE TABLE still (
    asset_id uuid NOT NULL REFERENCES asset,
    at_ms integer NOT NULL CHECK (at_ms >= 0),
    blob_key text,
    error_code text,
    asked_by uuid NOT NULL REFERENCES caller,
    asked_at timestamptz NOT NULL DEFAULT now(),
    ended_at timestamptz,
    PRIMARY KEY (asset_id, at_ms),
    CHECK (blob_key IS NULL OR error_code IS NULL),
    CHECK ((blob_key IS NULL AND error_code IS NULL) = (ended_at IS NULL))
);
COMMENT ON TABLE still IS 'A picture of a medium at an instant, blurred and clear, made by a worker when somebody asks and kept for a day.';
COMMENT ON COLUMN still.asset_id IS 'The medium.';
COMMENT ON COLUMN still.at_ms IS 'The instant, in milliseconds from its first picture, to a tenth of a second.';
COMMENT ON COLUMN still.blob_key IS 'Where both pictures are kept; null until they are made.';
COMMENT ON COLUMN still.error_code IS 'Why it could not be made: a stable code.';
COMMENT ON COLUMN still.asked_by IS 'Who asked for it last.';
COMMENT ON COLUMN still.asked_at IS 'When it was last asked for.';
COMMENT ON COLUMN still.ended_at IS 'When it was made, or could not be; null while it waits.';
CREATE INDEX still_blob ON still (blob_key) WHERE blob_key IS NOT NULL;
CREATE INDEX still_waiting ON still (asked_by) WHERE ended_at IS NULL;

-- When the sweeper last saw the database take writes.
CREATE TABLE sweeper (
    is_only boolean PRIMARY KEY DEFAULT true CHECK (is_only),
    swept_at timestamptz NOT NULL DEFAULT now(),
    steady_since timestamptz NOT NULL DEFAULT '-infinity',
    server_began timestamptz
);
COMMENT ON TABLE sweeper IS 'When whoever sweeps jobs last saw the database take writes, in one row.';
COMMENT ON COLUMN sweeper.is_only IS 'There is one row.';
COMMENT ON COLUMN sweeper.swept_at IS 'When it last did.';
COMMENT ON COLUMN sweeper.steady_since IS 'Since when it has without a pause, and as the same server.';
COMMENT ON COLUMN sweeper.server_began IS 'When that server started, or had recovered from a crash.';

-- Media and pictures that a row named and names no longer, until they are deleted: who lets one go may be killed before.
CREATE TABLE parting_blob (
    number bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    blob_key text NOT NULL,
    noted_at timestamptz NOT NULL DEFAULT now()
);
COMMENT ON TABLE parting_blob IS 'What a row names no longer, until it is deleted, or seen to be needed by another: mostly for milliseconds.';
COMMENT ON COLUMN parting_blob.number IS 'Its number. The same blob may come twice, so that nobody who lets it go waits for another who does.';
COMMENT ON COLUMN parting_blob.blob_key IS 'The blob.';
COMMENT ON COLUMN parting_blob.noted_at IS 'When it was let go.';
CREATE INDEX parting_blob_key ON parting_blob (blob_key);
CREATE FUNCTION note_parting_blob() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO parting_blob (blob_key) VALUES (OLD.blob_key);
    RETURN NULL;
END $$;
CREATE TRIGGER asset_lets_blob_go AFTER UPDATE OF blob_key ON asset
    FOR EACH ROW WHEN (OLD.blob_key IS DISTINCT FROM NEW.blob_key AND OLD.blob_key IS NOT NULL)
    EXECUTE FUNCTION note_parting_blob();
CREATE TRIGGER still_lets_blob_go AFTER DELETE ON still
    FOR EACH ROW WHEN (OLD.blob_key IS NOT NULL) EXECUTE FUNCTION note_parting_blob();

-- Private cases wait for reviewers before everything else.
CREATE FUNCTION put_cases_first() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF EXISTS (SELECT FROM private_case WHERE entry_id = NEW.entry_id) THEN
        NEW.priority := 0;
    END IF;
    RETURN NEW;
END
$$;
COMMENT ON FUNCTION put_cases_first() IS 'A private case waits before everything else, whatever it waits for.';
CREATE TRIGGER private_cases_first BEFORE INSERT ON review_item FOR EACH ROW EXECUTE FUNCTION put_cases_first();

-- Takedown: a notice that left its drafts is prepared, handed over, or delivered, and is called by that name alone. Who
-- goes on although its entry is disputed says so first.
ALTER TABLE notice_delivery ADD COLUMN delivered_at timestamptz;
ALTER TABLE notice_delivery ADD COLUMN receipt_sha256 bytea CHECK (octet_length(receipt_sha256) = 32);
ALTER TABLE notice_delivery ADD CONSTRAINT notice_delivery_delivered_was_handed
    CHECK (delivered_at IS NULL OR (handed_at IS NOT NULL AND delivered_at >= handed_at));
ALTER TABLE notice_delivery ADD COLUMN receipt_by uuid REFERENCES caller;
ALTER TABLE notice_delivery ADD CONSTRAINT notice_delivery_receipt_says_who
    CHECK (num_nulls(receipt_sha256, receipt_by) IN (0, 2) AND (receipt_by IS NULL OR delivered_at IS NOT NULL));
COMMENT ON COLUMN notice_delivery.handed_at IS 'When it was handed over: the mail server or the platform''s API took it, or a person posted it. The term runs from then on.';
COMMENT ON COLUMN notice_delivery.delivered_at IS 'When the platform has received it for certain: its own API said so, or a receipt does. Null: not known.';
COMMENT ON COLUMN notice_delivery.receipt_sha256 IS 'SHA-256 of the receipt of delivery; null for an API''s answer.';
COMMENT ON COLUMN notice_delivery.receipt_by IS 'Who has given it.';
COMMENT ON COLUMN notice_delivery.proof_sha256 IS 'SHA-256 of a person''s proof that it was handed over; null: the person''s word alone.';

ALTER TABLE notice ADD COLUMN despite_dispute_by uuid REFERENCES caller;
ALTER TABLE notice ADD COLUMN despite_dispute_at timestamptz;
ALTER TABLE notice ADD CONSTRAINT notice_despite_dispute_says_who
    CHECK (num_nulls(despite_dispute_by, despite_dispute_at) IN (0, 2));
COMMENT ON COLUMN notice.despite_dispute_by IS 'Who last said to go on although the entry is disputed.';
COMMENT ON COLUMN notice.despite_dispute_at IS 'When. A dispute that is opened later hinders the notice again.';
COMMENT ON COLUMN notice.sent_at IS 'When its letter was last prepared for hand-over. When that was handed over stands with its delivery.';

CREATE FUNCTION notice_stands(n notice) RETURNS text LANGUAGE sql STABLE
    RETURN CASE WHEN n.state <> 'sent' THEN n.state ELSE coalesce(
        (SELECT CASE WHEN d.delivered_at IS NOT NULL THEN 'delivered' WHEN d.handed_at IS NOT NULL THEN 'handed_over' END
         FROM notice_delivery d WHERE d.notice_id = n.notice_id AND d.kind = 'notice' ORDER BY d.move_no DESC LIMIT 1),
        'prepared') END;
COMMENT ON FUNCTION notice_stands(notice) IS 'Where a notice stands, as everybody is told: its state, and of one that is `sent` what its delivery shows: prepared, handed_over, delivered.';

CREATE FUNCTION stands_at_least(state text) RETURNS text LANGUAGE sql IMMUTABLE PARALLEL SAFE
    RETURN CASE WHEN state = 'sent' THEN 'prepared' ELSE state END;
COMMENT ON FUNCTION stands_at_least(text) IS 'A state in a history, as everybody is told: a letter whose hand-over is told elsewhere is prepared.';

CREATE OR REPLACE FUNCTION move_notices(which uuid[], doing text, after text, why text, by_caller uuid DEFAULT NULL,
                             pause text DEFAULT NULL, by_dispute uuid DEFAULT NULL, words bytea DEFAULT NULL,
                             due timestamptz DEFAULT NULL)
    RETURNS SETOF uuid LANGUAGE sql AS $$
    WITH moved AS (
        UPDATE notice n SET
            state = coalesce(after, n.state), move_no = n.move_no + 1,
            paused_for = CASE doing
                WHEN 'pause' THEN array_append(array_remove(n.paused_for, pause), pause)
                ELSE array_remove(n.paused_for, pause) END,
            dispute_id = coalesce(by_dispute, n.dispute_id),
            sent_at = CASE doing WHEN 'send' THEN now() ELSE n.sent_at END,
            due_at = CASE doing WHEN 'send' THEN due ELSE n.due_at END,
            acknowledged_at = CASE doing WHEN 'acknowledge' THEN now() ELSE n.acknowledged_at END,
            removed_at = CASE doing WHEN 'remove' THEN now() ELSE n.removed_at END,
            -- What was confirmed was confirmed of the first time.
            verdict = CASE WHEN doing <> 'reopen' THEN n.verdict END,
            asset_id = CASE WHEN doing <> 'reopen' THEN n.asset_id END,
            match = CASE WHEN doing <> 'reopen' THEN n.match END,
            checked_at = CASE WHEN doing <> 'reopen' THEN n.checked_at END,
            ground = CASE WHEN doing <> 'reopen' THEN n.ground END,
            confirmed_by = CASE WHEN doing <> 'reopen' THEN n.confirmed_by END,
            confirmed_at = CASE WHEN doing <> 'reopen' THEN n.confirmed_at END
        FROM notice o WHERE n.notice_id = ANY (which) AND o.notice_id = n.notice_id
        RETURNING n.notice_id, n.organization_id, n.campaign_id, n.entry_id, n.move_no, o.state AS before, n.state AS after
    ), written AS (
        INSERT INTO notice_move (notice_id, move_no, act, from_state, to_state, caller_id, reason_code, dispute_id, sealed)
        SELECT m.notice_id, m.move_no, doing, m.before, m.after, by_caller, why, by_dispute, words FROM moved m
    ), told AS (
        INSERT INTO event (kind, organization_id, caller_id, entry_id, subject, said)
        SELECT 'notice.moved', m.organization_id, by_caller, m.entry_id,
               jsonb_build_object('notice_id', m.notice_id, 'campaign_id', m.campaign_id),
               jsonb_build_object('act', doing, 'from', stands_at_least(m.before), 'to', stands_at_least(m.after), 'move', m.move_no, 'reason_code', why)
        FROM moved m
        RETURNING event_id
    ), awaited AS (
        INSERT INTO event_waiting (event_id) SELECT event_id FROM told
    )
    SELECT m.notice_id FROM moved m
$$;

CREATE OR REPLACE FUNCTION notice_hindrances(asked uuid) RETURNS text[] LANGUAGE sql STABLE AS $$
    SELECT array_remove(ARRAY[
        CASE WHEN n.state <> 'ready' THEN 'not_ready' END,
        CASE WHEN n.paused_for <> '{}' THEN 'paused' END,
        CASE WHEN c.state <> 'open' THEN 'campaign_closed' END,
        CASE WHEN k.erased_at IS NOT NULL THEN 'client_erased' END,
        CASE WHEN e.status = 'withdrawn' THEN 'entry_withdrawn' WHEN e.status <> 'matchable' THEN 'entry_suspended' END,
        CASE WHEN NOT answers_to(b, n.organization_id) THEN 'entry_unseen' END,
        CASE WHEN e.tier NOT IN ('reviewed', 'court_order') THEN 'entry_unreviewed' END,
        CASE WHEN b.kind = 'negative' THEN 'entry_harmless' END,
        CASE WHEN m.revoked_at IS NOT NULL THEN 'mandate_revoked' END,
        CASE WHEN clock_timestamp() < m.valid_from THEN 'mandate_not_begun' END,
        CASE WHEN clock_timestamp() >= m.valid_until THEN 'mandate_expired' END,
        CASE WHEN c.signatory_sealed IS NULL THEN 'no_signatory' END,
        CASE WHEN NOT n.complete THEN 'elements_missing' END,
        CASE WHEN notice_verdict(n) = 'authentic_original' THEN 'authentic_original' END,
        CASE WHEN notice_verdict(n) = 'no_match' THEN 'no_match' END,
        CASE WHEN n.ground IS NULL THEN 'ground_unconfirmed' END,
        CASE WHEN n.address_marks <> '{}' AND n.address_confirmed_by IS NULL THEN 'address_unconfirmed' END,
        CASE WHEN n.asset_id IS NOT NULL AND NOT EXISTS (
            SELECT FROM entry_asset a WHERE a.entry_id = n.entry_id AND a.asset_id = n.asset_id AND a.role = 'fake'
              AND a.matchable_at IS NOT NULL AND a.tier IN ('reviewed', 'court_order')) THEN 'medium_unreviewed' END,
        CASE WHEN EXISTS (
            SELECT FROM dispute d WHERE d.entry_id = n.entry_id AND (
                (d.outcome IS NULL AND d.accepted_at IS NOT NULL)
                OR (d.outcome = 'upheld' AND d.closed_at >= coalesce(n.confirmed_at, '-infinity'))))
            THEN 'dispute_accepted' END,
        CASE WHEN EXISTS (
            SELECT FROM dispute d WHERE d.entry_id = n.entry_id AND d.outcome IS NULL AND d.accepted_at IS NULL
              AND d.opened_at >= coalesce(n.despite_dispute_at, '-infinity'))
            THEN 'entry_disputed' END,
        CASE WHEN n.answered_by IS NULL THEN 'scope_unasked' END,
        CASE WHEN NOT n.in_scope THEN 'out_of_scope' END,
        CASE WHEN n.excepted THEN 'excepted' END
    ], NULL)
    FROM notice n
    JOIN campaign c USING (campaign_id)
    JOIN client k USING (client_id)
    JOIN mandate m USING (mandate_id)
    JOIN entry e ON e.entry_id = n.entry_id
    JOIN bank b ON b.bank_id = e.bank_id
    WHERE n.notice_id = asked
$$;

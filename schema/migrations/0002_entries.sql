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

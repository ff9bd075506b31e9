-- Entries and their media: registration, description, tiers and states.

CREATE TABLE entry (
    entry_id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
    bank_id uuid NOT NULL REFERENCES bank,
    title text NOT NULL,
    claim text,
    manipulation text CHECK (manipulation IN ('face_swap', 'lip_sync', 'synthetic', 'edited', 'audio', 'voice_clone', 'spliced')),
    entry_references jsonb NOT NULL DEFAULT '[]',
    tier text NOT NULL DEFAULT 'unreviewed' CHECK (tier IN ('unreviewed', 'reviewed', 'court_order')),
    original_tier text NOT NULL DEFAULT 'unreviewed' CHECK (original_tier IN ('unreviewed', 'reviewed', 'court_order')),
    status text NOT NULL DEFAULT 'pending'
        CHECK (status IN ('pending', 'matchable', 'failed', 'suspended', 'withdrawn')),
    error_code text,
    error_message text,
    created_by uuid NOT NULL REFERENCES caller,
    created_at timestamptz NOT NULL DEFAULT now(),
    matchable_at timestamptz,
    own_tier text NOT NULL DEFAULT 'unreviewed' CHECK (own_tier IN ('unreviewed', 'reviewed', 'court_order')),
    own_original_tier text NOT NULL DEFAULT 'unreviewed'
        CHECK (own_original_tier IN ('unreviewed', 'reviewed', 'court_order')),
    suspended_for text,
    language text CHECK (language ~ '^[A-Za-z]{2,3}(-[A-Za-z0-9]{2,8}){0,3}$'),
    variant_of uuid REFERENCES entry,
    CHECK (status <> 'failed' OR error_code IS NOT NULL),
    CHECK (status <> 'matchable' OR matchable_at IS NOT NULL),
    CHECK (variant_of <> entry_id),
    CONSTRAINT entry_suspended_for_check CHECK (suspended_for IS NULL OR (status = 'suspended' AND suspended_for
        IN ('dispute', 'rejected', 'forged_fingerprint')))
);
COMMENT ON TABLE entry IS 'One known fake: the claim, its media, how far it is trusted.';
COMMENT ON COLUMN entry.entry_id IS 'Identity.';
COMMENT ON COLUMN entry.bank_id IS 'The bank it belongs to.';
COMMENT ON COLUMN entry.title IS 'A title for people.';
COMMENT ON COLUMN entry.claim IS 'What the fake claims or is said to show.';
COMMENT ON COLUMN entry.manipulation IS 'How it was made; null: not stated; taken as face_swap where the asset shows faces, else as edited.';
COMMENT ON COLUMN entry.entry_references IS 'ClaimReview and other references, as JSON objects with a url.';
COMMENT ON COLUMN entry.tier IS 'Trust in its fakes, those that were reviewed with it: see entry_asset.tier.';
COMMENT ON COLUMN entry.original_tier IS 'Trust in its originals, likewise. An original outranks a fake only at an equal or higher tier.';
COMMENT ON COLUMN entry.status IS 'Only matchable entries answer lookups.';
COMMENT ON COLUMN entry.error_code IS 'Why it failed: a stable code.';
COMMENT ON COLUMN entry.error_message IS 'Why it failed: for a person.';
COMMENT ON COLUMN entry.created_by IS 'The caller that registered it.';
COMMENT ON COLUMN entry.created_at IS 'When it was registered.';
COMMENT ON COLUMN entry.matchable_at IS 'When its first media became matchable, in one commit.';
COMMENT ON COLUMN entry.own_tier IS 'Trust in its fakes by its own organization. Reviewers of the same organization raise this alone, not tier, which applies to everybody else.';
COMMENT ON COLUMN entry.own_original_tier IS 'The same for its originals.';
COMMENT ON COLUMN entry.suspended_for IS 'Why it is suspended: a dispute, rejection by reviewers, or a fingerprint document that its media contradicts.';
COMMENT ON COLUMN entry.language IS 'Language of title and claim (BCP 47); null: not stated.';
COMMENT ON COLUMN entry.variant_of IS 'The entry of which this one is a variant; that one is no variant itself. Null: none.';
CREATE INDEX entry_bank ON entry (bank_id, created_at DESC, entry_id DESC);
CREATE INDEX entry_title ON entry (bank_id, lower(title), entry_id);
CREATE INDEX entry_failed ON entry (bank_id, created_at) WHERE status = 'failed';
CREATE FUNCTION entry_text(title text, claim text) RETURNS text
    LANGUAGE sql IMMUTABLE PARALLEL SAFE COST 200
    RETURN folded(title || ' ' || left(coalesce(claim, ''), 500));
COMMENT ON FUNCTION entry_text(text, text) IS 'What an entry is searched by: its title and the beginning of its claim, folded.';
-- Entries of hash lists have no titles that a person could search. They come by the million.
CREATE INDEX entry_search ON entry USING gin (search_keys(bank_id, entry_text(title, claim)))
    WHERE title NOT LIKE 'untitled %';
CREATE INDEX entry_variant ON entry (variant_of) WHERE variant_of IS NOT NULL;
CREATE CONSTRAINT TRIGGER entry_restricted AFTER UPDATE ON entry DEFERRABLE INITIALLY DEFERRED
    FOR EACH ROW WHEN (OLD.status = 'matchable' AND OLD IS DISTINCT FROM NEW) EXECUTE FUNCTION count_restriction();
CREATE CONSTRAINT TRIGGER entry_deleted AFTER DELETE ON entry DEFERRABLE INITIALLY DEFERRED
    FOR EACH ROW WHEN (OLD.status = 'matchable') EXECUTE FUNCTION count_restriction();
CREATE CONSTRAINT TRIGGER entry_opened AFTER UPDATE ON entry DEFERRABLE INITIALLY DEFERRED
    FOR EACH ROW WHEN (OLD.status <> 'matchable' AND NEW.status = 'matchable') EXECUTE FUNCTION count_own_change();
CREATE CONSTRAINT TRIGGER entry_inserted AFTER INSERT ON entry DEFERRABLE INITIALLY DEFERRED
    FOR EACH ROW WHEN (NEW.status = 'matchable') EXECUTE FUNCTION count_own_change();

CREATE TABLE asset (
    asset_id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
    bank_id uuid NOT NULL REFERENCES bank,
    sha256 bytea CHECK (octet_length(sha256) = 32),
    filename text NOT NULL DEFAULT '',
    kind text CHECK (kind IN ('image', 'video', 'audio')),
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
    asset_no integer GENERATED ALWAYS AS IDENTITY UNIQUE,
    md5 bytea CHECK (octet_length(md5) = 16),
    hash_key bytea,
    UNIQUE (bank_id, sha256),
    CHECK (status <> 'failed' OR error_code IS NOT NULL),
    CHECK (status <> 'pending' OR error_code IS NULL),
    CHECK (status <> 'fingerprinted' OR (fingerprinted_at IS NOT NULL AND kind IS NOT NULL)),
    CONSTRAINT asset_known_check CHECK (sha256 IS NOT NULL OR hash_key IS NOT NULL)
);
COMMENT ON TABLE asset IS 'A media file of a bank, known by its SHA-256; one row, however often it is registered.';
COMMENT ON COLUMN asset.asset_id IS 'Identity.';
COMMENT ON COLUMN asset.bank_id IS 'The bank it is kept in.';
COMMENT ON COLUMN asset.sha256 IS 'SHA-256 of the file; null: known by a hash alone, see hash_key.';
COMMENT ON COLUMN asset.filename IS 'The name it came with, for people; never used as a path.';
COMMENT ON COLUMN asset.kind IS 'image, video, or audio (sound alone); null until it was probed.';
COMMENT ON COLUMN asset.duration_s IS 'Length in seconds; 0 for an image.';
COMMENT ON COLUMN asset.width IS 'Width in pixels as shown; 0 for sound alone.';
COMMENT ON COLUMN asset.height IS 'Height in pixels as shown.';
COMMENT ON COLUMN asset.bytes IS 'Size of the file.';
COMMENT ON COLUMN asset.blob_key IS 'Where the media is kept; null: hash-only.';
COMMENT ON COLUMN asset.notes IS 'Stable codes about its quality: no_sscd, truncated_media, low_information.';
COMMENT ON COLUMN asset.status IS 'Whether its fingerprints are stored.';
COMMENT ON COLUMN asset.error_code IS 'Why fingerprinting from the media failed: a stable code. With status fingerprinted: what is stored came in a document.';
COMMENT ON COLUMN asset.error_message IS 'Why fingerprinting failed: for a person.';
COMMENT ON COLUMN asset.created_at IS 'When it was first registered.';
COMMENT ON COLUMN asset.fingerprinted_at IS 'When its fingerprints were stored.';
COMMENT ON COLUMN asset.asset_no IS 'A short id within this database, for tables with millions of rows.';
COMMENT ON COLUMN asset.md5 IS 'MD5 of the file, from the file or a hash list; compared for equality only.';
COMMENT ON COLUMN asset.hash_key IS 'Of an asset from a hash list: 16 bytes that identify algorithm and value, so that a hash is one asset in a bank (registry.sharing.lists.model.listed.hash_key).';
CREATE INDEX asset_sha256 ON asset (sha256);
CREATE UNIQUE INDEX asset_hash_key ON asset (bank_id, hash_key) WHERE hash_key IS NOT NULL;
CREATE INDEX asset_md5 ON asset (md5) WHERE md5 IS NOT NULL;
CREATE INDEX asset_failed_media ON asset (asset_id) WHERE status = 'failed' AND blob_key IS NOT NULL;
CREATE CONSTRAINT TRIGGER asset_restricted AFTER UPDATE ON asset DEFERRABLE INITIALLY DEFERRED
    FOR EACH ROW WHEN (OLD.status = 'fingerprinted'
        AND (OLD.sha256, OLD.kind, OLD.duration_s, OLD.notes, OLD.status, OLD.fingerprinted_at)
            IS DISTINCT FROM (NEW.sha256, NEW.kind, NEW.duration_s, NEW.notes, NEW.status, NEW.fingerprinted_at))
    EXECUTE FUNCTION count_restriction();
CREATE CONSTRAINT TRIGGER asset_deleted AFTER DELETE ON asset DEFERRABLE INITIALLY DEFERRED
    FOR EACH ROW WHEN (OLD.status = 'fingerprinted') EXECUTE FUNCTION count_restriction();

CREATE TABLE entry_asset (
    entry_id uuid NOT NULL REFERENCES entry,
    asset_id uuid NOT NULL REFERENCES asset,
    role text NOT NULL CHECK (role IN ('fake', 'original')),
    tier text NOT NULL DEFAULT 'unreviewed' CHECK (tier IN ('unreviewed', 'reviewed', 'court_order')),
    batch uuid NOT NULL,
    added_at timestamptz NOT NULL DEFAULT now(),
    matchable_at timestamptz,
    related_by text,
    own_tier text NOT NULL DEFAULT 'unreviewed' CHECK (own_tier IN ('unreviewed', 'reviewed', 'court_order')),
    added_by uuid REFERENCES caller,
    PRIMARY KEY (entry_id, asset_id, role)
);
COMMENT ON TABLE entry_asset IS 'Which media belong to which entry, and in which role. An original can serve many fakes.';
COMMENT ON COLUMN entry_asset.entry_id IS 'The entry.';
COMMENT ON COLUMN entry_asset.asset_id IS 'The media file.';
COMMENT ON COLUMN entry_asset.role IS 'fake: it is the known fake. original: it is authentic, and the fake was made from it.';
COMMENT ON COLUMN entry_asset.tier IS 'Trust in this medium: media added after a review are not covered by it. The lower of this and the entry''s tier applies.';
COMMENT ON COLUMN entry_asset.batch IS 'Media added in one call: they become matchable in one commit, or none does.';
COMMENT ON COLUMN entry_asset.added_at IS 'When it was added.';
COMMENT ON COLUMN entry_asset.matchable_at IS 'When it became matchable, with the rest of its batch; null: not yet.';
COMMENT ON COLUMN entry_asset.related_by IS 'The rules (name and version) by which entries with the same footage were searched; null: not yet, and the sweeper requests it.';
COMMENT ON COLUMN entry_asset.own_tier IS 'Trust in this medium by its own organization: see entry.own_tier.';
COMMENT ON COLUMN entry_asset.added_by IS 'Who added it, and so may not review it; null: whoever registered the entry.';
CREATE INDEX entry_asset_asset ON entry_asset (asset_id);
CREATE INDEX entry_asset_unrelated ON entry_asset (matchable_at) WHERE related_by IS NULL AND matchable_at IS NOT NULL;
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
-- An organization's own lookups depend on its own reviewers. For entry.own_tier, entry_restricted covers this.
CREATE CONSTRAINT TRIGGER entry_asset_own_trusted AFTER UPDATE ON entry_asset DEFERRABLE INITIALLY DEFERRED
    FOR EACH ROW WHEN (OLD.own_tier <> NEW.own_tier) EXECUTE FUNCTION count_own_change();

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
COMMENT ON TABLE entry_detail IS 'Whom an entry depicts, where it was seen, on what evidence: encrypted under a key of the entry''s own, outside the database.';
COMMENT ON COLUMN entry_detail.entry_id IS 'The entry.';
COMMENT ON COLUMN entry_detail.key_id IS 'The key, in the key folder (registry.core.crypto.keys); null: erased, and the key is destroyed.';
COMMENT ON COLUMN entry_detail.sealed IS 'JSON of registry.catalogue.entries.model.details.Details, encrypted (AES-256-GCM); null: erased.';
COMMENT ON COLUMN entry_detail.changed_by IS 'The caller that changed it last.';
COMMENT ON COLUMN entry_detail.changed_at IS 'When.';
COMMENT ON COLUMN entry_detail.erased_at IS 'When it was erased and the key destroyed; null: it was not.';

CREATE FUNCTION lower_tier(one text, other text) RETURNS text
    LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
    RETURN (ARRAY['unreviewed', 'reviewed', 'court_order'])[least(
        array_position(ARRAY['unreviewed', 'reviewed', 'court_order'], one),
        array_position(ARRAY['unreviewed', 'reviewed', 'court_order'], other)
    )];
COMMENT ON FUNCTION lower_tier(text, text) IS 'The less trusted of two tiers.';

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
COMMENT ON FUNCTION seen_tier(boolean, boolean, text, text, text, text) IS 'Trust in a medium as the caller sees it: its owner''s own reviewers count for the owner, for others only reviews by another organization.';

CREATE FUNCTION entry_may_become(one text, other text) RETURNS boolean
    LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
    RETURN (one || ' ' || other) IN (
        'pending matchable', 'pending failed', 'pending withdrawn',
        'failed pending', 'failed matchable', 'failed withdrawn',
        'matchable suspended', 'matchable withdrawn',
        'suspended matchable', 'suspended withdrawn',
        'withdrawn matchable', 'withdrawn pending');
COMMENT ON FUNCTION entry_may_become(text, text) IS 'Whether an entry may pass from one status to another: registry.review.queue.model.MOVES.';

CREATE FUNCTION guard_entry_status() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NOT entry_may_become(OLD.status, NEW.status) THEN
        RAISE EXCEPTION 'an entry cannot change from % to %', OLD.status, NEW.status
            USING ERRCODE = 'check_violation', CONSTRAINT = 'entry_status_moves';
    END IF;
    IF NEW.status <> 'suspended' THEN
        NEW.suspended_for := NULL;
    END IF;
    RETURN NEW;
END
$$;
COMMENT ON FUNCTION guard_entry_status() IS 'Trigger: refuse a change of status that is not allowed, and clear the reason of a suspension that is over.';
CREATE TRIGGER entry_status_moves BEFORE UPDATE OF status ON entry
    FOR EACH ROW WHEN (OLD.status <> NEW.status) EXECUTE FUNCTION guard_entry_status();

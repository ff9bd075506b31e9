-- Banks: who owns a bank, with whom it is shared, and by which matching policy.

CREATE TABLE bank (
    bank_id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
    organization_id uuid NOT NULL REFERENCES organization,
    name text NOT NULL CHECK (name ~ '^[^\s/][^/]{0,99}$'),
    visibility text NOT NULL DEFAULT 'public' CHECK (visibility IN ('private', 'shared', 'public')),
    policy jsonb NOT NULL DEFAULT '{}',
    created_at timestamptz NOT NULL DEFAULT now(),
    kind text NOT NULL DEFAULT 'fakes' CHECK (kind IN ('fakes', 'negative')),
    shared_with uuid[] NOT NULL DEFAULT '{}',
    overlaid boolean NOT NULL DEFAULT false,
    most_entries bigint CHECK (most_entries >= 0),
    most_media bigint CHECK (most_media >= 0),
    most_bytes bigint CHECK (most_bytes >= 0),
    closed_at timestamptz,
    record_lookups text CHECK (record_lookups IN ('none', 'matches', 'all')),
    CONSTRAINT bank_negative_check CHECK (kind <> 'negative' OR visibility = 'private'),
    CONSTRAINT bank_closed_check CHECK (closed_at IS NULL OR visibility = 'private')
);
COMMENT ON TABLE bank IS 'A collection of entries with an owner and a matching policy.';
COMMENT ON COLUMN bank.bank_id IS 'Identity.';
COMMENT ON COLUMN bank.organization_id IS 'Its owner.';
COMMENT ON COLUMN bank.name IS 'Shown name, unique within the owner.';
COMMENT ON COLUMN bank.visibility IS 'private: answers its owner only. shared: also those that bank_share names. public: every caller. What is unreviewed answers others by the rules of tiers.';
COMMENT ON COLUMN bank.policy IS 'What it changes of the default matching policy; see registry.domain.policy.Policy.';
COMMENT ON COLUMN bank.created_at IS 'When it was made.';
COMMENT ON COLUMN bank.kind IS 'fakes: its entries are known fakes. negative: known harmless look-alikes, which suppress matches of its owner.';
COMMENT ON COLUMN bank.shared_with IS 'The organizations that bank_share names, kept by a trigger in the same commit: lookups ask no other table.';
COMMENT ON COLUMN bank.overlaid IS 'Whether any organization has rules of its own for it (bank_overlay), kept by a trigger.';
COMMENT ON COLUMN bank.most_entries IS 'How many entries it may hold, withdrawn ones not counted; null: as many as there is room for.';
COMMENT ON COLUMN bank.most_media IS 'How many media it may hold; null: no limit.';
COMMENT ON COLUMN bank.most_bytes IS 'How many bytes its media may have together; null: no limit.';
COMMENT ON COLUMN bank.closed_at IS 'When its owner deleted it. The row stays for the entries that were withdrawn with it; its name is free again.';
COMMENT ON COLUMN bank.record_lookups IS 'Which lookups that ask this bank alone, or match in it, are put on record, whoever asks; null: as the asking organization does. The wider of the two counts.';
CREATE UNIQUE INDEX bank_name ON bank (organization_id, name) WHERE closed_at IS NULL;
-- Banks that answer, and who may ask.
CREATE CONSTRAINT TRIGGER bank_restricted AFTER UPDATE ON bank DEFERRABLE INITIALLY DEFERRED
    FOR EACH ROW WHEN (OLD IS DISTINCT FROM NEW) EXECUTE FUNCTION count_restriction();
CREATE CONSTRAINT TRIGGER bank_deleted AFTER DELETE ON bank DEFERRABLE INITIALLY DEFERRED
    FOR EACH ROW EXECUTE FUNCTION count_restriction();
CREATE CONSTRAINT TRIGGER bank_opened AFTER INSERT ON bank DEFERRABLE INITIALLY DEFERRED
    FOR EACH ROW EXECUTE FUNCTION count_own_change();

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

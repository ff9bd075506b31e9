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
COMMENT ON COLUMN bank.visibility IS 'private: answers its owner only. shared: also the organizations in bank_share. public: every caller. What others see of unreviewed entries depends on tiers.';
COMMENT ON COLUMN bank.policy IS 'Differences from the default matching policy: registry.catalogue.banks.model.Policy.';
COMMENT ON COLUMN bank.created_at IS 'When it was made.';
COMMENT ON COLUMN bank.kind IS 'fakes: its entries are known fakes. negative: known harmless look-alikes, which suppress matches of its owner.';
COMMENT ON COLUMN bank.shared_with IS 'The organizations in bank_share, kept by a trigger in the same commit, so that lookups read no other table.';
COMMENT ON COLUMN bank.overlaid IS 'Whether any organization has a policy of its own for it (bank_overlay), kept by a trigger.';
COMMENT ON COLUMN bank.most_entries IS 'How many entries it may hold, withdrawn ones not counted; null: no limit.';
COMMENT ON COLUMN bank.most_media IS 'How many media it may hold; null: no limit.';
COMMENT ON COLUMN bank.most_bytes IS 'How many bytes its media may have in total; null: no limit.';
COMMENT ON COLUMN bank.closed_at IS 'When its owner deleted it. The row stays for the entries withdrawn with it; the name is free again.';
COMMENT ON COLUMN bank.record_lookups IS 'Which lookups in this bank alone, or with a match in it, go into the ledger; null: the setting of the organization that asks. The wider of the two applies.';
CREATE UNIQUE INDEX bank_name ON bank (organization_id, name) WHERE closed_at IS NULL;
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
COMMENT ON FUNCTION answers_to(bank, uuid) IS 'Whether an organization sees the answers of a bank: the only definition, which the planner inlines into each query.';

CREATE TABLE bank_share (
    bank_id uuid NOT NULL REFERENCES bank,
    organization_id uuid NOT NULL REFERENCES organization,
    shared_by uuid NOT NULL REFERENCES caller,
    shared_at timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (bank_id, organization_id)
);
COMMENT ON TABLE bank_share IS 'The organizations with which a bank is shared. They see it while its visibility is `shared`.';
COMMENT ON COLUMN bank_share.bank_id IS 'The bank.';
COMMENT ON COLUMN bank_share.organization_id IS 'The organization.';
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
COMMENT ON FUNCTION keep_shared_with() IS 'Trigger: keep bank.shared_with. This changes the bank, so no replica answers before it holds the change.';
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
COMMENT ON TABLE bank_overlay IS 'How an organization changes the policy of another''s bank for its own lookups, within what that policy allows.';
COMMENT ON COLUMN bank_overlay.bank_id IS 'The bank.';
COMMENT ON COLUMN bank_overlay.organization_id IS 'The organization whose lookups it applies to.';
COMMENT ON COLUMN bank_overlay.policy IS 'Some of the settings of bank.policy: registry.catalogue.banks.model.overlaid.';
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
COMMENT ON FUNCTION keep_overlaid() IS 'Trigger: keep bank.overlaid, and count a change for the organization whose answers change.';
CREATE TRIGGER bank_overlay_kept AFTER INSERT OR UPDATE OR DELETE ON bank_overlay
    FOR EACH ROW EXECUTE FUNCTION keep_overlaid();

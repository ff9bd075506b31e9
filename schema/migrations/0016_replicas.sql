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

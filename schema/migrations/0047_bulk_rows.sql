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

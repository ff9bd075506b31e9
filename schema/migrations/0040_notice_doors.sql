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

-- What hinders a notice, and what a dispute, an entry or an organization changes about it.

CREATE FUNCTION guard_new_notice() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NEW.move_no <> 1 OR NEW.state <> 'draft' OR NEW.paused_for <> '{}'
       OR num_nonnulls(NEW.ground, NEW.sent_at, NEW.due_at, NEW.acknowledged_at, NEW.removed_at) > 0 THEN
        RAISE EXCEPTION 'a new notice must be a draft with nothing confirmed'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'notice_begins_as_draft';
    END IF;
    RETURN NEW;
END
$$;
COMMENT ON FUNCTION guard_new_notice() IS 'Trigger: a notice begins as a draft, so that it passes every check before it is sent.';
CREATE TRIGGER notice_begins BEFORE INSERT ON notice FOR EACH ROW EXECUTE FUNCTION guard_new_notice();

CREATE FUNCTION notice_verdict(n notice) RETURNS text LANGUAGE sql STABLE
    RETURN coalesce(
        (SELECT o.verdict FROM notice o
         WHERE o.entry_id = n.entry_id AND o.place_digest = n.place_digest AND o.organization_id = n.organization_id
           AND o.notice_id <> n.notice_id AND o.verdict IN ('no_match', 'authentic_original')
           AND o.checked_at > coalesce(CASE WHEN n.verdict IN ('known_fake', 'related') THEN n.checked_at END, '-infinity')
         ORDER BY o.checked_at DESC, o.notice_id LIMIT 1),
        n.verdict);
COMMENT ON FUNCTION notice_verdict(notice) IS 'The verdict on the content at the notice''s address: its own lookup''s, unless a later lookup for another notice of the address (another regime, another campaign of the client) found something else.';

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
COMMENT ON FUNCTION notice_hindrances(uuid) IS 'Why a notice cannot be sent now: codes in the order of registry.takedown.notices.model.notice.HINDRANCES; empty: it can.';

CREATE FUNCTION guard_notice() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    hindrances text[];
BEGIN
    IF NEW.move_no <> OLD.move_no AND NEW.move_no <> OLD.move_no + 1 THEN
        RAISE EXCEPTION 'the number of a move must be the next one'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'notice_moves_step_by_step';
    END IF;
    IF NEW.move_no = OLD.move_no AND (NEW.state <> OLD.state OR NEW.paused_for <> OLD.paused_for) THEN
        RAISE EXCEPTION 'the state of a notice changes only with a move'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'notice_moves_step_by_step';
    END IF;
    IF (NEW.notice_id, NEW.organization_id, NEW.campaign_id, NEW.entry_id, NEW.regime, NEW.created_by)
       IS DISTINCT FROM (OLD.notice_id, OLD.organization_id, OLD.campaign_id, OLD.entry_id, OLD.regime, OLD.created_by) THEN
        RAISE EXCEPTION 'campaign, entry and regime of a notice cannot change'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'notice_is_what_it_is';
    END IF;
    IF OLD.sent_at IS NOT NULL AND OLD.state NOT IN ('reopened', 'ready', 'closed', 'removed')
       AND (NEW.place_digest, NEW.ground, NEW.confirmed_by) IS DISTINCT FROM (OLD.place_digest, OLD.ground, OLD.confirmed_by) THEN
        RAISE EXCEPTION 'address and ground of a sent notice cannot change'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'notice_is_what_was_sent';
    END IF;
    IF OLD.ground IS NOT NULL AND NEW.place_digest <> OLD.place_digest
       AND NEW.confirmed_at IS NOT DISTINCT FROM OLD.confirmed_at THEN
        RAISE EXCEPTION 'a new address needs a new confirmation of the ground'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'notice_ground_is_of_its_place';
    END IF;
    IF NEW.place_digest = OLD.place_digest AND NEW.address_marks <> OLD.address_marks THEN
        RAISE EXCEPTION 'the marks of an address change only with the address'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'notice_marks_are_of_their_address';
    END IF;
    IF OLD.address_confirmed_at IS NOT NULL AND NEW.place_digest <> OLD.place_digest
       AND NEW.address_confirmed_at IS NOT DISTINCT FROM OLD.address_confirmed_at THEN
        RAISE EXCEPTION 'a new address must be confirmed again'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'notice_address_is_the_one_confirmed';
    END IF;
    IF OLD.verdict IS NOT NULL AND NEW.verdict IS NULL AND NEW.move_no = OLD.move_no THEN
        RAISE EXCEPTION 'a verdict can only be replaced by another verdict'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'notice_verdict_stays';
    END IF;
    NEW.changed_at := clock_timestamp();
    IF NEW.state IN ('expired', 'appealed') AND NEW.state <> OLD.state AND OLD.paused_for <> '{}' THEN
        RAISE EXCEPTION 'a paused notice cannot expire or be appealed'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'notice_paused_waits';
    END IF;
    IF NEW.state = 'sent' AND OLD.state <> 'sent' THEN
        -- Lock what the notice depends on until the commit, and read its newest state.
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
COMMENT ON FUNCTION guard_notice() IS 'Trigger: a notice changes its state by moves only, and is sent only if nothing hinders it, whoever writes.';
CREATE TRIGGER notice_guarded BEFORE UPDATE ON notice FOR EACH ROW EXECUTE FUNCTION guard_notice();

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
COMMENT ON FUNCTION follow_entry() IS 'Trigger: pause notices in the commit in which their entry stops answering lookups, and resume them when it answers again.';
CREATE TRIGGER entry_notices_follow AFTER UPDATE OF status ON entry FOR EACH ROW
    WHEN (OLD.status <> NEW.status AND (OLD.status = 'matchable' OR NEW.status = 'matchable'))
    EXECUTE FUNCTION follow_entry();

CREATE FUNCTION follow_dispute() RETURNS trigger LANGUAGE plpgsql AS $$
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
COMMENT ON FUNCTION follow_dispute() IS 'Trigger: apply the outcome of a dispute to its notices. If upheld, close them, and those already sent for an entry that it withdraws. Else continue them.';
CREATE TRIGGER dispute_notices_follow AFTER UPDATE OF outcome ON dispute FOR EACH ROW
    WHEN (OLD.outcome IS NULL AND NEW.outcome IS NOT NULL) EXECUTE FUNCTION follow_dispute();

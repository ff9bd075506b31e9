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

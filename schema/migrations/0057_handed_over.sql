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

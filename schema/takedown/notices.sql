-- Notices and their moves. `move_notices` alone changes the state of a notice.

CREATE TABLE notice (
    notice_id uuid PRIMARY KEY,
    organization_id uuid NOT NULL,
    campaign_id uuid NOT NULL,
    entry_id uuid NOT NULL,
    regime text NOT NULL CHECK (regime ~ '^[a-z0-9_]{1,40}$'),
    regime_version text,
    platform text NOT NULL CHECK (length(platform) BETWEEN 1 AND 253),
    place_sealed bytea NOT NULL,
    place_digest bytea NOT NULL CHECK (octet_length(place_digest) = 32),
    elements_sealed bytea,
    complete boolean NOT NULL DEFAULT false,
    verdict text CHECK (verdict IN ('known_fake', 'authentic_original', 'related', 'no_match', 'undecidable')),
    asset_id uuid,
    match jsonb CHECK (jsonb_typeof(match) = 'object'),
    checked_at timestamptz,
    ground text CHECK (ground IN ('match', 'seen')),
    confirmed_by uuid REFERENCES caller,
    confirmed_at timestamptz,
    answers jsonb NOT NULL DEFAULT '{}' CHECK (jsonb_typeof(answers) = 'object'),
    in_scope boolean,
    excepted boolean,
    answered_by uuid REFERENCES caller,
    answered_at timestamptz,
    state text NOT NULL DEFAULT 'draft',
    move_no integer NOT NULL DEFAULT 1 CHECK (move_no > 0),
    paused_for text[] NOT NULL DEFAULT '{}'
        CHECK (paused_for <@ ARRAY['entry', 'counter_notice', 'held'] AND cardinality(paused_for) <= 3),
    dispute_id uuid REFERENCES dispute,
    created_by uuid REFERENCES caller,
    created_at timestamptz NOT NULL DEFAULT now(),
    changed_at timestamptz NOT NULL DEFAULT now(),
    sent_at timestamptz,
    due_at timestamptz CHECK (due_at >= sent_at),
    acknowledged_at timestamptz,
    removed_at timestamptz,
    address_marks text[] NOT NULL DEFAULT '{}' CHECK (cardinality(address_marks) <= 20),
    address_confirmed_by uuid REFERENCES caller,
    address_confirmed_at timestamptz,
    despite_dispute_by uuid REFERENCES caller,
    despite_dispute_at timestamptz,
    CONSTRAINT notice_place UNIQUE (campaign_id, regime, place_digest),
    FOREIGN KEY (campaign_id, organization_id) REFERENCES campaign (campaign_id, organization_id),
    FOREIGN KEY (campaign_id, entry_id) REFERENCES campaign_entry (campaign_id, entry_id),
    CONSTRAINT notice_begins_as_draft CHECK (move_no > 1 OR state = 'draft'),
    CONSTRAINT notice_ground_is_confirmed CHECK (num_nulls(ground, confirmed_by, confirmed_at) IN (0, 3)),
    CONSTRAINT notice_ground_holds CHECK (ground IS NULL OR (ground = 'seen' AND (verdict IS NULL OR verdict IN
        ('known_fake', 'related', 'undecidable'))) OR (ground = 'match' AND verdict IS NOT NULL AND verdict IN
        ('known_fake', 'related') AND num_nulls(match, asset_id) = 0)),
    CONSTRAINT notice_is_asked CHECK (num_nulls(in_scope, excepted, answered_by, answered_at) IN (0, 4)),
    CONSTRAINT notice_ready_is_whole CHECK (state <> 'ready' OR (complete AND in_scope AND NOT excepted AND ground
        IS NOT NULL AND answered_by IS NOT NULL)),
    CONSTRAINT notice_sent_says_when CHECK (sent_at IS NOT NULL OR state IN ('draft', 'ready', 'closed')),
    CONSTRAINT notice_removed_says_when CHECK (removed_at IS NOT NULL OR state NOT IN ('removed', 'reopened')),
    CONSTRAINT notice_address_is_confirmed CHECK (num_nulls(address_confirmed_by, address_confirmed_at) IN (0, 2)),
    CONSTRAINT notice_despite_dispute_says_who CHECK (num_nulls(despite_dispute_by, despite_dispute_at) IN (0, 2))
);
COMMENT ON TABLE notice IS 'A request to remove the content at one address, under one regime. State and history are one chain: see notice_move.';
COMMENT ON COLUMN notice.notice_id IS 'Identity.';
COMMENT ON COLUMN notice.organization_id IS 'The organization: no other one sees it.';
COMMENT ON COLUMN notice.campaign_id IS 'The campaign.';
COMMENT ON COLUMN notice.entry_id IS 'The fake at that address.';
COMMENT ON COLUMN notice.regime IS 'The law or policy it relies on: registry.takedown.regimes.model.';
COMMENT ON COLUMN notice.regime_version IS 'Version of the regime by which it was last found complete.';
COMMENT ON COLUMN notice.platform IS 'Id of the platform (registry.catalogue.platforms), or the host.';
COMMENT ON COLUMN notice.place_sealed IS 'The URL as given, or the platform''s content id, and notes, encrypted under the client''s key.';
COMMENT ON COLUMN notice.place_digest IS 'HMAC-SHA-256 of the normalised address under the client''s key: one notice an address and regime.';
COMMENT ON COLUMN notice.elements_sealed IS 'Elements that the regime requires and that are specific to this notice, encrypted.';
COMMENT ON COLUMN notice.complete IS 'Whether it had every element of its regime when last checked.';
COMMENT ON COLUMN notice.verdict IS 'Verdict of a lookup of the content on the entry; null: none was made.';
COMMENT ON COLUMN notice.asset_id IS 'The matched medium of the entry. No foreign key: the finding outlives it.';
COMMENT ON COLUMN notice.match IS 'The match: relation, coverage, spans, confidence, SHA-256 of the content, lookup.';
COMMENT ON COLUMN notice.checked_at IS 'When that lookup was made.';
COMMENT ON COLUMN notice.ground IS 'What a person has confirmed: the match, or having seen the content there; null: nothing.';
COMMENT ON COLUMN notice.confirmed_by IS 'Who.';
COMMENT ON COLUMN notice.confirmed_at IS 'When.';
COMMENT ON COLUMN notice.answers IS 'Answers to the regime''s questions of scope and exceptions, by question: yes or no.';
COMMENT ON COLUMN notice.in_scope IS 'Whether the regime covers it, by these answers.';
COMMENT ON COLUMN notice.excepted IS 'Whether an exception of the regime (satire, reporting) takes it out, by these answers.';
COMMENT ON COLUMN notice.answered_by IS 'Who answered.';
COMMENT ON COLUMN notice.answered_at IS 'When.';
COMMENT ON COLUMN notice.state IS 'The state after its last move.';
COMMENT ON COLUMN notice.move_no IS 'Number of its last move.';
COMMENT ON COLUMN notice.paused_for IS 'Why it is paused. entry: its entry answers no lookups. counter_notice: the uploader objects. held: a person paused it.';
COMMENT ON COLUMN notice.dispute_id IS 'The dispute of the entry in which an objection to the notice is heard.';
COMMENT ON COLUMN notice.created_by IS 'Who added it; null: the service, because removed content was found again.';
COMMENT ON COLUMN notice.created_at IS 'When.';
COMMENT ON COLUMN notice.changed_at IS 'When anything of it last changed.';
COMMENT ON COLUMN notice.sent_at IS 'When its letter was last prepared. The time of the hand-over is in notice_delivery.';
COMMENT ON COLUMN notice.due_at IS 'Until when the platform must act under the regime.';
COMMENT ON COLUMN notice.acknowledged_at IS 'When the platform last acknowledged it.';
COMMENT ON COLUMN notice.removed_at IS 'When the content was last found removed.';
COMMENT ON COLUMN notice.address_marks IS 'Why a person must check its address before it is sent: codes of registry.takedown.url_lists.model.url_list.LOOKED_AT.';
COMMENT ON COLUMN notice.address_confirmed_by IS 'Who has checked the address and confirms it.';
COMMENT ON COLUMN notice.address_confirmed_at IS 'When.';
COMMENT ON COLUMN notice.despite_dispute_by IS 'Who last decided to continue although the entry is disputed.';
COMMENT ON COLUMN notice.despite_dispute_at IS 'When. A dispute that is opened later blocks the notice again.';
CREATE INDEX notice_campaign ON notice (campaign_id, created_at, notice_id);
CREATE INDEX notice_entry ON notice (entry_id, platform) WHERE state <> 'closed';
CREATE INDEX notice_address ON notice (organization_id, place_digest);
CREATE INDEX notice_due ON notice (due_at) WHERE state IN ('sent', 'acknowledged');
CREATE INDEX notice_term ON notice (organization_id, due_at, notice_id) WHERE state IN ('sent', 'acknowledged', 'expired');
CREATE INDEX notice_reopened ON notice (organization_id, changed_at, notice_id)
    WHERE state = 'reopened' OR (state = 'draft' AND created_by IS NULL);
CREATE INDEX notice_ready ON notice (organization_id, changed_at, notice_id) WHERE state = 'ready';
CREATE INDEX notice_dispute ON notice (dispute_id) WHERE dispute_id IS NOT NULL;
CREATE INDEX notice_place_refuted ON notice (entry_id, place_digest) WHERE verdict IN ('no_match', 'authentic_original');

-- Each change of state adds a move. The foreign key requires that the state is that of the last move.
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
COMMENT ON FUNCTION notice_may_move(text, text, text) IS 'Whether an act may move a notice from one state to another: registry.takedown.notices.model.notice.';

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
COMMENT ON TABLE notice_move IS 'The history of notices: who moved it from which state to which, when and why. Append-only; each move begins where the one before ended.';
COMMENT ON COLUMN notice_move.notice_id IS 'The notice.';
COMMENT ON COLUMN notice_move.move_no IS 'From 1, without a gap.';
COMMENT ON COLUMN notice_move.before_no IS 'The move before; null: this is the first.';
COMMENT ON COLUMN notice_move.act IS 'What was done: registry.takedown.notices.model.notice.Act.';
COMMENT ON COLUMN notice_move.from_state IS 'The state before; null: the notice is new.';
COMMENT ON COLUMN notice_move.to_state IS 'The state after; the same where it was paused or resumed.';
COMMENT ON COLUMN notice_move.caller_id IS 'The caller; null: the service itself.';
COMMENT ON COLUMN notice_move.reason_code IS 'Why, as a code.';
COMMENT ON COLUMN notice_move.dispute_id IS 'The dispute that caused it.';
COMMENT ON COLUMN notice_move.sealed IS 'Reasons in words, and replaced values, encrypted under the client''s key.';
COMMENT ON COLUMN notice_move.at IS 'When, by the database''s clock.';
CREATE TRIGGER notice_move_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON notice_move
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();

ALTER TABLE notice ADD CONSTRAINT notice_state_is_its_last_moves
    FOREIGN KEY (notice_id, move_no, state) REFERENCES notice_move (notice_id, move_no, to_state)
    DEFERRABLE INITIALLY DEFERRED;

CREATE FUNCTION guard_move() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NOT EXISTS (SELECT FROM notice n WHERE n.notice_id = NEW.notice_id AND n.move_no >= NEW.move_no) THEN
        RAISE EXCEPTION 'a move must match the state of its notice'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'notice_move_is_made';
    END IF;
    RETURN NULL;
END
$$;
COMMENT ON FUNCTION guard_move() IS 'Trigger: a new move must be the last move of its notice.';
CREATE CONSTRAINT TRIGGER notice_move_made AFTER INSERT ON notice_move DEFERRABLE INITIALLY DEFERRED
    FOR EACH ROW EXECUTE FUNCTION guard_move();

CREATE FUNCTION stands_at_least(state text) RETURNS text LANGUAGE sql IMMUTABLE PARALLEL SAFE
    RETURN CASE WHEN state = 'sent' THEN 'prepared' ELSE state END;
COMMENT ON FUNCTION stands_at_least(text) IS 'A state of the history as shown to users: `sent` is shown as prepared, since the hand-over is shown with the delivery.';

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
            -- A reopened notice must be checked and confirmed again.
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
COMMENT ON FUNCTION move_notices(uuid[], text, text, text, uuid, text, uuid, bytea, timestamptz) IS 'Move notices, which the caller has locked, and write times, history and events. Nothing else changes a state.';

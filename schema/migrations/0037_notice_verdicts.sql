-- Takedown: that a lookup found something else at a place is not forgotten by whoever writes SQL.
CREATE OR REPLACE FUNCTION guard_notice() RETURNS trigger LANGUAGE plpgsql AS $$
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
    IF NEW.place_digest = OLD.place_digest AND NEW.address_marks <> OLD.address_marks THEN
        RAISE EXCEPTION 'what an address is marked for does not change with it'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'notice_marks_are_of_their_address';
    END IF;
    IF OLD.address_confirmed_at IS NOT NULL AND NEW.place_digest <> OLD.place_digest
       AND NEW.address_confirmed_at IS NOT DISTINCT FROM OLD.address_confirmed_at THEN
        RAISE EXCEPTION 'who has looked at one address has not looked at another'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'notice_address_is_the_one_confirmed';
    END IF;
    IF OLD.verdict IS NOT NULL AND NEW.verdict IS NULL AND NEW.move_no = OLD.move_no THEN
        RAISE EXCEPTION 'what a lookup has said is not unsaid, but by another one'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'notice_verdict_stays';
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

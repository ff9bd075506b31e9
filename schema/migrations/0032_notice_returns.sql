-- Takedown: addresses that a person has to look at, re-uploads that lookups find, and notices that are taken back.
ALTER TABLE notice
    ADD COLUMN address_marks text[] NOT NULL DEFAULT '{}' CHECK (cardinality(address_marks) <= 20),
    ADD COLUMN address_confirmed_by uuid REFERENCES caller,
    ADD COLUMN address_confirmed_at timestamptz,
    ALTER COLUMN created_by DROP NOT NULL,
    ADD CONSTRAINT notice_address_is_confirmed CHECK (num_nulls(address_confirmed_by, address_confirmed_at) IN (0, 2));
COMMENT ON COLUMN notice.address_marks IS 'Why a person has to look at its address before it is sent: codes of registry.domain.url_list.LOOKED_AT.';
COMMENT ON COLUMN notice.created_by IS 'Who added it; null: the service itself, since what had been removed was found again.';
COMMENT ON COLUMN notice.address_confirmed_by IS 'Who has looked at the address, and stands for it.';
COMMENT ON COLUMN notice.address_confirmed_at IS 'When.';

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
        CASE WHEN n.verdict = 'authentic_original' THEN 'authentic_original' END,
        CASE WHEN n.verdict = 'no_match' THEN 'no_match' END,
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

ALTER TABLE organization ADD COLUMN reports_places boolean NOT NULL DEFAULT false;
COMMENT ON COLUMN organization.reports_places IS 'Whether places where its lookups have seen a known fake are told to organizations that have had that fake removed there.';

CREATE TABLE sighting (
    lookup_id uuid PRIMARY KEY,
    organization_id uuid NOT NULL REFERENCES organization,
    caller_id uuid NOT NULL REFERENCES caller,
    platform text NOT NULL CHECK (length(platform) BETWEEN 1 AND 253),
    sealed bytea NOT NULL,
    seen_time timestamptz NOT NULL,
    created_at timestamptz NOT NULL DEFAULT now()
);
COMMENT ON TABLE sighting IS 'Where what a lookup asked about was seen. Kept until the lookup was followed, and as long as it is watched.';
COMMENT ON COLUMN sighting.lookup_id IS 'The lookup. No foreign key: a file''s is told before it is answered.';
COMMENT ON COLUMN sighting.organization_id IS 'Who asked; under its key the place is sealed.';
COMMENT ON COLUMN sighting.caller_id IS 'The caller that asked.';
COMMENT ON COLUMN sighting.platform IS 'Where: a platform''s id of registry.domain.platforms, or the host.';
COMMENT ON COLUMN sighting.sealed IS 'The address, sealed under the organization''s key, which is not in the database.';
COMMENT ON COLUMN sighting.seen_time IS 'When it was seen there: as it was said, else when the lookup was asked.';
COMMENT ON COLUMN sighting.created_at IS 'When it was told.';
CREATE INDEX sighting_created ON sighting (created_at);

CREATE FUNCTION forget_sightings() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    DELETE FROM sighting s USING gone g WHERE s.lookup_id = g.lookup_id;
    RETURN NULL;
END
$$;
COMMENT ON FUNCTION forget_sightings() IS 'Trigger: with a watch goes the place where its media were seen.';
CREATE TRIGGER watch_sightings_go AFTER DELETE ON watch REFERENCING OLD TABLE AS gone FOR EACH STATEMENT
    EXECUTE FUNCTION forget_sightings();

CREATE TABLE notice_return (
    return_id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
    organization_id uuid NOT NULL,
    campaign_id uuid NOT NULL,
    entry_id uuid NOT NULL,
    lookup_id uuid NOT NULL,
    asked_by uuid NOT NULL REFERENCES organization,
    via text NOT NULL CHECK (via IN ('person', 'lookup', 'watch')),
    platform text NOT NULL CHECK (length(platform) BETWEEN 1 AND 253),
    sealed bytea NOT NULL,
    place_digest bytea NOT NULL CHECK (octet_length(place_digest) = 32),
    verdict text NOT NULL CHECK (verdict IN ('known_fake', 'related')),
    match jsonb NOT NULL CHECK (jsonb_typeof(match) = 'object'),
    seen_time timestamptz NOT NULL,
    outcome text NOT NULL CHECK (outcome IN ('proposed', 'reopened', 'added', 'known', 'dismissed')),
    why text CHECK (why ~ '^[a-z_]{1,40}$'),
    first_id uuid NOT NULL REFERENCES notice,
    notice_id uuid REFERENCES notice,
    created_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    decided_by uuid REFERENCES caller,
    decided_at timestamptz,
    FOREIGN KEY (campaign_id, organization_id) REFERENCES campaign (campaign_id, organization_id),
    FOREIGN KEY (campaign_id, entry_id) REFERENCES campaign_entry (campaign_id, entry_id),
    CONSTRAINT notice_return_once UNIQUE (campaign_id, entry_id, lookup_id, verdict, place_digest),
    CONSTRAINT notice_return_names_its_notice CHECK ((outcome IN ('proposed', 'dismissed')) = (notice_id IS NULL)),
    CHECK ((decided_by IS NULL) = (decided_at IS NULL))
);
COMMENT ON TABLE notice_return IS 'That what a platform had removed was found there again, with the proof: by a lookup, a watch or a person.';
COMMENT ON COLUMN notice_return.return_id IS 'Identity.';
COMMENT ON COLUMN notice_return.organization_id IS 'Whose campaign: nobody else is told.';
COMMENT ON COLUMN notice_return.campaign_id IS 'The campaign.';
COMMENT ON COLUMN notice_return.entry_id IS 'The fake that was found.';
COMMENT ON COLUMN notice_return.lookup_id IS 'The lookup that found it: the proof, used once for each verdict and place.';
COMMENT ON COLUMN notice_return.asked_by IS 'The organization that asked.';
COMMENT ON COLUMN notice_return.via IS 'person: somebody said so. lookup: one that said where. watch: such a lookup, answered again later.';
COMMENT ON COLUMN notice_return.platform IS 'Where: a platform''s id, or the host.';
COMMENT ON COLUMN notice_return.sealed IS 'The address, sealed under the client''s key.';
COMMENT ON COLUMN notice_return.place_digest IS 'HMAC-SHA-256 of the normalised place under the client''s key, as a notice''s.';
COMMENT ON COLUMN notice_return.verdict IS 'What the lookup says of the entry.';
COMMENT ON COLUMN notice_return.match IS 'The match: relation, coverage, spans, confidence, lookup.';
COMMENT ON COLUMN notice_return.seen_time IS 'When it was seen there.';
COMMENT ON COLUMN notice_return.outcome IS 'proposed: a person decides. reopened: the notice is about that place now. added: a further notice is. known: one was already. dismissed: a person has said no.';
COMMENT ON COLUMN notice_return.why IS 'Why it was only proposed, as a code.';
COMMENT ON COLUMN notice_return.first_id IS 'The notice on which the platform had removed it.';
COMMENT ON COLUMN notice_return.notice_id IS 'The notice that is about the place; null: none yet.';
COMMENT ON COLUMN notice_return.created_at IS 'When it was found.';
COMMENT ON COLUMN notice_return.decided_by IS 'Who took or dismissed it.';
COMMENT ON COLUMN notice_return.decided_at IS 'When.';
CREATE UNIQUE INDEX notice_return_proposed ON notice_return (campaign_id, entry_id, place_digest) WHERE outcome = 'proposed';
CREATE INDEX notice_return_campaign ON notice_return (campaign_id, created_at, return_id);
CREATE INDEX notice_return_first ON notice_return (first_id);
CREATE INDEX notice_return_notice ON notice_return (notice_id) WHERE notice_id IS NOT NULL;

CREATE OR REPLACE FUNCTION follow_dispute() RETURNS trigger LANGUAGE plpgsql AS $$
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

COMMENT ON FUNCTION follow_dispute() IS 'Trigger: what was decided of a dispute is done with the notices that it was about: upheld closes them, and those that were sent for an entry that is withdrawn by it; else they go on.';

ALTER TABLE notice_delivery ADD COLUMN kind text NOT NULL DEFAULT 'notice' CHECK (kind IN ('notice', 'retraction'));
COMMENT ON COLUMN notice_delivery.kind IS 'notice: it asks. retraction: it takes back what was asked; one a closing.';
CREATE FUNCTION guard_delivery() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NOT EXISTS (SELECT FROM notice_move m WHERE m.notice_id = NEW.notice_id AND m.move_no = NEW.move_no
                     AND m.act = CASE NEW.kind WHEN 'notice' THEN 'send' ELSE 'close' END) THEN
        RAISE EXCEPTION 'what is delivered follows from a sending, what is taken back from a closing'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'notice_delivery_follows_its_move';
    END IF;
    IF NEW.kind = 'retraction' AND NOT EXISTS (
        SELECT FROM notice_delivery d WHERE d.notice_id = NEW.notice_id AND d.kind = 'notice'
          AND d.status IN ('handing', 'handed_over', 'unsure')) THEN
        RAISE EXCEPTION 'what nobody was told is not taken back'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'notice_delivery_takes_back_what_was_told';
    END IF;
    RETURN NEW;
END
$$;
COMMENT ON FUNCTION guard_delivery() IS 'Trigger: a delivery follows from the move that it names, and nothing is taken back of which nobody was told.';
CREATE TRIGGER notice_delivery_guarded BEFORE INSERT OR UPDATE OF notice_id, move_no, kind ON notice_delivery
    FOR EACH ROW EXECUTE FUNCTION guard_delivery();

-- The review queue, decisions, opinions on matches, and disputes.

CREATE TABLE review_item (
    entry_id uuid NOT NULL REFERENCES entry ON DELETE CASCADE,
    reason text NOT NULL CHECK (reason IN ('dispute', 'role_conflict', 'opinions', 'added_media', 'unreviewed')),
    bank_id uuid NOT NULL,
    priority smallint NOT NULL CHECK (priority BETWEEN 0 AND 5),
    since timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (entry_id, reason)
);
COMMENT ON TABLE review_item IS 'The review queue: entries that wait for a reviewer, and why. Written by triggers and by whatever opens and ends the cause.';
COMMENT ON COLUMN review_item.entry_id IS 'The entry to review.';
COMMENT ON COLUMN review_item.reason IS 'Why: a dispute, the same file as fake and original, doubts of those who matched it, media added after a review, or no review yet.';
COMMENT ON COLUMN review_item.bank_id IS 'The entry''s bank. No foreign key to it: the one to the entry suffices, and a million entries are inserted faster.';
COMMENT ON COLUMN review_item.priority IS '0: an intake case. Else 1 comes first: registry.review.queue.model.PRIORITY.';
COMMENT ON COLUMN review_item.since IS 'Since when it waits.';
CREATE INDEX review_item_order ON review_item (bank_id, priority, since, entry_id);

CREATE TABLE review_claim (
    entry_id uuid PRIMARY KEY REFERENCES entry ON DELETE CASCADE,
    caller_id uuid NOT NULL REFERENCES caller,
    media uuid[] NOT NULL,
    first_at timestamptz NOT NULL DEFAULT now(),
    lease_until timestamptz NOT NULL,
    CHECK (lease_until <= first_at + interval '4 hours')
);
COMMENT ON TABLE review_claim IS 'The reviewer who looks at an entry: one at a time, until the lease ends. An expired row claims nothing.';
COMMENT ON COLUMN review_claim.entry_id IS 'The entry.';
COMMENT ON COLUMN review_claim.caller_id IS 'Who claimed it last.';
COMMENT ON COLUMN review_claim.media IS 'The media that were matchable then: a decision covers no others.';
COMMENT ON COLUMN review_claim.first_at IS 'Since when this caller has it; a claim cannot be renewed for ever.';
COMMENT ON COLUMN review_claim.lease_until IS 'Until when it is theirs.';
CREATE INDEX review_claim_caller ON review_claim (caller_id, lease_until);

CREATE TABLE review (
    review_id uuid PRIMARY KEY,
    entry_id uuid NOT NULL REFERENCES entry ON DELETE CASCADE,
    caller_id uuid NOT NULL REFERENCES caller,
    organization_id uuid NOT NULL REFERENCES organization,
    decision text NOT NULL CHECK (decision IN ('approve', 'reject', 'court_order', 'restore', 'withdraw')),
    administers boolean NOT NULL DEFAULT false,
    reason_code text CHECK (reason_code ~ '^[a-z_]{1,40}$'),
    order_sha256 bytea CHECK (octet_length(order_sha256) = 32),
    sealed bytea,
    decided_at timestamptz NOT NULL DEFAULT now(),
    superseded_at timestamptz,
    CHECK ((decision = 'court_order') = (order_sha256 IS NOT NULL)),
    CHECK (decision NOT IN ('reject', 'withdraw') OR reason_code IS NOT NULL)
);
COMMENT ON TABLE review IS 'A decision on an entry. The tiers follow from the decisions that stand: registry.review.queue.model.';
COMMENT ON COLUMN review.review_id IS 'Identity, and the name of the key that encrypts its text.';
COMMENT ON COLUMN review.entry_id IS 'The entry.';
COMMENT ON COLUMN review.caller_id IS 'Who decided.';
COMMENT ON COLUMN review.organization_id IS 'Their organization then.';
COMMENT ON COLUMN review.decision IS 'approve, reject, court_order (a court says that it is a fake, or authentic), restore, or withdraw by its owner.';
COMMENT ON COLUMN review.administers IS 'Whether the reviewer had the role admin: a court order needs one who has.';
COMMENT ON COLUMN review.reason_code IS 'Why, as a code.';
COMMENT ON COLUMN review.order_sha256 IS 'SHA-256 of the order''s document, which stays with the reviewers: both must name the same one.';
COMMENT ON COLUMN review.sealed IS 'Reasons in words, and the order''s court, docket number and date, encrypted; null: none given.';
COMMENT ON COLUMN review.decided_at IS 'When.';
COMMENT ON COLUMN review.superseded_at IS 'When the same caller decided otherwise, or the entry was withdrawn or restored; null: it stands.';
CREATE UNIQUE INDEX review_standing ON review (entry_id, caller_id) WHERE superseded_at IS NULL;
CREATE INDEX review_organization ON review (organization_id, decided_at);
CREATE INDEX review_entry ON review (entry_id, decided_at);

CREATE TABLE review_medium (
    review_id uuid NOT NULL REFERENCES review ON DELETE CASCADE,
    asset_id uuid NOT NULL REFERENCES asset ON DELETE CASCADE,
    role text NOT NULL CHECK (role IN ('fake', 'original')),
    PRIMARY KEY (review_id, asset_id, role)
);
COMMENT ON TABLE review_medium IS 'The media that a decision covers: those that the reviewer saw.';
COMMENT ON COLUMN review_medium.review_id IS 'The decision.';
COMMENT ON COLUMN review_medium.asset_id IS 'The medium.';
COMMENT ON COLUMN review_medium.role IS 'The role in which it was reviewed.';
CREATE INDEX review_medium_asset ON review_medium (asset_id);

CREATE TABLE opinion (
    lookup_id uuid NOT NULL,
    entry_id uuid NOT NULL REFERENCES entry ON DELETE CASCADE,
    caller_id uuid NOT NULL REFERENCES caller,
    organization_id uuid NOT NULL REFERENCES organization,
    opinion text NOT NULL CHECK (opinion IN ('true_positive', 'false_positive')),
    verdict text NOT NULL,
    confidence double precision CHECK (confidence BETWEEN 0 AND 1),
    match jsonb NOT NULL CHECK (jsonb_typeof(match) = 'object'),
    given_at timestamptz NOT NULL DEFAULT now(),
    changed_at timestamptz,
    PRIMARY KEY (entry_id, lookup_id, caller_id)
);
COMMENT ON TABLE opinion IS 'A caller confirms or denies a match: one opinion a caller and match; the last one counts.';
COMMENT ON COLUMN opinion.lookup_id IS 'The lookup; its row may be deleted by now.';
COMMENT ON COLUMN opinion.entry_id IS 'The entry that was matched.';
COMMENT ON COLUMN opinion.caller_id IS 'The caller.';
COMMENT ON COLUMN opinion.organization_id IS 'Their organization.';
COMMENT ON COLUMN opinion.opinion IS 'true_positive: the match is right. false_positive: it is not.';
COMMENT ON COLUMN opinion.verdict IS 'The verdict on the match.';
COMMENT ON COLUMN opinion.confidence IS 'The confidence of the match.';
COMMENT ON COLUMN opinion.match IS 'Data of the match for calibration: relation, reasons, coverage, signals.';
COMMENT ON COLUMN opinion.given_at IS 'When it was first given.';
COMMENT ON COLUMN opinion.changed_at IS 'When it was changed last.';
CREATE INDEX opinion_given ON opinion (given_at, entry_id, lookup_id, caller_id);

CREATE FUNCTION queue_new_entries() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO review_item (entry_id, reason, bank_id, priority)
    SELECT n.entry_id, 'unreviewed', n.bank_id, 5
    FROM new_rows n WHERE n.status = 'matchable' AND n.tier = 'unreviewed'
    ON CONFLICT DO NOTHING;
    RETURN NULL;
END
$$;
COMMENT ON FUNCTION queue_new_entries() IS 'Trigger: entries that are inserted as matchable wait for a reviewer.';
CREATE TRIGGER entry_queued AFTER INSERT ON entry REFERENCING NEW TABLE AS new_rows
    FOR EACH STATEMENT EXECUTE FUNCTION queue_new_entries();

CREATE FUNCTION queue_opened_entries() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO review_item (entry_id, reason, bank_id, priority)
    SELECT n.entry_id, 'unreviewed', n.bank_id, 5
    FROM new_rows n JOIN old_rows o USING (entry_id)
    WHERE n.status = 'matchable' AND o.status <> 'matchable' AND n.tier = 'unreviewed'
    ON CONFLICT DO NOTHING;
    RETURN NULL;
END
$$;
COMMENT ON FUNCTION queue_opened_entries() IS 'Trigger: entries that become matchable wait for a reviewer.';
CREATE TRIGGER entry_opened_queued AFTER UPDATE ON entry REFERENCING OLD TABLE AS old_rows NEW TABLE AS new_rows
    FOR EACH STATEMENT EXECUTE FUNCTION queue_opened_entries();

CREATE FUNCTION queue_added_media() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    -- Media registered with an entry that its own organization trusts from the start need no review of their own.
    INSERT INTO review_item (entry_id, reason, bank_id, priority)
    SELECT DISTINCT e.entry_id, 'added_media', e.bank_id, 4
    FROM new_rows n JOIN entry e USING (entry_id)
    WHERE e.tier <> 'unreviewed' OR e.original_tier <> 'unreviewed'
       OR (n.own_tier = 'unreviewed' AND (e.own_tier <> 'unreviewed' OR e.own_original_tier <> 'unreviewed'))
    ON CONFLICT DO NOTHING;
    -- An entry is queued only if its owner may see the other side of the conflict.
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
COMMENT ON FUNCTION queue_added_media() IS 'Trigger: media added after a review wait for a reviewer, and so does a file that is a fake in one entry and an original in another.';
CREATE TRIGGER entry_asset_queued AFTER INSERT ON entry_asset REFERENCING NEW TABLE AS new_rows
    FOR EACH STATEMENT EXECUTE FUNCTION queue_added_media();

CREATE TABLE dispute (
    dispute_id uuid PRIMARY KEY,
    entry_id uuid NOT NULL REFERENCES entry ON DELETE CASCADE,
    kind text NOT NULL CHECK (kind IN ('satire', 'own_consent', 'mistaken', 'authentic')),
    standing text NOT NULL CHECK (standing IN ('depicted', 'author', 'platform', 'other')),
    opened_by uuid NOT NULL REFERENCES caller,
    organization_id uuid NOT NULL REFERENCES organization,
    owner_id uuid NOT NULL REFERENCES organization,
    sealed bytea,
    state text NOT NULL DEFAULT 'open' CHECK (state IN ('open', 'answered', 'closed')),
    suspends boolean NOT NULL,
    at_once boolean NOT NULL,
    opened_at timestamptz NOT NULL DEFAULT now(),
    answer_due timestamptz NOT NULL,
    answered_by uuid REFERENCES caller,
    answered_at timestamptz,
    answer_sealed bytea,
    accepted_by uuid REFERENCES caller,
    accepted_at timestamptz,
    outcome text CHECK (outcome IN ('upheld', 'rejected', 'withdrawn')),
    remedy text CHECK (remedy IN ('withdrawn', 'corrected')),
    reason_code text CHECK (reason_code ~ '^[a-z_]{1,40}$'),
    order_sha256 bytea CHECK (octet_length(order_sha256) = 32),
    decided_by uuid REFERENCES caller,
    decider_id uuid REFERENCES organization,
    reasons_sealed bytea,
    closed_at timestamptz,
    erased_at timestamptz,
    CHECK ((state = 'closed') = (outcome IS NOT NULL)),
    CHECK ((outcome IS NULL) = (closed_at IS NULL)),
    CHECK (state <> 'answered' OR answered_at IS NOT NULL),
    CHECK ((answered_at IS NULL) = (answered_by IS NULL)),
    CHECK ((accepted_at IS NULL) = (accepted_by IS NULL)),
    CHECK ((outcome = 'upheld') = (remedy IS NOT NULL)),
    CHECK (outcome IS NULL OR (decided_by IS NOT NULL AND decider_id IS NOT NULL AND reason_code IS NOT NULL)),
    CHECK (NOT at_once OR suspends),
    CHECK (answer_due > opened_at),
    CONSTRAINT dispute_heard CHECK (outcome IS DISTINCT FROM 'upheld' OR decider_id = owner_id OR answered_at IS
        NOT NULL OR closed_at >= answer_due),
    CONSTRAINT dispute_no_party_decides CHECK ( outcome IS NULL OR outcome = 'withdrawn' OR (outcome = 'upheld'
        AND decider_id = owner_id) OR (decided_by <> opened_by AND (organization_id = owner_id OR (decider_id <>
        organization_id AND decider_id <> owner_id))))
);
COMMENT ON TABLE dispute IS 'An entry is contested. Its texts are encrypted under its own key, so that they can be erased.';
COMMENT ON COLUMN dispute.dispute_id IS 'Identity, and the name of its key.';
COMMENT ON COLUMN dispute.entry_id IS 'The entry.';
COMMENT ON COLUMN dispute.kind IS 'satire, own_consent (the depicted person has agreed), mistaken (it is not the claimed fake), authentic (it is genuine).';
COMMENT ON COLUMN dispute.standing IS 'Who contests: depicted, author, platform, other.';
COMMENT ON COLUMN dispute.opened_by IS 'The caller that opened it.';
COMMENT ON COLUMN dispute.organization_id IS 'Their organization, one of the two parties.';
COMMENT ON COLUMN dispute.owner_id IS 'The organization of the entry''s bank, the other party.';
COMMENT ON COLUMN dispute.sealed IS 'Statement and contact, encrypted; null once erased.';
COMMENT ON COLUMN dispute.state IS 'open, answered by the owner, closed.';
COMMENT ON COLUMN dispute.suspends IS 'Whether the entry is suspended for it, at once or since a reviewer accepted it.';
COMMENT ON COLUMN dispute.at_once IS 'Whether it suspended the entry without a reviewer''s decision; the number of such disputes is limited.';
COMMENT ON COLUMN dispute.opened_at IS 'When it was opened.';
COMMENT ON COLUMN dispute.answer_due IS 'Until when the owner may answer before it is decided against them.';
COMMENT ON COLUMN dispute.answered_by IS 'Who answered for the owner.';
COMMENT ON COLUMN dispute.answered_at IS 'When.';
COMMENT ON COLUMN dispute.answer_sealed IS 'The answer, encrypted.';
COMMENT ON COLUMN dispute.accepted_by IS 'The reviewer who accepted it for a hearing.';
COMMENT ON COLUMN dispute.accepted_at IS 'When.';
COMMENT ON COLUMN dispute.outcome IS 'upheld, rejected, or withdrawn by whoever opened it; null: not yet.';
COMMENT ON COLUMN dispute.remedy IS 'Of one that was upheld: the entry was withdrawn, or corrected.';
COMMENT ON COLUMN dispute.reason_code IS 'Why it was decided so, as a code.';
COMMENT ON COLUMN dispute.order_sha256 IS 'SHA-256 of the court order, where the entry stands by a court order.';
COMMENT ON COLUMN dispute.decided_by IS 'Who decided, or withdrew it.';
COMMENT ON COLUMN dispute.decider_id IS 'Their organization: neither party, unless the owner concedes.';
COMMENT ON COLUMN dispute.reasons_sealed IS 'Why, in words, encrypted.';
COMMENT ON COLUMN dispute.closed_at IS 'When it was decided or withdrawn.';
COMMENT ON COLUMN dispute.erased_at IS 'When its texts were erased.';
CREATE UNIQUE INDEX dispute_standing ON dispute (entry_id, organization_id) WHERE outcome IS NULL;
CREATE INDEX dispute_entry ON dispute (entry_id, opened_at);
CREATE INDEX dispute_opener ON dispute (organization_id, opened_at, dispute_id);
CREATE INDEX dispute_owner ON dispute (owner_id, opened_at, dispute_id);
CREATE INDEX dispute_open ON dispute (opened_at, dispute_id) WHERE outcome IS NULL;

CREATE FUNCTION guard_dispute() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'a dispute cannot change from % to %', OLD.state, NEW.state
        USING ERRCODE = 'check_violation', CONSTRAINT = 'dispute_state_moves';
END
$$;
COMMENT ON FUNCTION guard_dispute() IS 'Trigger: refuse to reopen what was decided, or to take back an answer.';
CREATE TRIGGER dispute_state_moves BEFORE UPDATE OF state, outcome, decided_by ON dispute
    FOR EACH ROW WHEN (OLD.state = 'closed' OR (OLD.state = 'answered' AND NEW.state = 'open'))
    EXECUTE FUNCTION guard_dispute();

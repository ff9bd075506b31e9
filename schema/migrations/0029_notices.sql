-- Takedown: clients and their mandates, campaigns, and notices that move by one state machine.
CREATE TABLE client (
    client_id uuid PRIMARY KEY,
    organization_id uuid NOT NULL REFERENCES organization,
    sealed bytea,
    created_by uuid NOT NULL REFERENCES caller,
    created_at timestamptz NOT NULL DEFAULT now(),
    erased_at timestamptz,
    UNIQUE (client_id, organization_id),
    CHECK ((sealed IS NULL) = (erased_at IS NOT NULL))
);
COMMENT ON TABLE client IS 'For whom an organization asks for removals. All that is personal in campaigns is sealed under the client''s key, which is not in the database.';
COMMENT ON COLUMN client.client_id IS 'Identity, and the subject of the key.';
COMMENT ON COLUMN client.organization_id IS 'Whose client: nobody else''s.';
COMMENT ON COLUMN client.sealed IS 'Name, address and whoever is depicted, sealed; null once erased.';
COMMENT ON COLUMN client.created_by IS 'Who recorded it.';
COMMENT ON COLUMN client.created_at IS 'When.';
COMMENT ON COLUMN client.erased_at IS 'When the key was destroyed: nothing of the client can be read or sent since.';
CREATE INDEX client_organization ON client (organization_id, created_at DESC, client_id);

CREATE TABLE mandate (
    mandate_id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
    client_id uuid NOT NULL REFERENCES client,
    granted_by text NOT NULL CHECK (granted_by IN ('self', 'representative', 'guardian')),
    document_sha256 bytea NOT NULL CHECK (octet_length(document_sha256) = 32),
    valid_from timestamptz NOT NULL,
    valid_until timestamptz NOT NULL CHECK (valid_until > valid_from),
    created_by uuid NOT NULL REFERENCES caller,
    created_at timestamptz NOT NULL DEFAULT now(),
    revoked_by uuid REFERENCES caller,
    revoked_at timestamptz,
    UNIQUE (mandate_id, client_id),
    CHECK ((revoked_by IS NULL) = (revoked_at IS NULL))
);
COMMENT ON TABLE mandate IS 'The depicted person''s leave to act for them. Its document stays with the organization.';
COMMENT ON COLUMN mandate.mandate_id IS 'Identity.';
COMMENT ON COLUMN mandate.client_id IS 'The client.';
COMMENT ON COLUMN mandate.granted_by IS 'Who gave it: whoever is depicted, their representative or their guardian.';
COMMENT ON COLUMN mandate.document_sha256 IS 'SHA-256 of the document.';
COMMENT ON COLUMN mandate.valid_from IS 'From when on it holds.';
COMMENT ON COLUMN mandate.valid_until IS 'Until when, not included.';
COMMENT ON COLUMN mandate.created_by IS 'Who recorded it.';
COMMENT ON COLUMN mandate.created_at IS 'When.';
COMMENT ON COLUMN mandate.revoked_by IS 'Who recorded that it was taken back.';
COMMENT ON COLUMN mandate.revoked_at IS 'When; null: it was not.';
CREATE INDEX mandate_client ON mandate (client_id, created_at DESC);

CREATE TABLE campaign (
    campaign_id uuid PRIMARY KEY,
    organization_id uuid NOT NULL REFERENCES organization,
    client_id uuid NOT NULL,
    mandate_id uuid NOT NULL,
    regimes text[] NOT NULL CHECK (cardinality(regimes) BETWEEN 1 AND 20),
    language text NOT NULL DEFAULT 'en' CHECK (language ~ '^[a-z]{2}$'),
    sealed bytea NOT NULL,
    signatory_sealed bytea,
    state text NOT NULL DEFAULT 'open' CHECK (state IN ('open', 'closed')),
    created_by uuid NOT NULL REFERENCES caller,
    created_at timestamptz NOT NULL DEFAULT now(),
    closed_by uuid REFERENCES caller,
    closed_at timestamptz,
    UNIQUE (campaign_id, organization_id),
    FOREIGN KEY (client_id, organization_id) REFERENCES client (client_id, organization_id),
    FOREIGN KEY (mandate_id, client_id) REFERENCES mandate (mandate_id, client_id),
    CHECK ((state = 'closed') = (closed_at IS NOT NULL))
);
COMMENT ON TABLE campaign IS 'A batch of notices for one client.';
COMMENT ON COLUMN campaign.campaign_id IS 'Identity.';
COMMENT ON COLUMN campaign.organization_id IS 'Whose it is: nobody else''s.';
COMMENT ON COLUMN campaign.client_id IS 'For whom.';
COMMENT ON COLUMN campaign.mandate_id IS 'By whose leave; a renewed mandate takes its place.';
COMMENT ON COLUMN campaign.regimes IS 'Under which regimes its notices may be: registry.domain.regime.';
COMMENT ON COLUMN campaign.language IS 'The language of its notices where a platform names none: ISO 639-1.';
COMMENT ON COLUMN campaign.sealed IS 'Title, and the elements that all its notices share: sealed under the client''s key.';
COMMENT ON COLUMN campaign.signatory_sealed IS 'Who signs, by name, and how to reach them: sealed likewise; null: nobody yet.';
COMMENT ON COLUMN campaign.state IS 'closed: nothing of it is sent any more.';
COMMENT ON COLUMN campaign.created_by IS 'Who made it.';
COMMENT ON COLUMN campaign.created_at IS 'When.';
COMMENT ON COLUMN campaign.closed_by IS 'Who closed it; null: the service, with its organization or its client.';
COMMENT ON COLUMN campaign.closed_at IS 'When.';
CREATE INDEX campaign_organization ON campaign (organization_id, created_at DESC, campaign_id);
CREATE INDEX campaign_client ON campaign (client_id);

CREATE TABLE campaign_entry (
    campaign_id uuid NOT NULL REFERENCES campaign,
    entry_id uuid NOT NULL REFERENCES entry,
    added_by uuid NOT NULL REFERENCES caller,
    added_at timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (campaign_id, entry_id)
);
COMMENT ON TABLE campaign_entry IS 'The fakes that a campaign is about.';
COMMENT ON COLUMN campaign_entry.campaign_id IS 'The campaign.';
COMMENT ON COLUMN campaign_entry.entry_id IS 'The entry.';
COMMENT ON COLUMN campaign_entry.added_by IS 'Who added it.';
COMMENT ON COLUMN campaign_entry.added_at IS 'When.';
CREATE INDEX campaign_entry_entry ON campaign_entry (entry_id);

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
    created_by uuid NOT NULL REFERENCES caller,
    created_at timestamptz NOT NULL DEFAULT now(),
    changed_at timestamptz NOT NULL DEFAULT now(),
    sent_at timestamptz,
    due_at timestamptz CHECK (due_at >= sent_at),
    acknowledged_at timestamptz,
    removed_at timestamptz,
    CONSTRAINT notice_place UNIQUE (campaign_id, regime, place_digest),
    FOREIGN KEY (campaign_id, organization_id) REFERENCES campaign (campaign_id, organization_id),
    FOREIGN KEY (campaign_id, entry_id) REFERENCES campaign_entry (campaign_id, entry_id),
    CONSTRAINT notice_begins_as_draft CHECK (move_no > 1 OR state = 'draft'),
    CONSTRAINT notice_ground_is_confirmed CHECK (num_nulls(ground, confirmed_by, confirmed_at) IN (0, 3)),
    CONSTRAINT notice_ground_holds CHECK (ground IS NULL
        OR (ground = 'seen' AND (verdict IS NULL OR verdict IN ('known_fake', 'related', 'undecidable')))
        OR (ground = 'match' AND verdict IS NOT NULL AND verdict IN ('known_fake', 'related')
            AND num_nulls(match, asset_id) = 0)),
    CONSTRAINT notice_is_asked CHECK (num_nulls(in_scope, excepted, answered_by, answered_at) IN (0, 4)),
    CONSTRAINT notice_ready_is_whole CHECK (state <> 'ready'
        OR (complete AND in_scope AND NOT excepted AND ground IS NOT NULL AND answered_by IS NOT NULL)),
    CONSTRAINT notice_sent_says_when CHECK (sent_at IS NOT NULL
        OR state IN ('draft', 'ready', 'closed')),
    CONSTRAINT notice_removed_says_when CHECK (removed_at IS NOT NULL OR state NOT IN ('removed', 'reopened'))
);
COMMENT ON TABLE notice IS 'A request to take down what is at one place, under one regime. State and history are one chain: see notice_move.';
COMMENT ON COLUMN notice.notice_id IS 'Identity.';
COMMENT ON COLUMN notice.organization_id IS 'Whose it is: nobody else''s.';
COMMENT ON COLUMN notice.campaign_id IS 'The campaign.';
COMMENT ON COLUMN notice.entry_id IS 'The fake that is there.';
COMMENT ON COLUMN notice.regime IS 'The law or the policy it goes by: registry.domain.regime.';
COMMENT ON COLUMN notice.regime_version IS 'Which text of the regime it was last found complete by.';
COMMENT ON COLUMN notice.platform IS 'Who is asked: a platform''s id of registry.domain.platforms, or the host.';
COMMENT ON COLUMN notice.place_sealed IS 'The URL as it was given, or the platform''s content id, and notes: sealed under the client''s key.';
COMMENT ON COLUMN notice.place_digest IS 'HMAC-SHA-256 of the normalised place under the client''s key: one notice a place and regime.';
COMMENT ON COLUMN notice.elements_sealed IS 'Elements that the regime asks for and that are this notice''s own, sealed.';
COMMENT ON COLUMN notice.complete IS 'Whether, when it was last looked at, it had every element of its regime.';
COMMENT ON COLUMN notice.verdict IS 'What a lookup of what is there said of the entry; null: none was made.';
COMMENT ON COLUMN notice.asset_id IS 'The medium of the entry that was matched. No foreign key: what was found was found.';
COMMENT ON COLUMN notice.match IS 'The match: relation, coverage, spans, confidence, sha256 of what was found, lookup.';
COMMENT ON COLUMN notice.checked_at IS 'When that lookup was made.';
COMMENT ON COLUMN notice.ground IS 'What a person has confirmed: the match, or having seen it there; null: nothing.';
COMMENT ON COLUMN notice.confirmed_by IS 'Who.';
COMMENT ON COLUMN notice.confirmed_at IS 'When.';
COMMENT ON COLUMN notice.answers IS 'What was answered to the regime''s questions of scope and exceptions, by question: yes or no.';
COMMENT ON COLUMN notice.in_scope IS 'Whether the regime covers it, by these answers.';
COMMENT ON COLUMN notice.excepted IS 'Whether an exception of the regime (satire, reporting) takes it out, by these answers.';
COMMENT ON COLUMN notice.answered_by IS 'Who answered.';
COMMENT ON COLUMN notice.answered_at IS 'When.';
COMMENT ON COLUMN notice.state IS 'Where it stands: that of its last move.';
COMMENT ON COLUMN notice.move_no IS 'Its last move.';
COMMENT ON COLUMN notice.paused_for IS 'Why it waits. entry: that answers no lookups. counter_notice: what is there is defended. held: a person said so.';
COMMENT ON COLUMN notice.dispute_id IS 'The dispute of the entry in which what was said against the notice is heard.';
COMMENT ON COLUMN notice.created_by IS 'Who added it.';
COMMENT ON COLUMN notice.created_at IS 'When.';
COMMENT ON COLUMN notice.changed_at IS 'When anything of it last changed.';
COMMENT ON COLUMN notice.sent_at IS 'When it was last sent.';
COMMENT ON COLUMN notice.due_at IS 'Until when the regime has the platform act.';
COMMENT ON COLUMN notice.acknowledged_at IS 'When the platform last said that it had it.';
COMMENT ON COLUMN notice.removed_at IS 'When what was there was last found removed.';
CREATE INDEX notice_campaign ON notice (campaign_id, created_at, notice_id);
CREATE INDEX notice_entry ON notice (entry_id, platform) WHERE state <> 'closed';
CREATE INDEX notice_due ON notice (due_at) WHERE state IN ('sent', 'acknowledged');
CREATE INDEX notice_dispute ON notice (dispute_id) WHERE dispute_id IS NOT NULL;

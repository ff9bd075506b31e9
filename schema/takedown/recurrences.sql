-- Fakes found again where they were removed.

CREATE TABLE recurrence (
    recurrence_id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
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
COMMENT ON TABLE recurrence IS 'Recurrences: removed content found again on the platform, with the proof: by a lookup, a watch or a person.';
COMMENT ON COLUMN recurrence.recurrence_id IS 'Identity.';
COMMENT ON COLUMN recurrence.organization_id IS 'The organization of the campaign; no other one is told.';
COMMENT ON COLUMN recurrence.campaign_id IS 'The campaign.';
COMMENT ON COLUMN recurrence.entry_id IS 'The fake.';
COMMENT ON COLUMN recurrence.lookup_id IS 'The lookup that found it: the proof, used once for each verdict and address.';
COMMENT ON COLUMN recurrence.asked_by IS 'The organization of that lookup.';
COMMENT ON COLUMN recurrence.via IS 'person: reported by a person. lookup: by a lookup with an address. watch: by such a lookup, answered again later.';
COMMENT ON COLUMN recurrence.platform IS 'Id of the platform, or the host.';
COMMENT ON COLUMN recurrence.sealed IS 'The address, encrypted under the client''s key.';
COMMENT ON COLUMN recurrence.place_digest IS 'HMAC-SHA-256 of the normalised address under the client''s key, as in notice.';
COMMENT ON COLUMN recurrence.verdict IS 'Verdict of the lookup on the entry.';
COMMENT ON COLUMN recurrence.match IS 'The match: relation, coverage, spans, confidence, lookup.';
COMMENT ON COLUMN recurrence.seen_time IS 'When it was seen there.';
COMMENT ON COLUMN recurrence.outcome IS 'proposed: a person decides. reopened: the notice is now about that address. added: a new notice is. known: a notice already was. dismissed: a person declined.';
COMMENT ON COLUMN recurrence.why IS 'Why it was only proposed: a code.';
COMMENT ON COLUMN recurrence.first_id IS 'The notice on which the platform had removed the content.';
COMMENT ON COLUMN recurrence.notice_id IS 'The notice about the address; null: none yet.';
COMMENT ON COLUMN recurrence.created_at IS 'When it was found.';
COMMENT ON COLUMN recurrence.decided_by IS 'Who accepted or dismissed it.';
COMMENT ON COLUMN recurrence.decided_at IS 'When.';
CREATE UNIQUE INDEX recurrence_proposed ON recurrence (campaign_id, entry_id, place_digest) WHERE outcome = 'proposed';
CREATE INDEX recurrence_waiting ON recurrence (organization_id, created_at, recurrence_id) WHERE outcome = 'proposed';
CREATE INDEX recurrence_campaign ON recurrence (campaign_id, created_at, recurrence_id);
CREATE INDEX recurrence_first ON recurrence (first_id);
CREATE INDEX recurrence_notice ON recurrence (notice_id) WHERE notice_id IS NOT NULL;

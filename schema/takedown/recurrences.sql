-- Fakes found again where they were removed.

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
COMMENT ON TABLE notice_return IS 'Recurrences: removed content found again on the platform, with the proof: by a lookup, a watch or a person.';
COMMENT ON COLUMN notice_return.return_id IS 'Identity.';
COMMENT ON COLUMN notice_return.organization_id IS 'The organization of the campaign; no other one is told.';
COMMENT ON COLUMN notice_return.campaign_id IS 'The campaign.';
COMMENT ON COLUMN notice_return.entry_id IS 'The fake.';
COMMENT ON COLUMN notice_return.lookup_id IS 'The lookup that found it: the proof, used once for each verdict and address.';
COMMENT ON COLUMN notice_return.asked_by IS 'The organization of that lookup.';
COMMENT ON COLUMN notice_return.via IS 'person: reported by a person. lookup: by a lookup with an address. watch: by such a lookup, answered again later.';
COMMENT ON COLUMN notice_return.platform IS 'Id of the platform, or the host.';
COMMENT ON COLUMN notice_return.sealed IS 'The address, encrypted under the client''s key.';
COMMENT ON COLUMN notice_return.place_digest IS 'HMAC-SHA-256 of the normalised address under the client''s key, as in notice.';
COMMENT ON COLUMN notice_return.verdict IS 'Verdict of the lookup on the entry.';
COMMENT ON COLUMN notice_return.match IS 'The match: relation, coverage, spans, confidence, lookup.';
COMMENT ON COLUMN notice_return.seen_time IS 'When it was seen there.';
COMMENT ON COLUMN notice_return.outcome IS 'proposed: a person decides. reopened: the notice is now about that address. added: a new notice is. known: a notice already was. dismissed: a person declined.';
COMMENT ON COLUMN notice_return.why IS 'Why it was only proposed: a code.';
COMMENT ON COLUMN notice_return.first_id IS 'The notice on which the platform had removed the content.';
COMMENT ON COLUMN notice_return.notice_id IS 'The notice about the address; null: none yet.';
COMMENT ON COLUMN notice_return.created_at IS 'When it was found.';
COMMENT ON COLUMN notice_return.decided_by IS 'Who accepted or dismissed it.';
COMMENT ON COLUMN notice_return.decided_at IS 'When.';
CREATE UNIQUE INDEX notice_return_proposed ON notice_return (campaign_id, entry_id, place_digest) WHERE outcome = 'proposed';
CREATE INDEX notice_return_campaign ON notice_return (campaign_id, created_at, return_id);
CREATE INDEX notice_return_first ON notice_return (first_id);
CREATE INDEX notice_return_notice ON notice_return (notice_id) WHERE notice_id IS NOT NULL;

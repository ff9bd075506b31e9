"""A campaign with everything needed for sending, created through services. Tests then remove one thing."""

from __future__ import annotations

import io
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, Final
from uuid import UUID, uuid4

from registry.catalogue.entries.service.registration import Registration, register_entry
from registry.catalogue.fingerprints.model.fingerprint import Fingerprint
from registry.catalogue.provenance import store as manifests
from registry.catalogue.provenance.model.provenance import Manifest
from registry.core.database.pool import Connection
from registry.core.service import Service
from registry.identity.callers.model import Caller
from registry.matching.lookups.service.answers import answer_document
from registry.takedown.campaigns.model import Client, Mandate, Signatory
from registry.takedown.campaigns.service.campaigns import NewCampaign, create_campaign
from registry.takedown.clients.service import record_client, record_mandate
from registry.takedown.notices.schemas.notices import Preparation
from registry.takedown.notices.service.breaches import answer_questions
from registry.takedown.notices.service.creation import AddressRow, add_notices
from registry.takedown.notices.service.preparation import attach_matches, confirm_grounds, prepare_notices
from registry.takedown.notices.store import notices
from registry.takedown.notices.store.notices import FullNotice, Move
from tests.support.media import drawn
from tests.support.steps import review

WHO: Final = Client(name="Partido de Ejemplo", depicted_name="Ana Ejemplo", email="ana@example.org")
SIGNS: Final = Signatory(
    name="Lucía Letrada",
    capacity="representative",
    email="lucia@bufete.example",
    address="Calle Mayor 1\n52001 Melilla",
    good_faith=True,
)
SAID: Final = {
    "explanation": "A face swap that shows her in acts she never took part in.",
    "legal_provision": "Article 197.7 of the Spanish Criminal Code.",
    "no_consent": True,
}
ANSWERS: Final = {
    "dsa16": {
        "in_union": "yes",
        "hosting": "yes",
        "minor": "no",
        "consent": "no",
        "satire": "no",
        "reporting": "no",
    },
    "take_it_down": {
        "intimate": "yes",
        "identifiable": "yes",
        "covered_platform": "yes",
        "own_process": "no",
        "minor": "no",
        "consent": "no",
        "satire": "no",
        "reporting": "no",
    },
}


@dataclass(frozen=True)
class Case:
    """The ids of a campaign and its parts. `found`: the registered fingerprint."""

    service: Service
    caller: Caller
    client_id: UUID
    mandate_id: UUID
    entry_id: UUID
    campaign_id: UUID
    found: Fingerprint

    def add(self, *urls: str, **fields: Any) -> list[UUID]:
        """Add draft notices for these URLs."""
        rows = [AddressRow(line, url=url, **fields) for line, url in enumerate(urls, 1)]
        made = add_notices(self.service, self.caller, self.campaign_id, rows)
        assert made.rejected == 0, made.faults
        return [UUID(notice.notice_id) for notice in made.notices]

    def answer(self, notice_ids: Sequence[UUID] | None = None, regime: str = "dsa16", **other: str) -> None:
        answers = ANSWERS[regime] | other
        answer_questions(self.service, self.caller, self.campaign_id, regime, answers, notice_ids=notice_ids)

    def confirm(self, *notice_ids: UUID, ground: Any = "seen") -> None:
        confirm_grounds(self.service, self.caller, self.campaign_id, notice_ids, ground)

    def look_up(self, notice_id: UUID, what: Fingerprint | None = None) -> str:
        """Look up the content, attach the lookup to a notice, and return the entry's verdict."""
        answer = answer_document(self.service, self.caller, what or self.found)
        lookups = [(notice_id, UUID(answer["lookup_id"]))]
        attached = attach_matches(self.service, self.caller, self.campaign_id, lookups)
        return str(attached.matches[0].verdict)

    def prepare(self, *notice_ids: UUID, dry_run: bool = False) -> Preparation:
        return prepare_notices(
            self.service, self.caller, self.campaign_id, notice_ids=notice_ids or None, dry_run=dry_run
        )

    def ready(self, *urls: str) -> list[UUID]:
        """Create notices that are ready to be sent."""
        made = self.add(*(urls or (f"https://videos.example.net/{uuid4().hex}",)))
        self.answer(made)
        self.confirm(*made)
        assert self.prepare(*made).prepared == len(made)
        return made

    def send(self, connection: Connection, *notice_ids: UUID) -> None:
        """Mark notices as sent, as delivery does in its commit."""
        notices.lock(connection, self.caller.organization_id, notice_ids)
        due = datetime.now(UTC) + timedelta(days=1)
        move = Move("send", "sent", "to_be_handed_over", caller_id=self.caller.caller_id, due=due)
        notices.move(connection, notice_ids, move)

    def sent(self, *urls: str) -> list[UUID]:
        made = self.ready(*urls)
        with self.service.pool.transaction() as connection:
            self.send(connection, *made)
        return made

    def keep(self, raw: bytes, manifest: Manifest | None = None) -> str:
        """Store these bytes as the entry's medium, with this manifest. Return the medium's id."""
        stored = self.service.blobs.put(io.BytesIO(raw), limit=len(raw))
        with self.service.pool.transaction() as connection:
            row = connection.execute(
                "UPDATE asset a SET sha256 = decode(%s, 'hex'), bytes = %s, blob_key = %s "
                "FROM entry_asset ea WHERE ea.asset_id = a.asset_id AND ea.entry_id = %s "
                "RETURNING a.asset_id",
                (stored.sha256, stored.bytes, stored.key, self.entry_id),
            ).fetchone()
            assert row
            if manifest is not None:
                manifests.write(connection, row["asset_id"], manifest)
        return str(row["asset_id"])

    def state(self, notice_id: UUID) -> str:
        return str(self.row(notice_id).state)

    def row(self, notice_id: UUID) -> FullNotice:
        with self.service.pool.transaction() as connection:
            return notices.full(connection, self.caller.organization_id, [notice_id])[0]


def case(
    service: Service,
    caller: Caller,
    *,
    regimes: Sequence[str] = ("dsa16",),
    entry_id: UUID | None = None,
    reviewed: bool = True,
    until: timedelta = timedelta(days=90),
    signs: Signatory | None = SIGNS,
) -> Case:
    """Create the caller's campaign about one fake."""
    found = drawn.clip(uuid4().hex, face="victim")
    if entry_id is None:
        entry_id = UUID(
            register_entry(service, caller, Registration(fakes=[found], title="Face swap")).entry_id
        )
        if reviewed:
            review(service, str(entry_id))
    client = record_client(service, caller, WHO)
    now = datetime.now(UTC)
    mandate = Mandate("self", "ab" * 32, now - timedelta(days=1), now + until)
    client = record_mandate(service, caller, UUID(client.client_id), mandate)
    client_id, mandate_id = UUID(client.client_id), UUID(client.mandates[0].mandate_id)
    new = NewCampaign(
        title="Melilla",
        client_id=client_id,
        mandate_id=mandate_id,
        entry_ids=[entry_id],
        regimes=regimes,
        language="es",
        signatory=signs,
        elements=SAID,
    )
    made = create_campaign(service, caller, new)
    return Case(service, caller, client_id, mandate_id, entry_id, UUID(made.campaign_id), found)

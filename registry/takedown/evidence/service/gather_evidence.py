"""Gather the content of an evidence bundle: all recorded data of a campaign's notices at one moment."""

from __future__ import annotations

import hashlib
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from typing import Any, Final
from uuid import UUID

from registry.core.audit.model.ledger import canonical
from registry.core.crypto.keys import Key
from registry.core.database.pool import Connection
from registry.core.errors.documents import BundleTooLarge
from registry.core.http.schemas import Answer
from registry.core.service import Service
from registry.identity.callers.model import Caller
from registry.takedown import documents as pdf
from registry.takedown.campaigns import store as campaign_store
from registry.takedown.campaigns.service import access, texts
from registry.takedown.campaigns.store import FullCampaign
from registry.takedown.delivery.service import deliveries as delivery_service
from registry.takedown.delivery.service.sending import LETTER
from registry.takedown.delivery.store import ListedDelivery
from registry.takedown.errors import UnknownNotice
from registry.takedown.evidence import store as evidence_store
from registry.takedown.evidence.errors import NoNotices
from registry.takedown.evidence.model import bundle, evidence_report
from registry.takedown.evidence.model.custody import Document, Recorded, custody
from registry.takedown.evidence.service import evidence_files
from registry.takedown.evidence.service.exhibits import shown as shown_exhibit
from registry.takedown.notices.service import notices as notice_service
from registry.takedown.notices.store import notices
from registry.takedown.notices.store.notices import FullNotice
from registry.takedown.replies.service import replies as reply_service
from registry.transparency.errors import LedgerKeyUnavailable
from registry.transparency.ledger.model import signing
from registry.transparency.ledger.model.note import Signer
from registry.transparency.ledger.service.sequencing import ledger_folder
from registry.transparency.timestamps.model.rfc3161 import BadStamp
from registry.transparency.timestamps.service import authority as tsa

MOST: Final = 5_000
"""Maximum number of notices in a bundle."""
README: Final = """\
Evidence about notices to platforms, from the records of a registry of known fakes.

report.pdf                   start here: what was found where and when, how certain, how it was established
campaign.json                client, mandate, signatory and entries
custody.json                 who did what, in order, and the SHA-256 of every exhibit
entries/ID/ledger.json       events of the entry, each with the proof that it is in the ledger
entries/ID/fingerprints.json fingerprints of its media and their declared origin, without faces
c2pa/ID.c2pa                 the C2PA manifest of a medium, if it contains no picture
notices/ID/record.json       the notice: place, match, moves, letters, replies, exhibits
notices/ID/letter-N.txt      the letter of its move N; the record says whether it was handed over
media.json, media/ID.age     encrypted media (age-encryption.org), only if requested
media/identity.age           the key of the media, encrypted with a password, if one was chosen
manifest.json                the SHA-256 of each of these files
manifest.sig                 signature of the manifest by the ledger's key (Ed25519, C2SP signed-note)
manifest.tsr                 time stamp of manifest.sig by an authority (RFC 3161), if the manifest says so
manifest.tsr.sig             signature of the time stamp by the ledger's key
authorities.pem              the certificates against which the time stamp was checked

Check all of it without a network:  fakeprint verify THIS.zip --key LEDGER-KEY --tsa-roots AUTHORITY.pem
Get the ledger's public key and the authority's certificate from another source than this archive.
Open a medium:  age -d -i media/identity.age media/ID.age   (it asks for the password)
"""

Row = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Gathered:
    """The content of a bundle.

    `files`: all but the report and encrypted files. `stores`: C2PA manifests with pictures, by medium. `key`:
    the client's key, which decrypts exhibits.
    """

    campaign_id: UUID
    notice_id: UUID | None
    organization_id: UUID
    recorded: Recorded
    files: dict[str, bytes]
    stores: dict[str, bytes]
    signers: list[Signer]
    key: Key

    @property
    def entry_ids(self) -> list[UUID]:
        return [UUID(entry["entry_id"]) for entry in self.recorded.entries]

    @property
    def manifest(self) -> dict[str, str | None]:
        """Fields of the manifest besides the list of files."""
        return {
            "campaign_id": str(self.campaign_id),
            "notice_id": str(self.notice_id) if self.notice_id else None,
            "organization_id": str(self.organization_id),
            "as_of": self.recorded.as_of,
        }


def gather_evidence(
    service: Service, caller: Caller, campaign_id: UUID, notice_id: UUID | None, *, media: bool = False
) -> Gathered:
    """Read all data in one database snapshot. `media`: the bundle will contain media.

    Raises the errors of `bundle_evidence`, except those of the time stamp.
    """
    caller.require("takedown")
    with service.pool.snapshot() as connection:
        row = access.find_campaign(connection, caller, campaign_id)
        signers = _signers(service)
        key = access.key_of(service, row.client_id)
        chosen = _chosen(connection, campaign_id, notice_id)
        rows = notices.full(connection, caller.organization_id, chosen)
        records, letters = _notices(service, connection, caller, key, rows)
        entry_ids = sorted({row.entry_id for row in rows}, key=str)
        campaign = _campaign(connection, caller, key, row, entry_ids)
        entries = [
            evidence_files.entry(service, connection, caller, entry_id, campaign_id, notice_id)
            for entry_id in entry_ids
        ]
        plain, pictured = evidence_files.stores(connection, entries, ciphered=media)
    times = [_latest(campaign), *map(_latest, records)]
    recorded = Recorded(campaign, entries, records, max(time for time in times if time is not None))
    files: dict[str, bytes] = {"readme.txt": README.encode(), "campaign.json": canonical(campaign), **letters}
    files |= {f"c2pa/{asset_id}.c2pa": store for asset_id, store in plain.items()}
    for entry in entries:
        folder = f"entries/{entry['entry_id']}"
        files[f"{folder}/{bundle.LEDGER}"] = canonical(entry["ledger"])
        files[f"{folder}/fingerprints.json"] = canonical(entry["media"])
    for record in records:
        files[f"notices/{record['notice_id']}/{bundle.RECORD}"] = canonical(record)
    return Gathered(campaign_id, notice_id, caller.organization_id, recorded, files, pictured, signers, key)


def reported(service: Service, gathered: Gathered, *, stamped: bool, media: bool) -> dict[str, bytes]:
    """Return the files with the chain of custody and the report. Raises `NotInstalled` (`not_installed`)."""
    chain = custody(gathered.recorded)
    titles = {name: regime.title for name, regime in access.all_regimes(service).items()}
    report = evidence_report.report(gathered.recorded, chain.exhibits, titles, stamped=stamped, media=media)
    return {
        **gathered.files,
        "custody.json": canonical(asdict(chain)),
        "report.pdf": pdf.report(report, datetime.fromisoformat(gathered.recorded.as_of)),
    }


def stamping_of(
    service: Service, caller: Caller, *, stamp: bool
) -> tuple[bundle.Timestamping | None, dict[str, bytes]]:
    """Return a function that time-stamps the bundle, and the file of the certificates that verify the stamp.

    Returns (None, {}) if the deployment has no authority. Data that was stamped before keeps its stamp.
    Raises `BadInput` (`bad_tsa`). The function raises `Unavailable` (`tsa_unreachable`, `tsa_refused`,
    `bad_time_stamp`).
    """
    authority = tsa.authority(service.settings) if stamp else None
    if authority is None:
        return None, {}
    return _stamping(service, caller, authority), {bundle.AUTHORITIES: authority.pem}


def _stamping(service: Service, caller: Caller, authority: tsa.Authority) -> Callable[[bytes], bytes]:
    def stamp(message: bytes) -> bytes:
        digest = hashlib.sha256(message).digest()
        with service.pool.transaction() as connection:
            stored = evidence_store.stamp(connection, digest)
        if stored is not None:
            try:
                authority.read(stored, message)
            except BadStamp:  # the authority of the stored stamp is no longer trusted
                return authority.stamp(message)[0]
            return stored
        answer, stated = authority.stamp(message)
        with service.pool.transaction() as connection:
            return evidence_store.save_stamp(connection, digest, caller.organization_id, answer, stated.at)

    return stamp


def _signers(service: Service) -> list[Signer]:
    signers = signing.signers(ledger_folder(service.settings), service.settings.ledger_origin, create=False)
    if not signers:
        raise LedgerKeyUnavailable
    return signers


def _chosen(connection: Connection, campaign_id: UUID, notice_id: UUID | None) -> list[UUID]:
    named = None if notice_id is None else [notice_id]
    ids = notices.chosen(connection, campaign_id, notice_ids=named, limit=MOST + 1)
    if not ids and notice_id is not None:
        raise UnknownNotice(f"There is no notice {notice_id} in that campaign.")
    if not ids:
        raise NoNotices("The campaign has no notices yet.")
    if len(ids) > MOST:
        raise BundleTooLarge(f"A bundle has at most {MOST} notices.")
    return ids


def _campaign(
    connection: Connection, caller: Caller, key: Key, row: FullCampaign, entry_ids: Sequence[UUID]
) -> Document:
    """Return the content of campaign.json. It does not depend on the time of reading."""
    common = access.shared(key, row)
    entries = campaign_store.entries(connection, caller.organization_id, row.campaign_id)
    return {
        "campaign_id": str(row.campaign_id),
        "title": common.campaign.title,
        "elements": common.campaign.elements,
        "client": asdict(common.client) if common.client else None,
        "signatory": asdict(common.signatory) if common.signatory else None,
        "mandate": {
            "granted_by": row.granted_by,
            "document_sha256": row.document_sha256,
            "valid_from": _text(row.valid_from),
            "valid_until": _text(row.valid_until),
            "revoked_at": _text(row.revoked_at),
        },
        "regimes": row.regimes,
        "language": row.language,
        "state": row.state,
        "created_at": _text(row.created_at),
        "closed_at": _text(row.closed_at),
        "entries": [
            {
                name: str(entry[name]) if entry[name] else None
                for name in ("entry_id", "title", "tier", "status")
            }
            for entry in entries
            if entry["entry_id"] in entry_ids
        ],
    }


def _notices(
    service: Service, connection: Connection, caller: Caller, key: Key, rows: Sequence[FullNotice]
) -> tuple[list[Document], dict[str, bytes]]:
    """Return the notices' records, and the letters by file name."""
    ids = [row.notice_id for row in rows]
    moves = _grouped(evidence_store.moves(connection, ids), "notice_id")
    deliveries = evidence_store.deliveries(connection, ids)
    attempts = _grouped(evidence_store.attempts(connection, ids), "delivery_id")
    replies = evidence_store.replies(connection, caller.organization_id, ids)
    exhibits = _grouped(evidence_store.exhibits(connection, ids), "notice_id")
    facts = notices.facts(connection, ids)
    records: list[Document] = []
    letters = {}
    for row in rows:
        sent = [delivery for delivery in deliveries if delivery.notice_id == row.notice_id]
        shown = notice_service.shown(key, row, facts[row.notice_id])
        records.append(
            {
                **shown.model_dump(mode="json", exclude={"hindrances"}),  # hindrances change with time
                "elements": texts.ELEMENTS.decrypt(key, row.elements_sealed) or {},
                "regime_version": row.regime_version,
                "confirmed_by": str(row.confirmed_by) if row.confirmed_by else None,
                "despite_dispute_by": row.despite_dispute_by_name,
                "answered_by": str(row.answered_by) if row.answered_by else None,
                "moves": _dumped(notice_service.history(key, moves[row.notice_id])),
                "deliveries": [_delivery(delivery, attempts[delivery.delivery_id]) for delivery in sent],
                "replies": _dumped(
                    reply_service.shown(service, reply)
                    for reply in replies
                    if reply.notice_id == row.notice_id
                ),
                "exhibits": _dumped(shown_exhibit(key, exhibit) for exhibit in exhibits[row.notice_id]),
            }
        )
        for delivery in sent:
            written = LETTER.decrypt(key, delivery.sealed)
            if written is not None:
                letters[f"notices/{row.notice_id}/letter-{delivery.move_no}.txt"] = written.plain.encode()
    return records, letters


def _delivery(row: ListedDelivery, attempts: Sequence[Row]) -> Document:
    shown = delivery_service.shown(row).model_dump(mode="json")
    dumped = _dumped(delivery_service.attempt(attempt) for attempt in attempts)
    return {**shown, "next_at": None, "move": row.move_no, "made": dumped}


def _dumped(answers: Iterable[Answer]) -> list[Document]:
    return [answer.model_dump(mode="json") for answer in answers]


def _grouped(rows: Sequence[Row], name: str) -> Mapping[UUID, list[Row]]:
    groups: dict[UUID, list[Row]] = defaultdict(list)
    for row in rows:
        groups[row[name]].append(row)
    return groups


def _text(moment: datetime | None) -> str | None:
    return moment.astimezone(UTC).isoformat() if moment else None


def _latest(record: Document) -> str | None:
    """Return when the data of a record last changed, in UTC."""
    names = ("created_at", "closed_at", "checked_at", "confirmed_at", "answered_at", "despite_dispute_at")
    times = [record.get(name) for name in names]
    times += [move["at"] for move in record.get("moves", [])]
    for delivery in record.get("deliveries", []):
        times += [
            delivery["created_at"],
            delivery["handed_at"],
            delivery["delivered_at"],
            delivery["decided_at"],
        ]
        times += [attempt[name] for attempt in delivery["made"] for name in ("at", "ended_at")]
    times += [reply["created_at"] for reply in record.get("replies", [])]
    times += [exhibit["added_at"] for exhibit in record.get("exhibits", [])]
    moments = [datetime.fromisoformat(time).astimezone(UTC) for time in times if time]
    return max(moments).isoformat() if moments else None

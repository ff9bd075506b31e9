"""Make evidence bundles, and disclose media in them."""

from __future__ import annotations

import base64
import binascii
import hashlib
import io
import tempfile
import zlib
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, BinaryIO, Final
from uuid import UUID

from registry.catalogue.media.model import refuse_minor
from registry.core.audit.model.ledger import canonical
from registry.core.audit.service import event, record_events
from registry.core.crypto import age_encryption
from registry.core.documents import plain_zip
from registry.core.documents.plain_zip import Member
from registry.core.errors.crypto import BadIdentity
from registry.core.errors.documents import BundleTooLarge
from registry.core.service import Service
from registry.identity.callers.model import Caller
from registry.takedown.evidence import store as evidence_store
from registry.takedown.evidence.errors import MediaDamaged, NoMedia
from registry.takedown.evidence.model import bundle
from registry.takedown.evidence.model.bundle import Large
from registry.takedown.evidence.service.exhibits import CONTENT
from registry.takedown.evidence.service.gather_evidence import (
    Gathered,
    gather_evidence,
    reported,
    stamping_of,
)

_CHUNK: Final = 1 << 20
_AGE: Final = b"age-encryption.org/v1\n-> scrypt "
_IDENTITY: Final = "media/identity.age"


@dataclass(frozen=True, slots=True)
class Readers:
    """The readers of the media.

    `recipients`: public keys of age. `identity`: a private key of one of them, encrypted with a password, in
    base64. It goes into the archive.
    """

    recipients: Sequence[str]
    identity: str | None = None


@dataclass(frozen=True, slots=True)
class _Source:
    """A file to be encrypted. `size` and `sha256`: the expected values of the plaintext."""

    name: str
    what: str
    of: str
    role: str | None
    sha256: str
    size: int
    opened: Callable[[], AbstractContextManager[BinaryIO]]


def disclose_evidence(
    service: Service,
    caller: Caller,
    campaign_id: UUID,
    readers: Readers,
    *,
    notice_id: UUID | None = None,
    stamp: bool = True,
) -> Iterator[bytes]:
    """Yield the pieces of a bundle as in `bundle_evidence`, with media encrypted by age. Needs `takedown`.

    The media are those of the caller's own entries, stored files of exhibits, and C2PA manifests that contain
    pictures. Encryption is randomised, so the archive differs each time. The ledger records who disclosed
    them and to which keys before the first byte is returned.

    Raises the errors of `bundle_evidence`, and `Forbidden` (`minor_protection`), `Conflict` (`no_media`),
    `BadInput` (`bad_recipient`, `bad_identity`), `Unavailable` (`media_damaged`), `NotFound` (`media_gone`).
    """
    caller.require("takedown")
    recipients = age_encryption.recipients(readers.recipients)
    identity = _identity(readers.identity)
    timestamping, certificates = stamping_of(service, caller, stamp=stamp)
    gathered = gather_evidence(service, caller, campaign_id, notice_id, media=True)
    sources = _sources(service, gathered)
    files = reported(service, gathered, stamped=timestamping is not None, media=True) | certificates
    folder = tempfile.TemporaryDirectory(prefix="fakeprint-evidence-")
    try:
        encrypted = [_encrypted(source, Path(folder.name), recipients) for source in sources]
        files[bundle.MEDIA] = _media_index(readers, [listed for _, listed in encrypted])
        if identity:
            files[_IDENTITY] = identity
        members = bundle.members(
            files,
            gathered.manifest,
            gathered.signers,
            timestamping=timestamping,
            large=[large for large, _ in encrypted],
        )
        pieces = plain_zip.pieces(members)
        _record(service, caller, gathered, sources, readers)
    except BaseException:
        folder.cleanup()
        raise
    return _streamed(pieces, folder)


def _media_index(readers: Readers, listed: Sequence[bundle.ListedMedium]) -> bytes:
    """Return the content of media.json."""
    return canonical(
        {
            "cipher": "age-encryption.org/v1",
            "recipients": sorted(set(readers.recipients)),
            "identity": _IDENTITY if readers.identity else None,
            "files": [asdict(medium) for medium in listed],
        }
    )


def _streamed(pieces: Iterator[bytes], folder: tempfile.TemporaryDirectory[str]) -> Iterator[bytes]:
    """Yield the pieces, and then delete the folder of the encrypted files."""
    with folder:
        yield from pieces


def _identity(encoded: str | None) -> bytes | None:
    """Decode a password-protected identity. Rejects a plain key, so that nobody sends one by mistake."""
    if encoded is None:
        return None
    try:
        raw = base64.b64decode(encoded, validate=True)
    except (binascii.Error, ValueError):
        raw = b""
    if not raw.startswith(_AGE) or len(raw) > age_encryption.LARGEST_IDENTITY:
        raise BadIdentity("`identity` is an age key encrypted with a password, in base64.")
    return raw


def _sources(service: Service, gathered: Gathered) -> list[_Source]:
    with service.pool.transaction() as connection:
        if evidence_store.may_show_minor(connection, gathered.entry_ids):
            raise refuse_minor()
        own = [UUID(entry["entry_id"]) for entry in gathered.recorded.entries if entry["own"]]
        rows = evidence_store.stored_media(connection, own)
        stored = [
            (exhibit, evidence_store.exhibit_content(connection, UUID(exhibit["exhibit_id"])))
            for record in gathered.recorded.records
            for exhibit in record["exhibits"]
            if exhibit["kept"]
        ]
    sources = [_medium(service, row) for row in rows]
    for exhibit, sealed in stored:
        if sealed is not None:
            plain = gathered.key.open(sealed, CONTENT)
            name = f"media/exhibit-{exhibit['exhibit_id']}.age"
            sources.append(_in_memory(name, "exhibit", exhibit["exhibit_id"], exhibit["kind"], plain))
    for asset_id, store in gathered.stores.items():
        sources.append(_in_memory(f"media/c2pa-{asset_id}.age", "c2pa", asset_id, None, store))
    if not sources:
        raise NoMedia("No media of your own are stored here for it.")
    if sum(source.size for source in sources) > plain_zip.MOST_STREAMED:
        raise BundleTooLarge(f"The media have more than {plain_zip.MOST_STREAMED >> 20} MiB.")
    return sources


def _medium(service: Service, row: dict[str, Any]) -> _Source:
    asset_id, key = str(row["asset_id"]), row["blob_key"]

    @contextmanager
    def opened() -> Iterator[BinaryIO]:
        with service.blobs.local_path(key) as path, path.open("rb") as file:
            yield file

    name = f"media/{asset_id}.age"
    return _Source(name, "medium", asset_id, row["role"], row["sha256"], row["bytes"] or 0, opened)


def _in_memory(name: str, kind: str, subject_id: str, role: str | None, plain: bytes) -> _Source:
    digest = hashlib.sha256(plain).hexdigest()
    return _Source(name, kind, subject_id, role, digest, len(plain), lambda: io.BytesIO(plain))


def _encrypted(source: _Source, folder: Path, recipients: Sequence[Any]) -> tuple[Large, bundle.ListedMedium]:
    """Encrypt a source into a file of the folder; return its archive member and its row in media.json."""
    path = folder / source.name.rpartition("/")[2]
    with source.opened() as plaintext, path.open("wb") as into:
        plain = age_encryption.cipher(plaintext, into, recipients)
    if plain.sha256 != source.sha256:
        raise MediaDamaged
    crc, digest, size = 0, hashlib.sha256(), 0
    for piece in _pieces(path):
        crc, size = zlib.crc32(piece, crc), size + len(piece)
        digest.update(piece)
    member = Member(source.name, size, crc, lambda: _pieces(path))
    listed = bundle.ListedMedium(
        name=source.name,
        what=source.what,
        of=source.of,
        role=source.role,
        sha256=plain.sha256,
        bytes=plain.size,
        cipher_sha256=digest.hexdigest(),
        cipher_bytes=size,
    )
    return Large(member, digest.hexdigest()), listed


def _pieces(path: Path) -> Iterable[bytes]:
    with path.open("rb") as file:
        while piece := file.read(_CHUNK):
            yield piece


def _record(
    service: Service,
    caller: Caller,
    gathered: Gathered,
    sources: Sequence[_Source],
    readers: Readers,
) -> None:
    subject: dict[str, str | UUID] = {"campaign_id": gathered.campaign_id}
    subject |= {"notice_id": gathered.notice_id} if gathered.notice_id else {}
    details = {
        "files": [source.sha256 for source in sources[:1_000]],
        "recipients": sorted(
            hashlib.sha256(recipient.encode()).hexdigest() for recipient in set(readers.recipients)
        ),
        "by_password": readers.identity is not None,
    }
    with service.pool.transaction() as connection:
        events = [
            event(caller, "evidence.disclosed", entry_id=entry_id, subject=subject, said=details)
            for entry_id in gathered.entry_ids
        ]
        record_events(connection, events)


def bundle_evidence(
    service: Service,
    caller: Caller,
    campaign_id: UUID,
    *,
    notice_id: UUID | None = None,
    stamp: bool = True,
) -> bytes:
    """Return the evidence archive of a campaign of the caller's organization, or of one of its notices.

    Format: `registry.takedown.evidence.model.bundle`. The bytes are the same as long as the data is
    unchanged. It contains no media, no faces, and nothing that other organizations keep private about
    entries. `stamp`: add a time stamp if the deployment has an authority. Needs `takedown`.

    Raises `NotFound` (`unknown_campaign`, `unknown_notice`, `no_checkpoint`), `Conflict` (`client_erased`,
    `no_notices`), `TooLarge` (`bundle_too_large`), `Unavailable` (`ledger_key_unavailable`,
    `tsa_unreachable`, `tsa_refused`, `bad_time_stamp`), `BadInput` (`bad_tsa`), `NotInstalled`
    (`not_installed`).
    """
    timestamping, certificates = stamping_of(service, caller, stamp=stamp)
    gathered = gather_evidence(service, caller, campaign_id, notice_id)
    files = reported(service, gathered, stamped=timestamping is not None, media=False) | certificates
    return bundle.pack(files, gathered.manifest, gathered.signers, timestamping=timestamping)

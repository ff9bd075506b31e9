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
    to = age_encryption.recipients(readers.recipients)
    identity = _identity(readers.identity)
    timestamping, certificates = stamping_of(service, caller, wanted=stamp)
    found = gather_evidence(service, caller, campaign_id, notice_id, media=True)
    sources = _sources(service, found)
    files = reported(service, found, stamped=timestamping is not None, media=True) | certificates
    folder = tempfile.TemporaryDirectory(prefix="fakeprint-evidence-")
    try:
        made = [_ciphered(source, Path(folder.name), to) for source in sources]
        files[bundle.MEDIA] = canonical(
            {
                "cipher": "age-encryption.org/v1",
                "recipients": sorted(set(readers.recipients)),
                "identity": _IDENTITY if identity else None,
                "files": [asdict(listed) for _, listed in made],
            }
        )
        if identity:
            files[_IDENTITY] = identity
        members = bundle.members(
            files,
            found.manifest,
            found.signers,
            timestamping=timestamping,
            large=[large for large, _ in made],
        )
        pieces = plain_zip.pieces(members)
        _record(service, caller, found, sources, readers)
    except BaseException:
        folder.cleanup()
        raise
    return _given(pieces, folder)


def _given(pieces: Iterator[bytes], folder: tempfile.TemporaryDirectory[str]) -> Iterator[bytes]:
    with folder:
        yield from pieces


def _identity(given: str | None) -> bytes | None:
    """Decode a password-protected identity. Rejects a plain key, so that nobody sends one by mistake."""
    if given is None:
        return None
    try:
        raw = base64.b64decode(given, validate=True)
    except (binascii.Error, ValueError):
        raw = b""
    if not raw.startswith(_AGE) or len(raw) > age_encryption.LARGEST_IDENTITY:
        raise BadIdentity("`identity` is a key of age ciphered by a password, in base64.")
    return raw


def _sources(service: Service, found: Gathered) -> list[_Source]:
    with service.pool.transaction() as connection:
        if evidence_store.may_show_minor(connection, found.entry_ids):
            raise refuse_minor()
        own = [UUID(entry["entry_id"]) for entry in found.recorded.entries if entry["own"]]
        rows = evidence_store.kept_media(connection, own)
        kept = [
            (exhibit, evidence_store.exhibit_content(connection, UUID(exhibit["exhibit_id"])))
            for record in found.recorded.records
            for exhibit in record["exhibits"]
            if exhibit["kept"]
        ]
    sources = [_medium(service, row) for row in rows]
    for exhibit, sealed in kept:
        if sealed is not None:
            plain = found.key.open(sealed, CONTENT)
            name = f"media/exhibit-{exhibit['exhibit_id']}.age"
            sources.append(_held(name, "exhibit", exhibit["exhibit_id"], exhibit["kind"], plain))
    for asset_id, store in found.stores.items():
        sources.append(_held(f"media/c2pa-{asset_id}.age", "c2pa", asset_id, None, store))
    if not sources:
        raise NoMedia("None of its media is kept here, or yours to hand on.")
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


def _held(name: str, what: str, of: str, role: str | None, plain: bytes) -> _Source:
    digest = hashlib.sha256(plain).hexdigest()
    return _Source(name, what, of, role, digest, len(plain), lambda: io.BytesIO(plain))


def _ciphered(item: _Source, folder: Path, to: Sequence[Any]) -> tuple[Large, bundle.ListedMedium]:
    """Encrypt a source into a file of the folder; return its archive member and its row in media.json."""
    path = folder / item.name.rpartition("/")[2]
    with item.opened() as source, path.open("wb") as into:
        plain = age_encryption.cipher(source, into, to)
    if plain.sha256 != item.sha256:
        raise MediaDamaged
    crc, digest, size = 0, hashlib.sha256(), 0
    for piece in _pieces(path):
        crc, size = zlib.crc32(piece, crc), size + len(piece)
        digest.update(piece)
    member = Member(item.name, size, crc, lambda: _pieces(path))
    listed = bundle.ListedMedium(
        name=item.name,
        what=item.what,
        of=item.of,
        role=item.role,
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
    found: Gathered,
    sources: Sequence[_Source],
    readers: Readers,
) -> None:
    subject: dict[str, str | UUID] = {"campaign_id": found.campaign_id}
    subject |= {"notice_id": found.notice_id} if found.notice_id else {}
    said = {
        "files": [source.sha256 for source in sources[:1_000]],
        "recipients": sorted(
            hashlib.sha256(recipient.encode()).hexdigest() for recipient in set(readers.recipients)
        ),
        "by_password": readers.identity is not None,
    }
    with service.pool.transaction() as connection:
        happened = [
            event(caller, "evidence.disclosed", entry_id=item, subject=subject, said=said)
            for item in found.entry_ids
        ]
        record_events(connection, happened)


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
    timestamping, certificates = stamping_of(service, caller, wanted=stamp)
    found = gather_evidence(service, caller, campaign_id, notice_id)
    files = reported(service, found, stamped=timestamping is not None, media=False) | certificates
    return bundle.pack(files, found.manifest, found.signers, timestamping=timestamping)

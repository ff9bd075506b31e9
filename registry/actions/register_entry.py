"""Register a known fake, with the original it was made from where that is known."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, cast, get_args
from urllib.parse import urlsplit
from uuid import UUID

from registry.actions.find_bank import own_bank
from registry.actions.forget_blob import keep_blob
from registry.actions.relay_outbox import wake_workers
from registry.actions.service import Service
from registry.blobs import StoredBlob
from registry.domain.caller import Caller
from registry.domain.entry import Manipulation
from registry.domain.fingerprint import Fingerprint
from registry.domain.labels import file_label, label
from registry.domain.media import Role
from registry.errors import BadInput, Conflict
from registry.store import assets, entries, fingerprints, jobs
from registry.store.pool import Connection


@dataclass(frozen=True, slots=True)
class Upload:
    """A media file that was received: where it lies, and the name it came with."""

    blob: StoredBlob
    filename: str


Source = Upload | Fingerprint
"""Media, or a fingerprint document that stands for it."""


@dataclass(frozen=True, slots=True)
class Claim:
    """What is said of an entry, checked."""

    title: str
    claim: str | None
    manipulation: Manipulation | None
    references: tuple[Mapping[str, Any], ...]


def register_entry(
    service: Service,
    caller: Caller,
    *,
    fakes: Sequence[Source],
    originals: Sequence[Source] = (),
    bank: str | None = None,
    title: str | None = None,
    manipulation: str | None = None,
    claim: str | None = None,
    references: Sequence[Any] = (),
) -> dict[str, Any]:
    """A new entry, or the one that holds these fakes already (`created` says which). Needs `register`.

    Fakes and originals become matchable in one commit: at once where all came as documents, else when
    the workers have fingerprinted the last. Raises `BadInput` (`no_fake`, `bad_label`,
    `unknown_manipulation`, `bad_reference`), `Conflict` (`role_conflict`), `NotFound`, `Forbidden`.
    """
    caller.require("register")
    if not fakes:
        raise BadInput("An entry needs at least one fake.", code="no_fake", next_step="Send a part `fake`.")
    said = _claim(fakes, title, claim, manipulation, references)
    _no_conflict(fakes, originals)
    with service.pool.transaction() as connection:
        home = own_bank(connection, caller, bank)
        entries.lock_bank(connection, home.bank_id)
        digests = [bytes.fromhex(sha256(source)) for source in fakes]
        entry_id = entries.of_fakes(connection, home.bank_id, digests)
        created = entry_id is None
        if entry_id is None:
            entry_id = entries.insert(
                connection,
                bank_id=home.bank_id,
                title=said.title,
                claim=said.claim,
                manipulation=said.manipulation,
                references=said.references,
                unverified=any(isinstance(source, Fingerprint) for source in (*fakes, *originals)),
                created_by=caller.caller_id,
            )
        roles: list[tuple[Source, Role]] = [(one, "fake") for one in fakes]
        roles += [(one, "original") for one in originals]
        added = [add_media(service, connection, home.bank_id, entry_id, *one) for one in roles]
        for asset in added:
            entries.settle(connection, UUID(asset["asset_id"]))
        shown = entries.show(connection, caller.organization_id, entry_id)
        elsewhere = entries.elsewhere(connection, caller.organization_id, entry_id, digests)
    wake_workers(service)
    return {
        "entry_id": str(entry_id),
        "status": shown["status"] if shown else "pending",
        "created": created,
        "assets": added,
        "duplicates": [
            {**row, "entry_id": str(row["entry_id"]), "asset_id": str(row["asset_id"])} for row in elsewhere
        ],
    }


def add_media(
    service: Service, connection: Connection, bank_id: UUID, entry_id: UUID, source: Source, role: Role
) -> dict[str, Any]:
    """One medium of an entry, in the caller's transaction: its row, its link, its work or its fingerprint.

    Raises `Unavailable` (`media_lost`) where another request's failure took the media away meanwhile.
    """
    upload = source if isinstance(source, Upload) else None
    if upload:
        keep_blob(service, connection, upload.blob.key)
    asset = assets.upsert(
        connection,
        bank_id=bank_id,
        sha256=sha256(source),
        filename=file_label(upload.filename) if upload else "",
        size=upload.blob.bytes if upload else cast("Fingerprint", source).media.bytes,
        blob_key=upload.blob.key if upload else None,
    )
    entries.lock_of_asset(connection, asset.asset_id)
    linked = entries.link(connection, entry_id, asset.asset_id, role)
    if isinstance(source, Upload):
        if not (asset.fingerprinted and asset.recomputed):
            assets.reset(connection, asset.asset_id)
            entries.reopen(connection, entry_id)
            jobs.enqueue(connection, "fingerprint_asset", asset.asset_id)
        elif not service.settings.keep_media:
            assets.let_media_go(connection, asset.asset_id)
    elif not asset.fingerprinted:
        assets.fingerprinted(connection, asset.asset_id, source.media, source.notes, keep_media=True)
        fingerprints.replace(connection, asset.asset_id, source, recomputed=False)
        asset = assets.AssetRef(asset.asset_id, "fingerprinted", asset.blob_key, asset.created, False)
    return {
        "asset_id": str(asset.asset_id),
        "sha256": sha256(source),
        "role": role,
        "status": "fingerprinted" if asset.fingerprinted else "pending",
        "created": asset.created or linked,
    }


def sha256(source: Source) -> str:
    """The digest of the media, 64 hex digits."""
    return source.blob.sha256 if isinstance(source, Upload) else source.media.sha256


def _claim(
    fakes: Sequence[Source],
    title: str | None,
    claim: str | None,
    manipulation: str | None,
    references: Sequence[Any],
) -> Claim:
    # Strangers read titles, so a file's name, which may hold a victim's, does not become one unasked.
    given = title or f"untitled {sha256(fakes[0])[:12]}"
    if manipulation is not None and manipulation not in get_args(Manipulation):
        raise BadInput(
            f"Unknown manipulation {manipulation[:50]!r}.",
            code="unknown_manipulation",
            next_step=f"Choose among {', '.join(get_args(Manipulation))}, or leave it out.",
        )
    for reference in references:
        url = reference.get("url") if isinstance(reference, Mapping) else None
        if not isinstance(url, str) or urlsplit(url).scheme not in {"http", "https"} or len(url) > 2000:
            raise BadInput("Each reference is an object with an http(s) `url`.", code="bad_reference")
    return Claim(
        title=label(given, "title"),
        claim=label(claim, "claim", longest=5000) if claim else None,
        manipulation=cast("Manipulation | None", manipulation),
        references=tuple(references),
    )


def _no_conflict(fakes: Sequence[Source], originals: Sequence[Source]) -> None:
    both = {sha256(one) for one in fakes} & {sha256(one) for one in originals}
    if both:
        raise Conflict(
            f"The same file is given as fake and as original: sha256 {min(both)[:16]}….",
            code="role_conflict",
            next_step="Give the authentic footage as the original, not the fake itself.",
        )

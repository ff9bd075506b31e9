"""Restore a backup into an empty place, and check it there.

1. Each part is compared with the manifest's digest.

2. The database, the media and the ledger's folder are restored.

3. The database's ledger must begin with what the backup's checkpoint signed, and all media that rows name
must be there.
"""

from __future__ import annotations

import hashlib
import shutil
import tarfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import BinaryIO, cast

import pyrage
from pydantic import ValidationError

from registry.app.backup import programs
from registry.app.backup.errors import BackupKeyNeeded, BadBackup, RestoreNotEmpty
from registry.app.backup.service import (
    DATABASE,
    LEDGER,
    MANIFEST,
    MEDIA,
    PROGRESS_EVERY,
    Manifest,
    Part,
    Say,
    pouring,
)
from registry.catalogue.media.service.blobs import find_missing
from registry.core.blobs import is_object_name, open_objects
from registry.core.blobs.base import CHUNK
from registry.core.crypto import age_encryption
from registry.core.database.migrate import is_empty, pending
from registry.core.service import Service, open_service
from registry.core.settings import Settings
from registry.transparency.ledger.service.sequencing import follows, ledger_folder

Identities = Sequence[pyrage.x25519.Identity]


@dataclass(frozen=True, slots=True)
class Restored:
    """What was found after a restore. `ledger_follows`: None if the backup has no checkpoint.
    `migrations`: that this version has and the backup lacks."""

    manifest: Manifest
    ledger_follows: bool | None
    missing_media: tuple[str, ...]
    migrations: int

    @property
    def good(self) -> bool:
        return self.ledger_follows is not False and not self.missing_media


def restore_backup(backup: Path, settings: Settings, identities: Identities, *, say: Say) -> Restored:
    """Restore a backup into the registry of these settings, whose database runs and is empty.

    Raises `BadInput` (`bad_backup`, `backup_key_needed`, `not_deciphered`), `Conflict`
    (`restore_not_empty`), `Unavailable` (`database_program_failed`, `blobs_unavailable`).
    """
    manifest = read_manifest(backup)
    if manifest.encrypted and not identities:
        raise BackupKeyNeeded("The backup is encrypted.")
    folder = ledger_folder(settings)
    if not is_empty(settings.database_url) or (folder.is_dir() and any(folder.iterdir())):
        raise RestoreNotEmpty(f"The database, or the ledger's folder {folder}, is not empty.")
    parts = {part.name.removesuffix(".age"): part for part in manifest.parts}
    for part in manifest.parts:
        _require_whole(backup, part)
    say(f"{len(parts)} parts are whole")
    with (
        programs.loading(settings.database_url) as into,
        _opened(backup, parts[DATABASE], identities) as source,
    ):
        shutil.copyfileobj(source, into, CHUNK)
    say("database restored")
    with _opened(backup, parts[MEDIA], identities) as source:
        _unpack_media(source, settings, say)
    with _opened(backup, parts[LEDGER], identities) as source, tarfile.open(fileobj=source, mode="r|") as tar:
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        tar.extractall(folder, filter="data")
    service = open_service(settings)
    try:
        return _checked(service, manifest)
    finally:
        service.close()


def read_manifest(backup: Path) -> Manifest:
    """Read the manifest of a backup. Raises `BadInput` (`bad_backup`)."""
    path = backup / MANIFEST
    try:
        manifest = Manifest.model_validate_json(path.read_bytes())
    except OSError as error:
        raise BadBackup(
            f"{path}: {error.strerror}.",
            next_step="Give the folder fakeprint-… that `fakeprint backup` made.",
        ) from error
    except ValidationError as error:
        raise BadBackup(f"{path} is no manifest of a backup.") from error
    if {part.name.removesuffix(".age") for part in manifest.parts} != {DATABASE, MEDIA, LEDGER}:
        raise BadBackup(f"{path} lacks a part.")
    return manifest


def _require_whole(backup: Path, part: Part) -> None:
    try:
        with (backup / part.name).open("rb") as file:
            digest = hashlib.file_digest(file, "sha256").hexdigest()
    except OSError as error:
        raise BadBackup(f"{part.name}: {error.strerror}.") from error
    if digest != part.sha256:
        raise BadBackup(f"{part.name} is not as it was written.")


@contextmanager
def _opened(backup: Path, part: Part, identities: Identities) -> Iterator[BinaryIO]:
    """Yield the part as a stream, decrypted."""
    with (backup / part.name).open("rb") as file:
        if not part.name.endswith(".age"):
            yield file
            return
        with pouring(lambda into: age_encryption.decipher_into(file, into, identities)) as stream:
            yield stream


def _unpack_media(source: BinaryIO, settings: Settings, say: Say) -> None:
    objects = open_objects(settings.blobs_url, settings.data)
    count = 0
    with tarfile.open(fileobj=source, mode="r|") as tar:
        for count, member in enumerate(tar, 1):
            if not (member.isfile() and is_object_name(member.name)):
                raise BadBackup(f"{MEDIA} holds {member.name[:100]!r}, which is no medium.")
            objects.write(member.name, partial(shutil.copyfileobj, cast("BinaryIO", tar.extractfile(member))))
            if count % PROGRESS_EVERY == 0:
                say(f"{count} media restored")
    say(f"{count} media restored")


def _checked(service: Service, manifest: Manifest) -> Restored:
    with service.pool.transaction() as connection:
        follows_it = None if manifest.checkpoint is None else follows(connection, manifest.checkpoint)
        migrations = len(pending(connection))
    missing = () if migrations else tuple(find_missing(service))
    return Restored(manifest, follows_it, missing, migrations)

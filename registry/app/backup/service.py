"""Write a backup: a folder with the database, the kept media, the ledger and a manifest.

1. The ledger's folder is copied first: what it has signed must be in the database's copy.

2. The database is copied as of one moment (pg_dump).

3. The media are copied last, as they are kept: each that the database's copy names was there before.

Keys of enrolled persons are left out, because erasure must also reach backups. So are the keys of media.
"""

from __future__ import annotations

import hashlib
import os
import re
import shutil
import tarfile
import tempfile
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, BinaryIO, Final

import pyrage
from pydantic import BaseModel

from registry import __version__
from registry.app.backup import programs
from registry.core.blobs import open_objects
from registry.core.blobs.base import CHUNK, Objects
from registry.core.crypto import age_encryption
from registry.core.errors import NotFound
from registry.core.service import Service
from registry.transparency.ledger.service.ledger import newest
from registry.transparency.ledger.service.sequencing import ledger_folder

MANIFEST: Final = "manifest.json"
NAME: Final = re.compile(r"fakeprint-\d{8}T\d{6}Z")
DATABASE: Final = "database.dump"
LEDGER: Final = "ledger.tar"
MEDIA: Final = "media.tar"
PROGRESS_EVERY: Final = 1000
Recipients = Sequence[pyrage.x25519.Recipient]
Say = Callable[[str], None]


class Part(BaseModel):
    """A file of a backup; `sha256` (hex) and `bytes` of the file as it is, encrypted or not."""

    name: str
    sha256: str
    bytes: int


class Manifest(BaseModel):
    """What a backup holds. `checkpoint`: the ledger's newest signed note, older than the database's copy;
    None if nothing was signed."""

    format: int = 1
    created_at: datetime
    version: str
    encrypted: bool
    media: int
    checkpoint: str | None
    parts: list[Part]


def write_backup(service: Service, folder: Path, recipients: Recipients, *, keep: int, say: Say) -> Path:
    """Write a backup into a new folder in `folder`, and return its path. It has its name only once it is
    complete. Then all but the newest `keep` backups are deleted. Raises `Unavailable`
    (`database_program_failed`, `blobs_unavailable`)."""
    now, settings = datetime.now(UTC), service.settings
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    unfinished = Path(tempfile.mkdtemp(prefix=".unfinished-", dir=folder))
    try:
        checkpoint = _checkpoint(service)
        with pouring(lambda into: _pack_folder(ledger_folder(settings), into)) as tar:
            parts = [_part(unfinished, LEDGER, tar, recipients)]
        say("ledger copied")
        with programs.dumping(settings.database_url) as dump:
            parts.append(_part(unfinished, DATABASE, dump, recipients))
        say("database copied")
        media: list[str] = []
        objects = open_objects(settings.blobs_url, settings.data)
        with pouring(lambda into: _pack_media(objects, into, media, say)) as tar:
            parts.append(_part(unfinished, MEDIA, tar, recipients))
        manifest = Manifest(
            created_at=now,
            version=__version__,
            encrypted=bool(recipients),
            media=len(media),
            checkpoint=checkpoint,
            parts=parts,
        )
        _write(unfinished / MANIFEST, manifest.model_dump_json(indent=1).encode())
        finished = folder / f"fakeprint-{now:%Y%m%dT%H%M%SZ}"
        unfinished.rename(finished)
    finally:
        shutil.rmtree(unfinished, ignore_errors=True)
    for old in backups(folder)[:-keep]:
        shutil.rmtree(old)
    return finished


def backups(folder: Path) -> list[Path]:
    """Return the complete backups in a folder, the oldest first."""
    return sorted(path for path in folder.iterdir() if NAME.fullmatch(path.name) and path.is_dir())


def _checkpoint(service: Service) -> str | None:
    with service.pool.transaction() as connection:
        try:
            return newest(connection).note
        except NotFound:
            return None


@contextmanager
def pouring(pour: Callable[[BinaryIO], None]) -> Iterator[BinaryIO]:
    """Yield what `pour` writes, as a stream. Its error is raised at the end of the block."""
    out, into = os.pipe()
    failed: list[BaseException] = []

    def run() -> None:
        try:
            with os.fdopen(into, "wb", CHUNK) as stream:
                pour(stream)
        except BaseException as error:  # noqa: BLE001 - raised in the other thread
            failed.append(error)

    thread = threading.Thread(target=run)
    thread.start()
    try:
        with os.fdopen(out, "rb", CHUNK) as stream:
            yield stream
    finally:
        thread.join()
    if failed:
        raise failed[0]


def _pack_folder(folder: Path, into: BinaryIO) -> None:
    with tarfile.open(fileobj=into, mode="w|", format=tarfile.PAX_FORMAT) as tar:
        for path in sorted(folder.rglob("*")) if folder.is_dir() else ():
            if path.is_file() and not path.is_symlink():
                tar.add(path, str(path.relative_to(folder)), recursive=False)


def _pack_media(objects: Objects, into: BinaryIO, names: list[str], say: Say) -> None:
    """Write all objects of a store, except those deleted meanwhile, and add their names to `names`."""
    with tarfile.open(fileobj=into, mode="w|", format=tarfile.PAX_FORMAT) as tar:
        for stored in objects.found(""):
            member = tarfile.TarInfo(stored.name)
            member.size, member.mtime = stored.bytes, int(stored.written)
            try:
                with objects.open(stored.name) as stream:
                    tar.addfile(member, stream)
            except FileNotFoundError:
                continue
            names.append(stored.name)
            if len(names) % PROGRESS_EVERY == 0:
                say(f"{len(names)} media copied")
    say(f"{len(names)} media copied")


def _write(path: Path, content: bytes) -> None:
    with path.open("xb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())


def _part(folder: Path, name: str, source: Any, recipients: Recipients) -> Part:
    path = folder / (f"{name}.age" if recipients else name)
    with path.open("xb") as file:
        path.chmod(0o600)
        if recipients:
            age_encryption.cipher(source, file, recipients)
        else:
            shutil.copyfileobj(source, file, CHUNK)
        file.flush()
        os.fsync(file.fileno())
    with path.open("rb") as file:
        digest = hashlib.file_digest(file, "sha256").hexdigest()
    return Part(name=path.name, sha256=digest, bytes=path.stat().st_size)

"""One random key for each person whose data is stored, in a folder outside the database.

Personal and biometric data reaches the database and the blobs only encrypted with AES-256-GCM under that key
(NIST SP 800-38D; 96-bit random nonces). Destroying the 32 bytes of the key makes every copy unreadable: rows,
write-ahead log, replicas, old dumps. So the folder must not be in the same backup as the database.

With FAKEPRINT_KMS_URL each key is stored wrapped by a `Kms`. Keys stored before stay readable; `rewrap` wraps
them.
"""

from __future__ import annotations

import contextlib
import fcntl
import hmac
import os
import re
import secrets
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from io import FileIO
from pathlib import Path
from typing import Final
from urllib.parse import unquote, urlsplit
from uuid import UUID

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from registry.core.crypto.kms import Kms
from registry.core.errors.crypto import BadKeysUrl, KeyDestroyed, KeysUnavailable, SealedDamaged

KEY_BYTES: Final = 32
NONCE_BYTES: Final = 12
_NAME: Final = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}\Z")
_DESTROYED: Final = ".destroyed"
_DRAFT: Final = ".new"
"""After the name of a key's file, with a dot before it: what `rewrap` is about to put there."""
_WRAPPED: Final = b"kms:"
"""Before a wrapped key in its file."""


@dataclass(frozen=True, slots=True, repr=False)
class Key:
    """The key of one subject. It is never shown, logged or put into an error."""

    subject_id: UUID
    secret: bytes

    def seal(self, plain: bytes, purpose: str) -> bytes:
        """Return nonce, ciphertext and tag. The result can be opened only for the same subject and
        `purpose`."""
        nonce = secrets.token_bytes(NONCE_BYTES)
        return nonce + AESGCM(self.secret).encrypt(nonce, plain, self._bound_to(purpose))

    def open(self, sealed: bytes, purpose: str) -> bytes:
        """Decrypt. Raises `Unavailable` (`sealed_damaged`) if this key did not encrypt it."""
        nonce, body = sealed[:NONCE_BYTES], sealed[NONCE_BYTES:]
        try:
            return AESGCM(self.secret).decrypt(nonce, body, self._bound_to(purpose))
        except (InvalidTag, ValueError) as error:
            raise SealedDamaged("Sealed data cannot be opened.") from error

    def digest(self, plain: bytes) -> bytes:
        """Return HMAC-SHA-256 (32 bytes): equal for equal bytes, and not computable without the key."""
        return hmac.digest(self.secret, b"fakeprint digest\0" + plain, "sha256")

    def _bound_to(self, purpose: str) -> bytes:
        return self.subject_id.bytes + purpose.encode()


class FolderKeys:
    """Keys as files, named after their subjects: 32 bytes, or these wrapped. The folder has mode 0700, its
    files 0600.

    Destroying a key leaves an empty marker file. If rows return with an old backup, the marker shows that
    they were erased. Destroying overwrites and unlinks the file. On flash and copy-on-write file systems old
    blocks may survive that, so put the folder on an encrypted volume.
    """

    def __init__(self, folder: Path, kms: Kms | None = None) -> None:
        self.folder = folder
        self._kms = kms

    def within(self, name: str) -> FolderKeys:
        """Return the keys in a folder beside these."""
        return FolderKeys(self.folder / name, self._kms)

    def create(self, subject_id: UUID) -> Key:
        """Create a key. Raises `Unavailable` (`keys_unavailable`)."""
        key = Key(subject_id, secrets.token_bytes(KEY_BYTES))
        stored = self._stored(key.secret)
        with _reported():
            self.folder.mkdir(parents=True, exist_ok=True, mode=0o700)
            _write(self._path(subject_id), stored)
            _sync_folder(self.folder)
        return key

    @contextmanager
    def making(self, subject_id: UUID) -> Iterator[Key]:
        """Create a key for a new subject. Destroy it if the block fails."""
        key = self.create(subject_id)
        try:
            yield key
        except BaseException:
            self.destroy(subject_id)
            raise

    def find(self, subject_id: UUID) -> Key | None:
        """Return the key, or None if it was destroyed or never existed. Raises `Unavailable`
        (`keys_unavailable`)."""
        with _reported():
            stored = _read(self._path(subject_id))
        secret = self._secret(stored)
        return Key(subject_id, secret) if len(secret) == KEY_BYTES else None

    def get(self, subject_id: UUID) -> Key:
        """Like `find`. Raises `NotFound` (`key_destroyed`) if there is no key."""
        if (key := self.find(subject_id)) is None:
            raise KeyDestroyed("The person's data can no longer be read: its key is gone.")
        return key

    def destroy(self, subject_id: UUID) -> None:
        """Destroy the key: everything encrypted with it is unreadable for good. Does nothing the second
        time."""
        path = self._path(subject_id)
        with _reported():
            self.folder.mkdir(parents=True, exist_ok=True, mode=0o700)
            marker = path.with_name(path.name + _DESTROYED)
            with contextlib.suppress(FileExistsError):
                _write(marker, b"")
            _drop(_draft(path))
            _drop(path)
            _sync_folder(self.folder)

    def rewrap(self, *, plain: bool = False) -> tuple[int, Counter[str]]:
        """Store each key anew, wrapped as FAKEPRINT_KMS_URL says now (`plain`: not wrapped). The service may
        run meanwhile. Return how many keys were stored, and how many were left as they are, by reason."""
        for path in self._files():
            if _NAME.match(name := path.name.removeprefix(".").removesuffix(_DRAFT)) and path.name != name:
                self._replace(UUID(name), None)
        stored, left = 0, Counter[str]()
        for subject_id in sorted(self.held()):
            try:
                if (key := self.find(subject_id)) is not None:
                    self._replace(subject_id, key.secret if plain else self._stored(key.secret))
                    stored += 1
            except KeysUnavailable as error:
                left[error.message] += 1
        return stored, left

    def _replace(self, subject_id: UUID, stored: bytes | None) -> None:
        """Drop what an interrupted `rewrap` left of a key, then store it anew (None: leave it)."""
        path = self._path(subject_id)
        draft = _draft(path)
        with _reported(), _alone(path) as before:
            _drop(draft)
            if before is None or stored is None:
                return
            try:
                _write(draft, stored, os.fstat(before.fileno()))
                draft.replace(path)
            finally:
                _drop(draft)
            _sync_folder(self.folder)  # before the old one is gone
            _fill(before)
        if path.with_name(path.name + _DESTROYED).exists():  # meanwhile: it is not brought back
            self.destroy(subject_id)

    def _stored(self, secret: bytes) -> bytes:
        """Return what is stored of a secret, after a proof that it opens."""
        if self._kms is None:
            return secret
        stored = _WRAPPED + self._kms.wrap(secret)
        if self._secret(stored) != secret:
            raise KeysUnavailable("A key was wrapped so that it does not open again.")
        return stored

    def _secret(self, stored: bytes) -> bytes:
        if not stored.startswith(_WRAPPED) or len(stored) == KEY_BYTES:
            return stored
        if self._kms is None:  # it is not destroyed
            raise KeysUnavailable("A key is wrapped, and FAKEPRINT_KMS_URL is empty.")
        if len(secret := self._kms.unwrap(stored.removeprefix(_WRAPPED))) != KEY_BYTES:
            raise KeysUnavailable("What a wrapped key opens to is no key.")
        return secret

    def destroyed(self) -> set[UUID]:
        """Return the subjects whose keys were destroyed."""
        return {UUID(path.name.removesuffix(_DESTROYED)) for path in self._files() if _is_marker(path)}

    def held(self, *, unused_for: float = 0.0) -> set[UUID]:
        """Return the subjects whose keys exist and are at least `unused_for` seconds old."""
        subject_ids = set()
        for path in self._files():
            if _NAME.match(path.name) and _age(path) >= unused_for:
                subject_ids.add(UUID(path.name))
        return subject_ids

    def _files(self) -> list[Path]:
        with _reported():
            try:
                return list(self.folder.iterdir())
            except FileNotFoundError:
                return []

    def _path(self, subject_id: UUID) -> Path:
        return self.folder / str(subject_id)


def open_keys(url: str, data: Path, kms: Kms | None = None) -> FolderKeys:
    """Open the keys of FAKEPRINT_KEYS_URL; default: the folder `keys` in `data`. `kms` wraps them.

    Raises `BadInput` (code `bad_keys_url`) for an unsupported scheme.
    """
    if not url:
        return FolderKeys(data / "keys", kms)
    parts = urlsplit(url)
    if parts.scheme != "file" or parts.netloc not in {"", "localhost"}:
        raise BadKeysUrl(f"Keys cannot be kept at a {parts.scheme or 'relative'} URL.")
    return FolderKeys(Path(unquote(parts.path)), kms)


def _is_marker(path: Path) -> bool:
    return path.name.endswith(_DESTROYED) and bool(_NAME.match(path.name.removesuffix(_DESTROYED)))


def _age(path: Path) -> float:
    try:
        return time.time() - path.stat().st_mtime
    except FileNotFoundError:
        return -1.0


def _draft(path: Path) -> Path:
    return path.with_name(f".{path.name}{_DRAFT}")


def _read(path: Path) -> bytes:
    """Return a file's bytes; none if there is no such file."""
    with contextlib.suppress(FileNotFoundError):
        while True:
            with path.open("rb") as file:
                content = file.read()
                if os.fstat(file.fileno()).st_nlink:  # else `rewrap` has put another in its place
                    return content
    return b""


@contextmanager
def _alone(path: Path) -> Iterator[FileIO | None]:
    """Open a key's file for one `rewrap` at a time. None: there is no such file."""
    while True:
        try:
            file = path.open("r+b", buffering=0)
        except FileNotFoundError:
            yield None
            return
        with file:
            fcntl.flock(file, fcntl.LOCK_EX)
            if os.fstat(file.fileno()).st_nlink:
                yield file
                return


def _write(path: Path, content: bytes, like: os.stat_result | None = None) -> None:
    """Write a new file, of the owner of another one if it is `like` that."""
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "wb") as file:
        if like is not None and like.st_uid != os.geteuid():
            os.fchown(descriptor, like.st_uid, like.st_gid)
        file.write(content)
        file.flush()
        os.fsync(file.fileno())


def _drop(path: Path) -> None:
    """Overwrite and unlink a file, if it exists."""
    with contextlib.suppress(FileNotFoundError):
        with path.open("r+b", buffering=0) as file:
            _fill(file)
        path.unlink()


def _fill(file: FileIO) -> None:
    """Overwrite a file's bytes."""
    file.write(secrets.token_bytes(max(KEY_BYTES, os.fstat(file.fileno()).st_size)))
    os.fsync(file.fileno())


def _sync_folder(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


@contextmanager
def _reported() -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise KeysUnavailable(
            f"Keys cannot be kept or read: {error.strerror}.",
            next_step="Check the folder of FAKEPRINT_KEYS_URL: its rights and its free space.",
        ) from error

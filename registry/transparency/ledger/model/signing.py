"""Keys that sign the ledger's checkpoints, and the signed checkpoints: files outside the database.

The folder (0700) holds one or more private keys, `*.key` (0600, PEM of PKCS #8). All of them sign. To change
the key, add another, inform the verifiers, and remove the old one later. The file `checkpoints` is the
witness: every signed checkpoint in sequence, append-only. An attacker who can rewrite the database cannot
rewrite this file. A new checkpoint is signed only if it follows from the last one in the file.
"""

from __future__ import annotations

import contextlib
import os
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import pairwise
from pathlib import Path
from typing import Final

from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from registry.transparency.errors import LedgerKeyUnavailable
from registry.transparency.ledger.model.note import Signer

FIRST: Final = "first.key"
KEPT: Final = "checkpoints"
_TAIL: Final = 65_536
"""Bytes at the end of the file that hold the last checkpoint."""


def signers(folder: Path, origin: str, *, create: bool) -> list[Signer]:
    """Return the keys of the folder under the ledger's name. `create`: create the first one if there is none.

    Raises `Unavailable` (`ledger_key_unavailable`).
    """
    with _reported(folder):
        paths = sorted(folder.glob("*.key"))
        if not paths and create:
            paths = [_create(folder)]
        return [Signer(origin, _read(path)) for path in paths]


def keep(path: Path, note: str) -> None:
    """Append a checkpoint to a file and sync it to disk. Raises `Unavailable`."""
    with _reported(path.parent):
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o644)
        try:
            os.write(descriptor, f"{note}\n".encode())
            os.fsync(descriptor)
        finally:
            os.close(descriptor)


def last_kept(path: Path) -> str | None:
    """Return the last checkpoint in a file. None if there is none. Raises `Unavailable`."""
    with _reported(path.parent):
        try:
            with path.open("rb") as file:
                file.seek(max(0, path.stat().st_size - _TAIL))
                tail = file.read().decode(errors="replace")
        except FileNotFoundError:
            return None
    checkpoints = notes(tail)
    return checkpoints[-1] if checkpoints else None


def notes(text: str) -> list[str]:
    """Return the checkpoints in a file written by `keep`, or the checkpoint of a file that holds only one.

    Each is text, an empty line and signatures. An empty line separates two checkpoints.
    """
    parts = text.split("\n\n")
    checkpoints: list[str] = []
    for head, tail in pairwise(parts):
        body = tail.lstrip("\n")
        if body.startswith("— ") and not head.lstrip("\n").startswith("— "):
            checkpoints.append(f"{head.lstrip(chr(10))}\n\n{body.rstrip(chr(10))}\n")
    return checkpoints


def _create(folder: Path) -> Path:
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    path = folder / FIRST
    pem = Ed25519PrivateKey.generate().private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    # Create the key atomically with a link to a finished file. The first of two processes wins.
    draft = folder / f".{FIRST}.{os.getpid()}"
    descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "wb") as file:
        file.write(pem)
        file.flush()
        os.fsync(file.fileno())
    with contextlib.suppress(FileExistsError):
        os.link(draft, path)
    draft.unlink()
    return path


def _read(path: Path) -> Ed25519PrivateKey:
    try:
        key = serialization.load_pem_private_key(path.read_bytes(), password=None)
    except ValueError:
        key = None
    if not isinstance(key, Ed25519PrivateKey):
        raise LedgerKeyUnavailable(
            f"{path.name} in the ledger's folder is not an Ed25519 key.",
            next_step="Restore it, or make one: openssl genpkey -algorithm ed25519.",
        )
    return key


@contextmanager
def _reported(folder: Path) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise LedgerKeyUnavailable(
            f"The ledger's folder {folder} cannot be used: {error.strerror}.",
            next_step="Check the permissions and the free space of the folder FAKEPRINT_LEDGER.",
        ) from error

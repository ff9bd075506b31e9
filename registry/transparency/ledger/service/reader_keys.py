"""Reader keys of organizations, derived from a secret outside the database."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final
from uuid import UUID

from registry.core.crypto.keys import FolderKeys, Key
from registry.core.service import Service

_SECRET: Final = UUID(int=0)
"""Name of the secret in its folder."""
_PURPOSE: Final = b"reader key\0"


@dataclass(frozen=True, slots=True, repr=False)
class ReaderKeys:
    """The reader key of each organization: HMAC-SHA-256 of its id under the secret."""

    secret: Key

    def of(self, organization_id: UUID) -> bytes:
        """Return the reader key of an organization: 32 bytes."""
        return self.secret.digest(_PURPOSE + organization_id.bytes)


def find_reader_keys(service: Service) -> ReaderKeys | None:
    """Return the reader keys; None: nothing was recorded yet, or the secret is lost. The secret lies beside
    the keys of persons. Raises `Unavailable` (`keys_unavailable`)."""
    secret = _folder(service).find(_SECRET)
    return ReaderKeys(secret) if secret else None


def create_reader_keys(service: Service) -> ReaderKeys:
    """Create the secret. Only the sequencer does this. Raises `Unavailable` (`keys_unavailable`)."""
    return ReaderKeys(_folder(service).create(_SECRET))


def _folder(service: Service) -> FolderKeys:
    return service.keys.within("ledger")

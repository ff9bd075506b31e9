"""Locks on blobs."""

from __future__ import annotations

from registry.core.database import sql
from registry.core.database.pool import Connection

_SQL = sql.load(__name__)


def lock(connection: Connection, blob_key: str) -> None:
    """Serialise work on one blob until the transaction ends."""
    connection.execute(_SQL["lock"], {"blob_key": blob_key})


def be_patient(connection: Connection) -> None:
    """Disable the idle timeout of this transaction."""
    connection.execute(_SQL["be_patient"])

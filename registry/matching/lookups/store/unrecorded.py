"""Lookups answered while the primary database was down, to be recorded later."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

import orjson
import psycopg

from registry.core.database import sql
from registry.core.database.pool import Connection
from registry.matching.lookups.model import Answer, Origin

_SQL = sql.load(__name__)


@dataclass(frozen=True, slots=True)
class Unrecorded:
    """A lookup answered at once, and the time of the answer."""

    origin: Origin
    at: datetime
    answer: Answer

    def packed(self) -> bytes:
        """Encode it as JSON without a newline."""
        return orjson.dumps(
            {
                "caller_id": self.origin.caller_id,
                "bank_id": self.origin.bank_id,
                "given": self.origin.input_kind,
                "sha256": self.origin.sha256,
                "at": self.at.astimezone(UTC),
                "answer": self.answer,
            }
        )


def record_unrecorded(connection: Connection, packed: Sequence[bytes]) -> list[bytes]:
    """Save records made by `Unrecorded.packed`, each once however often it comes, and return those that
    cannot be saved.

    A record cannot be saved if its caller or bank does not exist, or if it is malformed.
    """
    try:
        records = [orjson.loads(raw) for raw in packed]
        by_id = {record["answer"]["lookup_id"]: raw for record, raw in zip(records, packed, strict=True)}
        with connection.transaction():
            rows = connection.execute(_SQL["record"], _parameters(records)).fetchall()
    except (psycopg.IntegrityError, psycopg.DataError, ValueError, LookupError, TypeError):
        if len(packed) == 1:
            return list(packed)
        return [refused for record in packed for refused in record_unrecorded(connection, [record])]
    return [by_id[str(row["lookup_id"])] for row in rows]


def _parameters(records: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    return {
        "lookup_ids": [UUID(record["answer"]["lookup_id"]) for record in records],
        "caller_ids": [UUID(record["caller_id"]) for record in records],
        "bank_ids": [record["bank_id"] and UUID(record["bank_id"]) for record in records],
        "inputs": [record["given"] for record in records],
        "sha256s": [record["sha256"] for record in records],
        "answers": [orjson.dumps(record["answer"]).decode() for record in records],
        "times": [datetime.fromisoformat(record["at"]) for record in records],
    }

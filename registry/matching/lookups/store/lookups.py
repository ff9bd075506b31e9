"""Stored lookups: queries and their answers."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any
from uuid import UUID

import orjson
from psycopg.types.json import Jsonb

from registry.core.database import sql
from registry.core.database.pool import Connection
from registry.identity.callers.model import Caller
from registry.matching.decision.model.keyframe_answers import Effort
from registry.matching.lookups.model import Answer, Origin, RecordedLookup

_SQL = sql.load(__name__)


def queue(
    connection: Connection,
    *,
    caller_id: UUID,
    bank_id: UUID | None,
    sha256: str,
    blob_key: str,
    effort: Effort = "standard",
) -> UUID:
    """Insert a file lookup that waits for a worker, and return its id."""
    row = connection.execute(
        _SQL["queue"],
        {
            "caller_id": caller_id,
            "bank_id": bank_id,
            "sha256": bytes.fromhex(sha256),
            "blob_key": blob_key,
            "effort": effort,
        },
    ).fetchone()
    assert row is not None  # noqa: S101 - an insert returns its row
    lookup_id: UUID = row["lookup_id"]
    return lookup_id


def queue_rest(connection: Connection, lookup_id: UUID) -> UUID:
    """Insert a lookup of all of a quick lookup's file, which is watched as the quick one was to be. Return
    its id."""
    row = connection.execute(_SQL["queue_rest"], {"lookup_id": lookup_id}).fetchone()
    assert row is not None  # noqa: S101 - the job holds the quick one
    rest_id: UUID = row["lookup_id"]
    return rest_id


def drawn(answer: Answer, sample: int) -> int:
    """Return how many lookups this one stands for, 0 if it is not kept.

    `sample`: of so many lookups that found nothing one is kept, drawn by its random id. Others, and those
    that are watched, stand for themselves.
    """
    if sample == 1 or answer["verdict"] != "no_match" or "watch" in answer:
        return 1
    return 0 if int(answer["lookup_id"][-8:], 16) % sample else sample


def record(connection: Connection, origin: Origin, answer: Answer, sample: int = 1) -> None:
    """Save a lookup that was answered at once. `sample`: as in `drawn`."""
    connection.execute(
        _SQL["record"],
        {
            "lookup_id": UUID(answer["lookup_id"]),
            "caller_id": origin.caller_id,
            "bank_id": origin.bank_id,
            "input": origin.input_kind,
            "sha256": bytes.fromhex(origin.sha256) if origin.sha256 else None,
            "verdict": answer["verdict"],
            "answer": Jsonb(answer),
            "drawn": drawn(answer, sample),
        },
    )


def record_all(
    connection: Connection,
    *,
    caller_id: UUID,
    input_kind: str,
    answers: Sequence[Answer],
    waits: bool = True,
    sample: int = 1,
) -> None:
    """Save lookups that were answered together, without bank or digest, in one statement. `sample`: as in
    `drawn`.

    `waits`: return when they are on disk. Otherwise PostgreSQL writes them within half a second, and a crash
    in between loses them.
    """
    if len(answers) == 1:
        (answer,) = answers
        parameters = {
            "caller_id": caller_id,
            "input": input_kind,
            "waits": waits,
            "lookup_id": answer["lookup_id"],
            "verdict": answer["verdict"],
            "answer": orjson.dumps(answer).decode(),
            "drawn": drawn(answer, sample),
        }
        connection.execute(_SQL["record_one"], parameters, prepare=True)
        return
    connection.execute(
        _SQL["record_all"],
        {
            "caller_id": caller_id,
            "input": input_kind,
            "waits": waits,
            "lookup_ids": [UUID(answer["lookup_id"]) for answer in answers],
            "verdicts": [answer["verdict"] for answer in answers],
            "answers": [orjson.dumps(answer).decode() for answer in answers],
            "drawn": [drawn(answer, sample) for answer in answers],
        },
        prepare=True,
    )


def answer(connection: Connection, lookup_id: UUID, body: Answer) -> None:
    """Save the answer of a queued file."""
    connection.execute(
        _SQL["answer"], {"lookup_id": lookup_id, "verdict": body["verdict"], "answer": Jsonb(body)}
    )


def fail(connection: Connection, lookup_id: UUID, code: str, message: str) -> None:
    """Mark a queued file as failed."""
    connection.execute(_SQL["fail"], {"lookup_id": lookup_id, "code": code, "message": message})


def find_lookup(connection: Connection, organization_id: UUID, lookup_id: UUID) -> dict[str, Any] | None:
    """Return a lookup that the organization made."""
    return connection.execute(
        _SQL["find_lookup"], {"organization_id": organization_id, "lookup_id": lookup_id}
    ).fetchone()


def caller_of_lookup(connection: Connection, lookup_id: UUID) -> tuple[Caller, UUID | None, Effort] | None:
    """Return the caller of a lookup, the one bank to search, and how much of the file to read."""
    row = connection.execute(_SQL["caller_of_lookup"], {"lookup_id": lookup_id}).fetchone()
    if not row:
        return None
    caller = Caller(row["caller_id"], row["organization_id"], row["name"], frozenset(row["roles"]))
    return caller, row["bank_id"], row["effort"]


def asker_closed(connection: Connection, lookup_id: UUID) -> bool:
    """Tell whether the organization that made the lookup is closed, and lock it until the transaction ends.

    Call this before taking any other lock: closing an organization locks it first too.
    """
    row = connection.execute(_SQL["asker_closed"], {"lookup_id": lookup_id}).fetchone()
    return bool(row and row["closed"])


def reopen(connection: Connection, lookup_id: UUID) -> bool:
    """Queue a failed file again. Return False if its media is no longer kept."""
    return connection.execute(_SQL["reopen"], {"lookup_id": lookup_id}).fetchone() is not None


def failed_blob(connection: Connection, lookup_id: UUID) -> str | None:
    """Return the blob key of a failed file's media; None if it is no longer kept."""
    row = connection.execute(_SQL["failed_blob"], {"lookup_id": lookup_id}).fetchone()
    return row["blob_key"] if row else None


def needed_blobs(connection: Connection, keys: Sequence[str], letter_days: int) -> set[str]:
    """Return those blob keys that are still needed.

    A waiting lookup needs its media. So does a lookup with an unhandled dead letter of the last
    `letter_days`.
    """
    parameters = {"keys": list(keys), "letter_days": letter_days}
    return {row["blob_key"] for row in connection.execute(_SQL["needed_blobs"], parameters).fetchall()}


def named_blobs(connection: Connection) -> list[str]:
    """Return the blob keys of all media that lookups name."""
    return [row["blob_key"] for row in connection.execute(_SQL["named_blobs"]).fetchall()]


def forget_blob(connection: Connection, blob_key: str, letter_days: int) -> None:
    """Clear the blob key of deleted media in finished lookups that keep nothing for a dead letter."""
    connection.execute(_SQL["forget_blob"], {"blob_key": blob_key, "letter_days": letter_days})


def unneeded_blobs(connection: Connection, letter_days: int) -> list[str]:
    """Return the blob keys of finished lookups whose media should already be deleted."""
    rows = connection.execute(_SQL["unneeded_blobs"], {"letter_days": letter_days}).fetchall()
    return [row["blob_key"] for row in rows]


def fail_of_organization(
    connection: Connection, organization_id: UUID, code: str, message: str
) -> list[UUID]:
    """Fail the queued lookups of an organization, and return their ids."""
    parameters = {"organization_id": organization_id, "code": code, "message": message}
    rows = connection.execute(_SQL["fail_of_organization"], parameters).fetchall()
    return [row["lookup_id"] for row in rows]


def dead_of_organization(connection: Connection, organization_id: UUID) -> list[UUID]:
    """Return the organization's lookups with an unsettled dead letter."""
    rows = connection.execute(_SQL["dead_of_organization"], {"organization_id": organization_id}).fetchall()
    return [row["lookup_id"] for row in rows]


def stamp_foreign(connection: Connection, limit: int) -> None:
    """Set lookups copied from another cluster to written now, at most `limit`."""
    connection.execute(_SQL["stamp_foreign"], {"limit": limit})


def of_bank(
    connection: Connection, organization_id: UUID, bank_id: UUID, *, limit: int
) -> list[RecordedLookup]:
    """Return the last answered lookups of the organization that searched the bank, the newest first."""
    parameters = {"organization_id": organization_id, "bank_id": bank_id, "limit": limit}
    return [
        RecordedLookup(row["lookup_id"], row["created_at"], row["matches"], frozenset(row["entries"]))
        for row in connection.execute(_SQL["of_bank"], parameters)
    ]

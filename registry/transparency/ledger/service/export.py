"""Export the ledger."""

from __future__ import annotations

from collections.abc import Generator, Mapping
from typing import Any, Final

import orjson

from registry.core import audit
from registry.core.audit.service import record_event
from registry.core.service import Service
from registry.identity.callers.model import Caller
from registry.identity.organizations.service.operator import require_operator
from registry.transparency.ledger import store as ledger
from registry.transparency.ledger.service.ledger import leaf_of

PAGE: Final = 1000
"""Leaves read in one transaction."""


def export_ledger(service: Service, caller: Caller, *, with_texts: bool = False) -> Generator[bytes]:
    """Yield the export in pieces of JSON lines. Needs `admin` of the operator's organization.

    The lines are a head, every leaf, and an end. `with_texts` adds the salts and texts that open commitments.
    The export is recorded in the ledger before it begins. Raises `Forbidden` (`not_operator`).
    """
    with service.pool.transaction() as connection:
        require_operator(connection, caller)
        record_event(connection, caller, "ledger.exported", said={"with_texts": with_texts})
        size, _ = ledger.sizes(connection)
        signed = ledger.checkpoint(connection)
        head = {
            "type": "ledger",
            "version": 1,
            "origin": service.settings.ledger_origin,
            "size": size,
            "keys": [key.verifier_key for key in ledger.keys(connection)],
            "checkpoint": signed.note if signed else None,
            "with_texts": with_texts,
        }
    return _pieces(service, head, size, with_texts=with_texts)


def _pieces(service: Service, head: Mapping[str, Any], size: int, *, with_texts: bool) -> Generator[bytes]:
    yield _line(head)
    for start in range(0, size, PAGE):
        stop = min(start + PAGE, size)
        with service.pool.transaction() as connection:
            rows = ledger.leaves(connection, start, stop, None)
            lookups = ledger.recorded_lookups(connection, start, stop) if with_texts else []
        lines = [_line({"type": "leaf", **leaf_of(row).model_dump()}) for row in rows]
        yield b"".join(lines + [_line(_looked_up(row)) for row in lookups])
    after = ("", "")
    while with_texts:
        with service.pool.transaction() as connection:
            commitments = audit.commitments_page(connection, after, PAGE)
        if not commitments:
            break
        after = (commitments[-1]["source"], commitments[-1]["id"])
        yield b"".join(_line(_opening(row)) for row in commitments)
    with service.pool.transaction() as connection:
        strays = ledger.strays(connection)
    yield b"".join(_line({"type": "stray", "event_id": stray}) for stray in strays)
    yield _line({"type": "end", "leaves": size})


def _looked_up(row: Mapping[str, Any]) -> dict[str, Any]:
    """Return the line of a recorded lookup, with the present content of its row."""
    return {
        "type": "lookup",
        "index": row["leaf_index"],
        "lookup_id": str(row["lookup_id"]),
        "there": row["there"],
        "salt": _hex(row["salt"]),
        "query": row["sha256"],
        "answer": row["answer"],
    }


def _opening(row: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "type": "opening",
        "source": row["source"],
        "id": row["id"],
        "commitment": _hex(row["commitment"]),
        "salt": _hex(row["salt"]),
        "text": row["text"],
    }


def _hex(value: bytes | None) -> str | None:
    return None if value is None else value.hex()


def _line(value: Mapping[str, Any]) -> bytes:
    return orjson.dumps(value) + b"\n"

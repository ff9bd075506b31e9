"""Import hash lists, with this process as the worker."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from registry.core.service import Service
from registry.identity.callers.model import Caller
from registry.sharing.lists.model.list_lines import LineSplitter
from registry.sharing.lists.schemas import Import
from registry.sharing.lists.service.imports import (
    begin_import,
    position_and_dialect,
    read_lines,
    store_rows,
)


def take(
    service: Service, caller: Caller, body: bytes, *, batch: int = 7, most: int | None = None, **fields: Any
) -> Import:
    """Import a list like the API, with `batch` lines in a commit. `most`: stop unfinished after this many
    commits."""
    made = begin_import(service, caller, **fields)
    return go_on(service, caller, UUID(made.import_id), body, batch=batch, most=most)


def go_on(
    service: Service, caller: Caller, import_id: UUID, body: bytes, *, batch: int = 7, most: int | None = None
) -> Import:
    place, dialect = position_and_dialect(service, caller, import_id)
    lines = LineSplitter(place)
    waiting: list[Any] = []
    begin, done = place, 0
    for line in lines.feed(body[place.bytes :]):
        waiting.append(line)
        if len(waiting) == batch:
            taken = read_lines(waiting, dialect, begin, lines.position)
            found = store_rows(service, caller, import_id, taken)
            waiting, begin, dialect, done = [], lines.position, taken.dialect, done + 1
            if done == most:
                return found
    waiting.extend(lines.close())
    return store_rows(
        service, caller, import_id, read_lines(waiting, dialect, begin, lines.position), last=True
    )

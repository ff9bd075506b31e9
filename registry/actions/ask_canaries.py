"""Ask known lookups again, and note whether they still match."""

from __future__ import annotations

import hashlib
import logging
from pathlib import Path
from time import perf_counter
from typing import Final

import orjson

from registry.actions.answer_document import answer_document
from registry.actions.authenticate import authenticate
from registry.actions.service import Service
from registry.domain.caller import Caller
from registry.domain.document import from_document
from registry.errors import BadInput, FakeprintError
from registry.store import canaries

MOST: Final = 100
"""Canaries that are asked; more would be load, not watching."""
_MATCHES: Final = frozenset({"known_fake", "related"})

log = logging.getLogger(__name__)


def ask_canaries(service: Service) -> tuple[int, int]:
    """How many of the documents in `canaries` match now, and how many there are; the metrics show each, by
    the first digits of its SHA-256. They are asked as the caller of `canary_key`, and count as lookups of it.

    Raises `BadInput` (`bad_canaries`) for a file that cannot be read, `Unauthenticated`, `Unavailable`.
    """
    settings = service.settings
    if not settings.canaries:
        return 0, 0
    lines = _lines(Path(settings.canaries))
    caller = authenticate(service, settings.canary_key)
    found = 0
    for name, line in lines.items():
        began = perf_counter()
        verdict = _verdict(service, caller, line)
        matched = verdict in _MATCHES
        found += matched
        if not matched:
            log.error("a canary did not match", extra={"canary": name, "verdict": verdict})
        with service.pool.transaction() as connection:
            seconds = perf_counter() - began
            canaries.keep(connection, name, found=matched, verdict=verdict, seconds=seconds)
    with service.pool.transaction() as connection:
        canaries.forget_others(connection, list(lines))
    return found, len(lines)


def _lines(path: Path) -> dict[str, bytes]:
    try:
        lines = [line for line in path.read_bytes().splitlines() if line.strip()]
    except OSError as error:
        raise BadInput(
            f"The file of FAKEPRINT_CANARIES cannot be read: {error.strerror}.", code="bad_canaries"
        ) from error
    return {hashlib.sha256(line).hexdigest()[:12]: line for line in lines[:MOST]}


def _verdict(service: Service, caller: Caller, line: bytes) -> str:
    """The verdict, or the code of what went wrong."""
    try:
        fingerprint = from_document(orjson.loads(line))
        return str(answer_document(service, caller, fingerprint)["verdict"])
    except FakeprintError as error:
        return error.code
    except orjson.JSONDecodeError:
        return "bad_document"

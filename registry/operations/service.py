"""Canary lookups, and lookup records that wait on disk."""

from __future__ import annotations

import hashlib
import logging
import threading
from collections.abc import Sequence
from pathlib import Path
from time import perf_counter
from typing import Final

import orjson

from registry.catalogue.fingerprints.model.document import from_document
from registry.core.errors import FakeprintError, Unavailable
from registry.core.service import Service
from registry.identity.callers.model import Caller
from registry.identity.callers.service.keys import authenticate
from registry.jobs.service.queue import record_work
from registry.matching import lookups
from registry.matching.lookups.service.answers import answer_document
from registry.operations.errors import BadCanaries
from registry.operations.store import canaries

MOST: Final = 100
"""Most canaries that are looked up; more would be load, not monitoring."""
TASK: Final = "ask_canaries"
"""Task name in the metrics."""
_MATCHES: Final = frozenset({"known_fake", "related"})

log = logging.getLogger(__name__)


def look_up_canaries(service: Service) -> tuple[int, int]:
    """Look up the documents in the file `canaries`. Return how many match, and how many there are. The
    metrics show each by the first digits of its SHA-256. Lookups run as the caller of `canary_key` and count
    as its lookups.

    An empty file makes no lookups. Results of canaries no longer listed are deleted first, also if no file is
    set, so that they raise no alarm. The run is counted in the metrics as done or failed, so wrong settings
    are visible.

    Raises `BadInput` (`bad_canaries`) for an unreadable file, `Unauthenticated`, `Unavailable`.
    """
    if not service.settings.canaries:
        _delete_others(service, [])
        return 0, 0
    began = perf_counter()
    try:
        matches, total = _run(service)
    except Unavailable:
        raise
    except FakeprintError:
        record_work(service, TASK, "failed", perf_counter() - began)
        raise
    if total:
        record_work(service, TASK, "done", perf_counter() - began)
    return matches, total


def _run(service: Service) -> tuple[int, int]:
    lines = _lines(Path(service.settings.canaries))
    _delete_others(service, list(lines))
    return (_count_matches(service, lines) if lines else 0), len(lines)


def _delete_others(service: Service, names: list[str]) -> None:
    with service.pool.transaction() as connection:
        canaries.delete_others(connection, names)


def _count_matches(service: Service, lines: dict[str, bytes]) -> int:
    """Return how many of these documents match. The keys are their names."""
    caller = authenticate(service, service.settings.canary_key)
    matches = 0
    for name, line in lines.items():
        began = perf_counter()
        verdict = _verdict(service, caller, line)
        matched = verdict in _MATCHES
        matches += matched
        if not matched:
            log.error("a canary did not match", extra={"canary": name, "verdict": verdict})
        with service.pool.transaction() as connection:
            seconds = perf_counter() - began
            canaries.store(connection, name, found=matched, verdict=verdict, seconds=seconds)
    return matches


def _lines(path: Path) -> dict[str, bytes]:
    try:
        lines = [line for line in path.read_bytes().splitlines() if line.strip()]
    except OSError as error:
        raise BadCanaries(f"The file of FAKEPRINT_CANARIES cannot be read: {error.strerror}.") from error
    return {hashlib.sha256(line).hexdigest()[:12]: line for line in lines[:MOST]}


def _verdict(service: Service, caller: Caller, line: bytes) -> str:
    """Return the verdict, or the code of the error."""
    try:
        fingerprint = from_document(orjson.loads(line))
        return str(answer_document(service, caller, fingerprint)["verdict"])
    except FakeprintError as error:
        return error.code
    except orjson.JSONDecodeError:
        return "bad_document"


LOGGER = logging.getLogger(__name__)

EVERY: Final = 0.5
"""Seconds between two checks for waiting records."""


def drain_spool(service: Service) -> int:
    """Record the spooled lookups and return how many. Each is recorded once, however often the run is
    interrupted. A record whose caller or bank no longer exists is set aside in a file beside the spool.

    Raises `Unavailable` if the database accepts none now; unrecorded ones then stay.
    """

    def record(records: Sequence[bytes]) -> list[bytes]:
        with service.pool.transaction() as connection:
            return lookups.record_unrecorded(connection, records)

    return service.journal.hand_over(record)


class Draining:
    """A thread that drains the process's spool whenever the primary is up."""

    def __init__(self, service: Service) -> None:
        self._service = service
        self._ending = threading.Event()
        self._thread = threading.Thread(target=self._run, name="drain", daemon=True)

    def start(self) -> None:
        """Start the thread, if there are replicas; without them nothing is spooled."""
        if self._service.replicas is not None:
            self._thread.start()

    def stop(self) -> None:
        """Stop after the current step. Waiting records stay for another process or `fakeprint drain`."""
        self._ending.set()
        if self._thread.is_alive():
            self._thread.join(timeout=10.0)

    def _run(self) -> None:
        while not self._ending.wait(EVERY):
            try:
                self._once()
            except FakeprintError as error:
                LOGGER.warning("records of lookups still wait: %s", error.message)
            except Exception:
                LOGGER.exception("records of lookups still wait because of a bug")

    def _once(self) -> None:
        replicas = self._service.replicas
        if replicas is None or replicas.primary.is_away() or not self._service.journal.waiting():
            return
        if recorded := drain_spool(self._service):
            LOGGER.info("recorded %d lookups that were answered while the primary was away", recorded)

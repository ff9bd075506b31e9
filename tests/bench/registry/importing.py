"""How long a million hashes take to come in, with all indexes on: `import_1m_seconds`."""

from __future__ import annotations

import csv
import io
import os
import resource
import tempfile
import time
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path
from typing import Any
from uuid import UUID

import numpy as np

from registry.app.service.bootstrap import bootstrap
from registry.app.wiring import wire
from registry.core.service import Service, open_service
from registry.core.settings import Settings
from registry.identity.callers.model import Caller
from registry.identity.callers.service.keys import authenticate
from registry.sharing.lists.model.list_lines import Dialect, Line, LineSplitter
from registry.sharing.lists.schemas import Import
from registry.sharing.lists.service.imports import (
    BATCH_ROWS,
    ParsedLines,
    begin_import,
    read_lines,
    store_rows,
)
from tests.support.service import servers as services

ROWS = 1_000_000


def measure(rows: int = ROWS) -> dict[str, Any]:
    """Import `rows` PDQ hashes, each an entry with a title and tags, into an empty registry of its own."""
    with services.postgres() as server, server.clone() as url, tempfile.TemporaryDirectory() as folder:
        wire()
        service = open_service(Settings(database_url=url, data=Path(folder)))
        try:
            key = bootstrap(service)
            assert key
            began, cpu = time.perf_counter(), time.process_time()
            found = take_all(service, authenticate(service, key), drawn(rows))
            took = time.perf_counter() - began
            cpu = time.process_time() - cpu
        finally:
            service.close()
    assert (found.added, found.rejected, found.state) == (rows, 0, "finished"), found
    return {
        "import_rows": rows,
        "import_1m_seconds": round(took * ROWS / rows, 1),
        "import_rows_a_second": round(rows / took),
        "import_process_cpu_us_a_row": round(cpu / rows * 1e6, 1),
        "import_process_mb": round(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024),
        "import_load": round(os.getloadavg()[0], 1),
    }


def drawn(rows: int) -> Iterator[bytes]:
    """A list of ThreatExchange's shape as CSV, in pieces as a network brings them."""
    numbers = np.random.default_rng(1)
    yield b"type,indicator,status,tags,title,confidence\n"
    for start in range(0, rows, 1000):
        text = io.StringIO()
        hashes = numbers.bytes(32 * 1000)
        csv.writer(text, lineterminator="\n").writerows(
            (
                "HASH_PDQ",
                hashes[32 * place : 32 * place + 32].hex(),
                "MALICIOUS",
                "deepfake election",
                f"Clip {start + place}",
                90,
            )
            for place in range(min(1000, rows - start))
        )
        yield text.getvalue().encode()


def take_all(service: Service, caller: Caller, pieces: Iterator[bytes], *, bank: str | None = None) -> Import:
    """As the API does it: the next lines are read while those before them are written."""
    made = begin_import(service, caller, name="bench.csv", bank=bank)
    import_id, lines, dialect = UUID(made.import_id), LineSplitter(), Dialect()
    waiting: list[Line] = []
    begin = lines.position
    kept: Future[Import] | None = None
    with ThreadPoolExecutor(1) as writer:

        def keep(taken: ParsedLines, *, last: bool = False) -> None:
            nonlocal kept
            if kept is not None:
                kept.result()
            kept = writer.submit(store_rows, service, caller, import_id, taken, last=last)

        for piece in pieces:
            for line in lines.feed(piece):
                waiting.append(line)
                if len(waiting) == BATCH_ROWS:
                    taken = read_lines(waiting, dialect, begin, lines.position)
                    keep(taken)
                    waiting, begin, dialect = [], lines.position, taken.dialect
        waiting.extend(lines.close())
        keep(read_lines(waiting, dialect, begin, lines.position), last=True)
        assert kept is not None
        return kept.result()

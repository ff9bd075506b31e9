"""Searches in memory by faiss, in a process of its own: `faiss_search.py hashes|vectors KEPT ASKED TRUTH`.

KEPT and ASKED are files of 32-byte hashes, or of 512 half floats; TRUTH, int64, says which of what is kept
must be found for each that is asked. Prints JSON: for each index CPU ms a question (one thread), the share
found, seconds and CPU of building it, MB it takes.
"""

from __future__ import annotations

import json
import resource
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any, Final

import faiss
import numpy as np

BITS: Final = 256
RADIUS: Final = 31
DIMENSIONS: Final = 512
NEIGHBOURS: Final = 40
LINKS: Final = 16
BUILD_DEPTH: Final = 64
DEPTH: Final = 100
"""As pgvector's defaults are, and `hnsw.ef_search` of the service."""
HASH_BANDS: Final = 16


def main() -> None:
    """Search, print."""
    kind, kept, asked, truth = sys.argv[1], *map(Path, sys.argv[2:5])
    faiss.omp_set_num_threads(1)
    known = np.fromfile(truth, dtype=np.int64)
    if kind == "hashes":
        found = _hashes(
            np.fromfile(kept, np.uint8).reshape(-1, 32), np.fromfile(asked, np.uint8).reshape(-1, 32), known
        )
    else:
        rows = np.fromfile(kept, "<f2").astype(np.float32).reshape(-1, DIMENSIONS)
        found = _vectors(rows, np.fromfile(asked, "<f2").astype(np.float32).reshape(-1, DIMENSIONS), known)
    print(json.dumps(found))


def _hashes(kept: Any, asked: Any, known: Any) -> list[dict[str, Any]]:
    flat = _built("IndexBinaryFlat, exact", lambda: faiss.IndexBinaryFlat(BITS), kept)
    found = [_ranged(*flat, kept, asked, known)]
    del flat
    multi = _built(
        "IndexBinaryMultiHash 16 x 16 bits",
        lambda: faiss.IndexBinaryMultiHash(BITS, HASH_BANDS, BITS // HASH_BANDS),
        kept,
    )
    for flips in (0, 1):
        multi[1].nflip = flips
        row = _ranged(*multi, kept, asked, known)
        found.append(row | {"index": f"{row['index']}, {flips} flipped"})
    return found


def _built(name: str, make: Callable[[], Any], kept: Any) -> tuple[dict[str, Any], Any]:
    before, began = _resident_mb(), time.process_time()
    index = make()
    index.add(kept)
    about = {"index": name, "build_s": round(time.process_time() - began, 1)}
    return about | {"mb": round(_resident_mb() - before)}, index


def _resident_mb() -> float:
    pages = int(Path("/proc/self/statm").read_text(encoding="ascii").split()[1])
    return pages * resource.getpagesize() / 2**20


def _ranged(about: dict[str, Any], index: Any, kept: Any, asked: Any, known: Any) -> dict[str, Any]:
    """Everything within 31 bits; found where the hash that is known to be near is there."""
    began = time.process_time()
    hits = 0
    for question, truth in zip(asked, known, strict=True):
        limits, _, rows = index.range_search(question[None, :], RADIUS + 1)
        hits += bool((kept[rows[: int(limits[1])]] == kept[truth]).all(axis=1).any())
    spent = time.process_time() - began
    return about | {"cpu_ms": round(1000 * spent / len(asked), 3), "found": round(hits / len(asked), 4)}


def _vectors(kept: Any, asked: Any, known: Any) -> list[dict[str, Any]]:
    about, index = _built("IndexHNSWFlat, ef 100", _hnsw, kept)
    index.hnsw.efSearch = DEPTH
    began = time.process_time()
    hits = 0
    for question, truth in zip(asked, known, strict=True):
        _, rows = index.search(question[None, :], NEIGHBOURS)
        hits += int(truth) in rows[0]
    spent = time.process_time() - began
    return [about | {"cpu_ms": round(1000 * spent / len(asked), 3), "found": round(hits / len(asked), 4)}]


def _hnsw() -> Any:
    index = faiss.IndexHNSWFlat(DIMENSIONS, LINKS, faiss.METRIC_INNER_PRODUCT)
    index.hnsw.efConstruction = BUILD_DEPTH
    return index


if __name__ == "__main__":
    main()

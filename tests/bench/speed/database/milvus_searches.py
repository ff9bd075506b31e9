"""Searches by Milvus, in a Python that has its server. `milvus_scale.py` starts `milvus_searches.py FOLDER`.

FOLDER has codes.npy and asked.npy, rows of 32 bytes, and media.npy and wanted.npy, the medium of each. It
prints a line of JSON for each way to search: what it cost, and in `seen` which questions found their medium.
"""

from __future__ import annotations

import json
import os
import sys
import tempfile
import time
from pathlib import Path
from typing import Any, Final

import numpy as np
from milvus import MilvusServer
from pymilvus import Collection, CollectionSchema, DataType, FieldSchema, connections, utility

RADIUS: Final = 64
AT_ONCE: Final = 20
SINGLE: Final = 400
"""Questions that are also asked in requests of their own."""
INSERTED: Final = 20_000
FEW: Final = 20
"""Neighbours wanted of a search without a radius: of these codes no question has more moments near it."""
MOST: Final = 4_000
ROUNDS: Final = 15
INDEXES: Final[dict[str, dict[str, int]]] = {"BIN_FLAT": {}, "BIN_IVF_FLAT": {"nlist": 512}}
RANGE: Final[dict[str, float]] = {"radius": RADIUS + 1.0, "range_filter": 0.0}
WAYS: Final[dict[str, list[tuple[dict[str, float], int]]]] = {
    "BIN_FLAT": [(RANGE, MOST)],
    "BIN_IVF_FLAT": [
        (RANGE, MOST),
        (RANGE | {"nprobe": 256}, MOST),
        ({"nprobe": 1}, FEW),
        ({"nprobe": 16}, FEW),
        ({"nprobe": 64}, FEW),
        ({"nprobe": 128}, FEW),
        ({"nprobe": 256}, FEW),
        ({"nprobe": 64}, MOST),
    ],
}


class Searches:
    """A collection of codes, and the server's process, whose CPU is counted."""

    def __init__(self, folder: Path, pid: int) -> None:
        self.pid = pid
        self.codes, self.media, self.asked, self.wanted = (
            np.load(folder / f"{name}.npy") for name in ("codes", "media", "asked", "wanted")
        )
        fields = [
            FieldSchema("id", DataType.INT64, is_primary=True),
            FieldSchema("asset", DataType.INT64),
            FieldSchema("hash", DataType.BINARY_VECTOR, dim=256),
        ]
        self.collection: Any = Collection("moments", CollectionSchema(fields))
        for at in range(0, len(self.codes), INSERTED):
            rows = [row.tobytes() for row in self.codes[at : at + INSERTED]]
            self.collection.insert([list(range(at, at + len(rows))), self.media[at : at + len(rows)], rows])
        self.collection.flush()

    def cpu(self) -> float:
        """CPU seconds of the server so far."""
        fields = Path(f"/proc/{self.pid}/stat").read_text(encoding="ascii").rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")

    def build(self, kind: str) -> dict[str, Any]:
        """Put this index in the place of the one before."""
        self.collection.release()
        if self.collection.has_index():
            self.collection.drop_index()
        before = self.cpu()
        index = {"index_type": kind, "metric_type": "HAMMING", "params": INDEXES[kind]}
        self.collection.create_index("hash", index)
        utility.wait_for_index_building_complete("moments")
        self.collection.load()
        return {"built": kind, **INDEXES[kind], "cpu_s": round(self.cpu() - before, 1)}

    def near(self, values: Any, params: dict[str, float], most: int, level: str = "Eventually") -> list[Any]:
        """Return the ids and media within the radius of each value."""
        found = self.collection.search(
            [row.tobytes() for row in values],
            "hash",
            {"metric_type": "HAMMING", "params": params},
            limit=most,
            output_fields=["asset"],
            consistency_level=level,
        )
        return [[(hit.id, hit.get("asset")) for hit in hits if hit.distance <= RADIUS] for hits in found]

    def measure(self, kind: str, params: dict[str, float], most: int) -> dict[str, Any]:
        """Ask all in requests of several, and some alone."""
        seen: list[int] = []
        before = self.cpu()
        for at in range(0, len(self.asked), AT_ONCE):
            found = self.near(self.asked[at : at + AT_ONCE], params, most)
            own = self.wanted[at : at + AT_ONCE]
            seen += [
                int(any(asset == medium for _, asset in near))
                for near, medium in zip(found, own, strict=True)
            ]
        together, before, took = self.cpu() - before, self.cpu(), []
        for value in self.asked[:SINGLE]:
            began = time.perf_counter()
            self.near(value[None], params, most)
            took.append((time.perf_counter() - began) * 1000)
        return {
            "index": kind,
            "params": params,
            "limit": most,
            "us_a_hash_of_20": round(together / len(self.asked) * 1e6),
            "us_a_hash_alone": round((self.cpu() - before) / SINGLE * 1e6),
            "p50_ms": round(float(np.percentile(took, 50)), 1),
            "p99_ms": round(float(np.percentile(took, 99)), 1),
            "seen": seen,
        }

    def freshness(self, level: str) -> dict[str, Any]:
        """Return how long rows need until they are found, and until they are gone: median and most."""
        draw = np.random.default_rng(1)
        found: list[float] = []
        gone: list[float] = []
        for number in range(ROUNDS):
            value, row = draw.integers(0, 256, (1, 32), np.uint8), len(self.codes) + number
            for wanted, times in ((True, found), (False, gone)):
                began = time.perf_counter()
                if wanted:
                    self.collection.insert([[row], [0], [value.tobytes()]])
                else:
                    self.collection.delete(f"id in [{row}]")
                while any(hit == row for hit, _ in self.near(value, {}, FEW, level)[0]) != wanted:
                    pass
                times.append((time.perf_counter() - began) * 1000)
        return {
            "consistency": level,
            "found_ms": [round(float(np.median(found))), round(max(found))],
            "gone_ms": [round(float(np.median(gone))), round(max(gone))],
        }


def main() -> None:
    """Start the server, fill it, search it, stop it."""
    with tempfile.TemporaryDirectory() as data:
        server = MilvusServer(data_dir=data)
        server.start()
        try:
            connections.connect(host="127.0.0.1", port=server.listen_port)
            searches = Searches(Path(sys.argv[1]), server.server_proc.pid)
            for kind, ways in WAYS.items():
                print(json.dumps(searches.build(kind)), flush=True)
                for params, most in ways:
                    print(json.dumps(searches.measure(kind, params, most)), flush=True)
            for level in ("Strong", "Eventually"):
                print(json.dumps(searches.freshness(level)), flush=True)
        finally:
            server.stop()


if __name__ == "__main__":
    main()

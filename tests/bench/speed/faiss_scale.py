"""Measure what faiss's binary indexes find of what SQL finds, and at what cost, at sizes past one database.

    python -m tests.bench.speed.faiss_scale MILLIONS INDEX...   (OUT=FILE: figures as JSON)

INDEX: `ivf4096` (IndexBinaryIVF of so many lists, searched by 1, 4, 16, ... of them), `hash10x24`
(IndexBinaryMultiHash of so many tables of so many bits, with no bit and one bit flipped), `hnsw12`
(IndexBinaryHNSW of so many links). Codes are pHash-256, drawn as `generator` draws them, and kept in
.cache/bench-speed. Frames are asked as real edits leave them. Of the masks of flipped bits in shape.json, the
second half asks; the first half orders the bits of `hash`. A clip is 20 frames of one medium under one edit.

A frame is found if a moment of its medium within the radius is. A clip is found if three frames find it. SQL
is asked of the same media in a database of its own: with 15 bits flipped a key for single frames, with none
for clips, as lookups do. What else the database holds changes nothing of that. CPU is of one thread, of the
search alone; p99 is CPU too. Bytes a code are those of a run with one INDEX: a second one fills
what the first has left.
"""

from __future__ import annotations

import argparse
import json
import os
import re
import time
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Final

import faiss
import numpy as np
from numpy.typing import NDArray

from registry.catalogue.fingerprints.model.algorithms import PHASH256
from registry.core.database.pool import Pool
from registry.matching.candidates.model import probes
from registry.matching.candidates.store.candidates import EFFORT, RADIUS
from registry.matching.candidates.store.near import PostgresIndex
from tests.bench.speed.cluster import CACHE, say
from tests.bench.speed.generator import CLEAR, MEDIA, Generator
from tests.bench.speed.shape import Bytes, Floats, Shape
from tests.support.service import servers

BITS: Final = 256
FRAMES: Final = 2000
CLIPS: Final = 150
OF_A_CLIP: Final = 20
"""Moments of a minute that are searched first."""
TRAINED: Final = 30
"""Codes for each list that it is trained on."""
ROUNDS: Final = 8
NEIGHBOURS: Final = 16
WANTED: Final = 0.999
STEPS: Final = (1, 4, 16, 32, 64, 128, 256, 512)
SAYS_NOTHING: Final = 2
"""Lean of a bit that is nearly always the same."""
MOST_SHARE: Final = 8
"""At most one list in so many is searched."""

Ints = NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Codes:
    """(n, 32) hashes and (n,) which medium each is of. Rows of a medium follow each other."""

    hashes: Bytes
    media: NDArray[np.int32]


@dataclass(frozen=True, slots=True)
class Asked:
    """(q, 32) hashes, first of single frames, then of clips; (q,) the medium that must be found."""

    hashes: Bytes
    media: NDArray[np.int32]


@dataclass(frozen=True, slots=True)
class Found:
    """What an index found at one effort: shares of what SQL found, microseconds of CPU a hash."""

    index: str
    millions: float
    effort: int
    frames_vs_sql: float
    clips_vs_sql: float
    mean_us: float
    p99_us: float
    bytes_a_code: float
    build_s: float


def drawn(millions: float, shape: Shape) -> Codes:
    """The informative hashes of so many million rows; drawn once."""
    count = round(millions * 1e6)
    hashes, media = (CACHE / f"codes_{count}.{end}" for end in ("phash256", "media"))
    if not media.exists():
        _draw(count, shape, hashes, media)
    rows = np.fromfile(media, np.int32)
    return Codes(np.memmap(hashes, np.uint8, mode="r", shape=(len(rows), 32)), rows)


def _draw(count: int, shape: Shape, hashes: Path, media: Path) -> None:
    say(f"drawing {count} codes")
    CACHE.mkdir(parents=True, exist_ok=True)
    generator, kept, number = Generator(shape), 0, 0
    unfinished = media.with_suffix(".part")
    with hashes.open("wb") as to, unfinished.open("wb") as owners:
        while kept < count:
            chunk = generator.chunk(number)
            clear = chunk.quality == CLEAR
            to.write(chunk.phash256[clear].tobytes())
            owners.write((chunk.owners[clear] + number * MEDIA).astype(np.int32).tobytes())
            kept, number = kept + int(clear.sum()), number + 1
    unfinished.rename(media)


def halves(shape: Shape) -> tuple[Bytes, Bytes]:
    """The masks of flipped bits: those that an index is fitted to, and those that are asked with."""
    masks = shape.flips("phash256")
    return masks[: len(masks) // 2], masks[len(masks) // 2 :]


def asked(codes: Codes, masks: Bytes) -> Asked:
    """Frames and clips, each flipped as one edit flips it."""
    draw = np.random.default_rng(len(codes.media))
    single = draw.integers(len(codes.media), size=FRAMES)
    flips = masks[draw.integers(len(masks), size=FRAMES)]
    rows, of_clips = [single], list[Bytes]()
    while len(of_clips) < CLIPS:
        row = int(draw.integers(len(codes.media)))
        first, end = np.searchsorted(codes.media, [codes.media[row], codes.media[row] + 1])
        if end - first >= OF_A_CLIP:
            rows.append(np.linspace(first, end - 1, OF_A_CLIP).astype(np.int64))
            of_clips.append(masks[int(draw.integers(len(masks)))])
    taken = np.concatenate(rows)
    turned = np.concatenate([flips, np.repeat(of_clips, OF_A_CLIP, axis=0)])
    return Asked(codes.hashes[taken] ^ turned, codes.media[taken])


def by_sql(codes: Codes, questions: Asked) -> NDArray[np.bool_]:
    """(q,) whether PostgreSQL finds the medium: with the effort of a single hash, and of a clip's first."""
    wanted = np.unique(questions.media)
    rows = np.flatnonzero(np.isin(codes.media, wanted))
    with servers.postgres() as server, server.clone() as url:
        pool = Pool(url, size=1, statement_timeout_ms=600_000)
        pool.open()
        with pool.transaction() as connection:
            numbers = [row["asset_no"] for row in connection.execute(_MEDIA, [len(wanted)]).fetchall()]
            number_of = dict(zip(wanted.tolist(), numbers, strict=True))
            with connection.cursor() as cursor, cursor.copy(_ROWS) as copy:
                for time_s, row in enumerate(rows.tolist()):
                    value = "".join(f"{byte:08b}" for byte in codes.hashes[row])
                    copy.write_row([number_of[int(codes.media[row])], time_s, 1, "full", CLEAR, value])
            index, seen = PostgresIndex(connection), np.zeros(len(questions.media), np.bool_)
            owners = [number_of[medium] for medium in questions.media.tolist()]
            for at, end, effort in ((0, FRAMES, EFFORT), (FRAMES, len(owners), probes.FIRST_EFFORT)):
                values = [row.tobytes() for row in questions.hashes[at:end]]
                for hit in index.near_hashes(PHASH256.name, values, radius=RADIUS, effort=effort):
                    seen[at + hit.place] |= hit.asset_no == owners[at + hit.place]
        pool.close()
    return seen


_MEDIA: Final = """
WITH o AS (INSERT INTO organization (name) VALUES ('bench') RETURNING organization_id),
b AS (INSERT INTO bank (organization_id, name) SELECT organization_id, 'bench' FROM o RETURNING bank_id)
INSERT INTO asset (bank_id, sha256)
SELECT bank_id, sha256(number::text::bytea) FROM b, generate_series(1, %s) number RETURNING asset_no
"""
_ROWS: Final = "COPY frame_fingerprint (asset_no, time_s, duration_s, view, quality, phash256) FROM STDIN"


class Searched:
    """One of faiss's indexes over codes, searched with an effort."""

    def __init__(self, name: str, codes: Codes, shape: Shape) -> None:
        """`name`: as in the module. `shape`: orders the bits of hash tables."""
        kind, *numbers = re.findall(r"[a-z]+|\d+", name.replace("x", " "))
        first, *others = map(int, numbers)
        faiss.omp_set_num_threads(1)
        self.kind, self.order = kind, np.arange(BITS)
        began, before = time.process_time(), _resident()
        self.index: Any
        if kind == "ivf":
            self.index = faiss.IndexBinaryIVF(faiss.IndexBinaryFlat(BITS), BITS, first)
            self.index.cp.niter = ROUNDS
            draw = np.random.default_rng(1)
            few = np.sort(
                draw.choice(len(codes.media), min(len(codes.media), first * TRAINED), replace=False)
            )
            self.index.train(codes.hashes[few])
            self.efforts = [step for step in STEPS if step * MOST_SHARE <= first]
        elif kind == "hash":
            self.order = _dealt(halves(shape)[0], shape.lean[:BITS], first, others[0])
            self.index = faiss.IndexBinaryMultiHash(BITS, first, others[0])
            self.efforts = [0, 1]
        else:
            self.index = faiss.IndexBinaryHNSW(BITS, first)
            self.efforts = [16, 64, 256]
        for at in range(0, len(codes.media), 1_000_000):
            self.index.add(self._ordered(codes.hashes[at : at + 1_000_000]))
        self.build_s = time.process_time() - began
        self.bytes_a_code = (_resident() - before) / len(codes.media)

    def near(self, values: Bytes, effort: int) -> Iterator[tuple[Ints, float]]:
        """The rows within the radius of each value, and seconds of CPU."""
        if self.kind == "ivf":
            self.index.nprobe = effort
        elif self.kind == "hash":
            self.index.nflip = effort
        else:
            self.index.hnsw.efSearch = effort
        for value in self._ordered(values):
            began = time.thread_time()
            if self.kind == "hnsw":
                bits, rows = self.index.search(value[None, :], NEIGHBOURS)
                near = rows[bits <= RADIUS]
            else:
                limits, _, rows = self.index.range_search(value[None, :], RADIUS + 1)
                near = rows[: int(limits[1])]
            yield near, time.thread_time() - began

    def _ordered(self, values: Bytes) -> Bytes:
        values = np.ascontiguousarray(values)
        if self.kind != "hash":
            return values
        return np.packbits(np.unpackbits(values, axis=1)[:, self.order], axis=1, bitorder="little")


def _dealt(masks: Bytes, lean: Floats, tables: int, width: int) -> Ints:
    """Bits in order of tables: the steadiest, dealt so that tables are alike; then the rest."""
    rate = np.unpackbits(masks, axis=1).mean(axis=0) + (np.abs(lean) > SAYS_NOTHING)
    steadiest = np.argsort(rate, kind="stable")
    used = steadiest[: tables * width].reshape(width, tables)
    used[1::2] = used[1::2, ::-1]
    return np.concatenate([used.T.ravel(), steadiest[tables * width :]])


def _resident() -> int:
    """Bytes of memory of our own: the codes are read from a mapped file."""
    status = Path("/proc/self/status").read_text(encoding="ascii")
    return 1024 * int(re.findall(r"RssAnon:\s+(\d+)", status)[0])


def compared(name: str, codes: Codes, questions: Asked, sql: NDArray[np.bool_], shape: Shape) -> list[Found]:
    """What an index finds at each of its efforts."""
    searched = Searched(name, codes, shape)
    say(f"{name}: built in {searched.build_s:.0f} s")
    rows = []
    for effort in searched.efforts:
        seen, spent = np.zeros(len(sql), np.bool_), np.zeros(len(sql))
        for place, (near, seconds) in enumerate(searched.near(questions.hashes, effort)):
            seen[place] = (codes.media[near] == questions.media[place]).any()
            spent[place] = seconds * 1e6
        rows.append(
            Found(
                name,
                round(len(codes.media) / 1e6, 1),
                effort,
                _share(seen[:FRAMES], sql[:FRAMES]),
                _share(_clips(seen), _clips(sql)),
                round(float(spent.mean()), 1),
                round(float(np.percentile(spent, 99)), 1),
                round(searched.bytes_a_code, 1),
                round(searched.build_s, 1),
            )
        )
        print(json.dumps(asdict(rows[-1])), flush=True)
    return rows


def _clips(seen: NDArray[np.bool_]) -> NDArray[np.bool_]:
    return np.asarray(seen[FRAMES:].reshape(-1, OF_A_CLIP).sum(axis=1) >= probes.AGREEING)


def _share(seen: NDArray[np.bool_], sql: NDArray[np.bool_]) -> float:
    return round(float(seen[sql].mean()), 5)


def figures(rows: Sequence[Found]) -> dict[str, float]:
    """The cheapest way to the recall that is wanted, by size; without one, the recall that was reached."""
    found: dict[str, float] = {}
    for millions in {row.millions for row in rows}:
        own = [row for row in rows if row.millions == millions]
        enough = [row for row in own if row.frames_vs_sql >= WANTED]
        best = (
            min(enough, key=lambda row: row.mean_us)
            if enough
            else max(own, key=lambda row: row.frames_vs_sql)
        )
        name = f"faiss_{millions:.0f}m"
        found |= {
            "faiss_recall_vs_sql": best.frames_vs_sql,
            f"{name}_lookups_per_s": round(1e6 / best.mean_us, 1),
            f"{name}_p99_ms": round(best.p99_us / 1000, 3),
        }
    return found


def main() -> None:
    """Draw, ask SQL, build, search, print."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("millions", type=float)
    parser.add_argument("index", nargs="+")
    chosen = parser.parse_args()
    shape = Shape.load()
    codes = drawn(chosen.millions, shape)
    questions = asked(codes, halves(shape)[1])
    sql = by_sql(codes, questions)
    say(f"SQL found {sql[:FRAMES].mean():.5f} of the frames, {_clips(sql).mean():.5f} of the clips")
    rows = [row for name in chosen.index for row in compared(name, codes, questions, sql, shape)]
    if out := os.environ.get("OUT"):
        body = {"figures": figures(rows), "rows": [asdict(row) for row in rows]}
        Path(out).write_text(json.dumps(body, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()

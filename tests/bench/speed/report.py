"""The tables of a run, and its figures by name."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import numpy as np
from numpy.typing import NDArray

from tests.bench.speed import curve
from tests.bench.speed.database.inserting import Inserted
from tests.bench.speed.database.storing import Kind
from tests.bench.speed.direct import Recall
from tests.bench.speed.load import Load
from tests.bench.speed.measuring import CLIENTS, FARTHEST, OF_A_BATCH, Measured
from tests.bench.speed.peers import Peer

HMA_PER_S: Final = 239.0
"""Lookups a second of Hasher-Matcher-Actioner 1.1.7 with 0.1 M hashes and four clients on two idle cores, the
best that was seen; where its URL is given, its own figure of this run counts."""
HMA_P50: Final = ("HMA's p50 at 0.1 M", 100_000, 4.2)
"""Milliseconds of it there, one client; what it takes with more hashes was not seen."""


MEDIA: Final[dict[Kind, str]] = {
    "hashes": "hashes alone",
    "mixed": "1 in 10 with vectors",
    "vectors": "all with vectors",
}


@dataclass(frozen=True, slots=True)
class Coming:
    """What was seen while frames came in: the rate of hashes alone, those of others, a lookup's time while
    one process stored so many frames a second, milliseconds until what is registered was found."""

    hashes: Inserted
    others: Sequence[Inserted]
    meanwhile: Load
    beside: float
    matchable: Sequence[float]


def show(
    sizes: Sequence[Measured],
    coming: Coming,
    peers: Sequence[Peer],
    others: Sequence[Load],
    notes: Sequence[str],
) -> None:
    """Print everything."""
    for note in notes:
        print(note)
    _hashes(sizes, others[1].per_second if others else HMA_PER_S)
    _recall(sizes)
    _documents(sizes)
    _room(sizes)
    _coming(sizes[-1], coming)
    _peers(sizes, peers, others)


def figures(sizes: Sequence[Measured], coming: Coming) -> dict[str, float]:
    """The figures by name; those of sizes that were not measured are not there."""
    found: dict[str, float] = {}
    for size in sizes:
        name = size_of(size)
        alone, four = size.hashes[1], size.hashes[4]
        found |= {
            f"hash_{name}_lookups_per_s_4_clients": round(four.per_second, 1),
            f"hash_{name}_pg_cpu_ms": round(alone.database_ms, 3),
            f"hash_{name}_service_cpu_ms": round(alone.service_ms, 3),
            f"hash_{name}_p50_ms": round(alone.percentile(50), 2),
            f"hash_{name}_p99_ms": round(alone.percentile(99), 2),
            f"clip60_{name}_p50_ms": round(size.clips.percentile(50), 2),
            f"clip60_{name}_p99_ms": round(size.clips.percentile(99), 2),
            f"mb_per_million_{name}": round(size.disk.hashes, 1),
        }
    first, last = sizes[0], sizes[-1]
    if first is not last:
        found[f"growth_{size_of(first)}_to_{size_of(last)}"] = round(_cpu(last) / _cpu(first), 3)
    return found | {
        "hash_recall_31_real": round(_share([row for rows in last.edited.values() for row in rows]), 5),
        "hash_recall_31_uniform": round(_mean([row for rows in last.uniform.values() for row in rows]), 5),
        "insert_frames_per_s": round(coming.hashes.per_second, 1),
        "insert_frames_per_s_one_in_ten_with_vectors": round(coming.others[0].per_second, 1),
        "matchable_p99_ms": round(float(np.percentile(coming.matchable, 99)), 2),
    }


def write(path: Path, found: Mapping[str, float], notes: Sequence[str]) -> None:
    """The figures as JSON."""
    path.write_text(json.dumps({"figures": found, "notes": list(notes)}, indent=1) + "\n", encoding="utf-8")


def draw(path: Path, sizes: Sequence[Measured]) -> None:
    """The growth curve."""
    series = {
        "p99": [(size.filled.frames, size.hashes[1].percentile(99)) for size in sizes],
        "p50": [(size.filled.frames, size.hashes[1].percentile(50)) for size in sizes],
        "CPU, PostgreSQL": [(size.filled.frames, size.hashes[1].database_ms) for size in sizes],
        "CPU, service": [(size.filled.frames, size.hashes[1].service_ms) for size in sizes],
    }
    curve.draw(path, "One hash looked up through HTTP, one client", series, HMA_P50)


def size_of(measured: Measured) -> str:
    """`01m`, `1m`, `10m`: as figures are named."""
    return (
        f"{measured.filled.frames / 1e6:.1g}".replace(".", "") + "m"
        if measured.filled.frames < 9.5e6
        else "10m"
    )


def _hashes(sizes: Sequence[Measured], peer: float) -> None:
    print("\none hash through HTTP, half of them edits of what is known; authentication and record included")
    print(
        f"{'frames':>11} {'asked':>10} {'clients':>8} {'lookups/s':>10} {'x HMA':>7} "
        f"{'p50':>8} {'p95':>8} {'p99 ms':>8} "
        f"{'service':>9} {'PostgreSQL':>11} {'load CPU ms':>12}"
    )
    for size in sizes:
        rows = [("half known", size.hashes[clients]) for clients in CLIENTS]
        for asked, seen in [*rows, ("known", size.known), ("strangers", size.strange)]:
            print(
                f"{size.filled.frames:>11,} {asked:>10} {seen.clients:>8} {seen.per_second:>10.0f} "
                f"{seen.per_second / peer:>7.2f} {_times(seen.ms, 2)} "
                f"{seen.service_ms:>9.3f} {seen.database_ms:>11.3f} {seen.own_ms:>12.3f}"
            )
    for size in sizes:
        print(
            f"{size.filled.frames:>11,} in SQL alone: p50 {size.direct.percentile(50):.2f}, p99 "
            f"{size.direct.percentile(99):.2f} ms, PostgreSQL {size.direct.database_ms:.3f} ms CPU; "
            f"known hashes answered with their medium {size.hash_found:.1%}"
        )
    if len(sizes) > 1:
        ratio = _cpu(sizes[-1]) / _cpu(sizes[0])
        print(f"CPU of a lookup, PostgreSQL and service, largest over smallest: {ratio:.2f}")


def _recall(sizes: Sequence[Measured]) -> None:
    for size in sizes:
        print(f"\nrecall of hash candidates at {size.filled.frames:,} frames, by bits flipped")
        for name in size.uniform:
            real = _bands(size.edited[name])
            cells = [f"{row.bits}: {row.share:.3f}" for row in size.uniform[name]]
            print(
                f"  {name}: real edits {_share(size.edited[name]):.4f} of "
                f"{_asked(size.edited[name])} ({real})"
            )
            print(f"  {name}: uniform flips, mean of 0-{FARTHEST} {_mean(size.uniform[name]):.4f}")
            for at in range(0, len(cells), 8):
                print(f"    {'  '.join(cells[at : at + 8])}")
        print(
            f"  exact: p50 {size.exact.percentile(50):.0f} ms, "
            f"PostgreSQL {size.exact.database_ms:.0f} ms CPU, "
            f"recall at distance {FARTHEST} {size.exact_found:.3f}"
        )


def _documents(sizes: Sequence[Measured]) -> None:
    print("\ndocuments through HTTP, one client")
    print(
        f"{'frames':>11} {'what':>24} {'p50':>8} {'p95':>8} {'p99 ms':>8} {'service':>9} "
        f"{'PostgreSQL CPU ms':>18}"
    )
    for size in sizes:
        rows = [
            ("60-frame clip", size.clips),
            ("still", size.stills),
            (f"batch of {OF_A_BATCH} hashes", size.batch),
        ]
        for name, seen in rows:
            print(
                f"{size.filled.frames:>11,} {name:>24} {_times(seen.ms, 1)} "
                f"{seen.service_ms:>9.2f} {seen.database_ms:>18.2f}"
            )
        for kind, ms in sorted(size.by_kind.items()):
            name = f"clip, {kind}"
            print(f"{size.filled.frames:>11,} {name:>24} {_times(ms, 1)}")
        print(
            f"{'':>11} clips answered with their medium {size.clip_found:.1%}; candidates in SQL alone p50 "
            f"{size.clip_direct.percentile(50):.1f} ms, {size.clip_direct.database_ms:.1f} ms CPU"
        )


def _room(sizes: Sequence[Measured]) -> None:
    print("\nroom, MB a million frames (vectors and their index apart), and resident memory, MB")
    print(
        f"{'frames':>11} {'heap':>7} {'index':>7} {'sum':>7} {'other':>7} {'vectors':>9} {'service':>9} "
        f"{'PostgreSQL':>11}"
    )
    for size in sizes:
        room = size.disk
        print(
            f"{size.filled.frames:>11,} {room.heap:>7.1f} {room.index:>7.1f} {room.hashes:>7.1f} "
            f"{room.rest:>7.1f} {room.vectors:>9.1f} {size.service_mb:>9.0f} {size.database_mb:>11.0f}"
        )


def _coming(measured: Measured, coming: Coming) -> None:
    late = np.percentile(coming.matchable, [50, 99])
    meanwhile = coming.meanwhile
    print(
        f"\nframes that come in, {measured.filled.frames:,} there, every index on, each medium a transaction"
    )
    print(
        f"{'media':>24} {'writers':>8} {'frames/s':>9} {'seconds':>8} {'frames each':>12} "
        f"{'PostgreSQL':>11} {'writers, CPU ms a frame':>24}"
    )
    for seen in (coming.hashes, *coming.others):
        print(
            f"{MEDIA[seen.kind]:>24} {seen.writers:>8} {seen.per_second:>9.0f} {seen.seconds:>8.0f} "
            f"{seen.frames / seen.media:>12.1f} {seen.database_ms:>11.3f} {seen.own_ms:>24.3f}"
        )
    alone = measured.hashes[1]
    print(
        f"one client while one process stores {coming.beside:.0f} frames/s: {_lookups(meanwhile)}, "
        f"longest {meanwhile.ms.max():.1f} ms; without: {_lookups(alone)}"
    )
    print(f"registered, then found: p50 {late[0]:.1f}, p99 {late[1]:.1f} ms, the lookup included")


def _peers(sizes: Sequence[Measured], peers: Sequence[Peer], others: Sequence[Load]) -> None:
    if peers:
        print(
            "\nin memory, one thread, nothing stored: CPU ms a question, share found (hashes: 1 to 31 flips)"
        )
    for peer in peers:
        print(
            f"  {peer.index:>44} {peer.rows:>11,} rows {peer.cpu_ms:>8.3f} ms {peer.found:>7.1%} "
            f"built in {peer.build_s:.0f} s, {peer.mb:.0f} MB"
        )
    for size in sizes:
        print(f"  {'here, in SQL':>44} {size.filled.frames:>11,} rows {size.direct.database_ms:>8.3f} ms")
    for seen in others:
        print(
            f"  Hasher-Matcher-Actioner, {seen.clients} clients: {seen.per_second:.0f} lookups/s, "
            f"p50 {seen.percentile(50):.2f}, p99 {seen.percentile(99):.2f} ms"
        )


def _times(ms: Sequence[float] | NDArray[np.float64], digits: int) -> str:
    """p50, p95, p99 in columns."""
    return " ".join(f"{value:>8.{digits}f}" for value in np.percentile(ms, [50, 95, 99]))


def _lookups(seen: Load) -> str:
    p50, p99 = seen.percentile(50), seen.percentile(99)
    return f"{seen.per_second:.0f} lookups/s, p50 {p50:.2f}, p99 {p99:.2f} ms"


def _cpu(measured: Measured) -> float:
    return measured.hashes[1].service_ms + measured.hashes[1].database_ms


def _share(rows: Sequence[Recall]) -> float:
    return sum(row.found for row in rows) / sum(row.asked for row in rows)


def _mean(rows: Sequence[Recall]) -> float:
    """Each distance alike."""
    return float(np.mean([row.share for row in rows]))


def _asked(rows: Sequence[Recall]) -> int:
    return sum(row.asked for row in rows)


def _bands(rows: Sequence[Recall]) -> str:
    """By eights of bits."""
    cells = []
    for low in range(0, FARTHEST + 1, 8):
        band = [row for row in rows if low <= row.bits < low + 8]
        if band:
            cells.append(f"{low}-{low + 7}: {_share(band):.4f}")
    return ", ".join(cells)

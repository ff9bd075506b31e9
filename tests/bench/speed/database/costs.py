"""Compute what large registries would cost, from what was measured on smaller ones.

    python -m tests.bench.speed.database.costs [SVG]   (prints the table of docs/performance.md; draws to SVG)

Nothing is measured here. What a hash costs is a fixed part and a part for each million codes. Both were
measured with up to ten million, so a hundred million and a billion are computed. Past the memory of one
server the codes are divided, and each server is asked: the fixed part is paid on each. If a lookup needs more
CPU than they have, there are copies of all of them.

A server has `CORES` and `GB`, of which `BUSY` is used, and costs `EUROS` a year: an example, not an offer.
"""

from __future__ import annotations

import math
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from tests.bench.speed import curve

CORES, GB, EUROS, BUSY = 16, 128, 1_500, 0.6
SERVICE_MS: Final = 1.0
"""CPU of the service for a lookup of one hash, whatever finds the candidates."""
MILLIONS: Final = (10, 100, 1_000)
LOOKUPS: Final = (10, 1_000, 10_000)


@dataclass(frozen=True, slots=True)
class Engine:
    """Milliseconds of CPU of a hash, on each server and for each million codes; GB for a million frames."""

    name: str
    fixed_ms: float
    ms_a_million: float
    gb_a_million: float

    def servers(self, millions: int) -> int:
        """Servers over which the codes are divided."""
        return math.ceil(millions * self.gb_a_million / (GB * BUSY))

    def ms(self, millions: int) -> float:
        """CPU of a hash on all servers together."""
        return self.servers(millions) * self.fixed_ms + millions * self.ms_a_million

    def cost(self, millions: int, lookups: int) -> tuple[float, float, int]:
        """Return cores, GB, and euros a year, copies included."""
        cores = lookups * (self.ms(millions) + SERVICE_MS) / 1_000 / BUSY
        parts = self.servers(millions)
        copies = math.ceil(cores / (parts * CORES))
        return cores, copies * millions * self.gb_a_million, copies * parts * EUROS


KEYS_MS: Final = 0.17
"""Of 22 bits: .86 ms at .1 and 2.3 to 2.8 at ten million frames, mostly 486 rows read at ten million."""
ENGINES: Final = (
    Engine("PostgreSQL, keys of 22 bits", 0.85, KEYS_MS, 0.73),
    Engine("PostgreSQL, keys of 24 bits", 0.85, KEYS_MS * 122 / 486, 0.73),
    Engine("Milvus, 6 % of lists", 1.6, 4.2 * 256 / 4_096, 0.104),
)
"""Milvus: a request and 4.2 ns a code as `milvus_scale.py` has them; lists, 52 bytes as `faiss_scale.py`."""


def table() -> str:
    """Rows of frames and lookups, and for each engine cores, GB and euros."""
    lines = [
        "| frames, million | lookups/s | " + " | ".join(engine.name for engine in ENGINES) + " |",
        "|---:|---:|" + "---:|" * len(ENGINES),
    ]
    for millions in MILLIONS:
        for lookups in LOOKUPS:
            costs = [engine.cost(millions, lookups) for engine in ENGINES]
            cells = [
                f"{cores:,.{0 if cores >= 10 else 2}f}; {gb:,.0f}; {euros:,}" for cores, gb, euros in costs
            ]
            lines.append(f"| {millions:,} | {lookups:,} | " + " | ".join(cells) + " |")
    return "\n".join(lines)


def main() -> None:
    """Print the table, and draw the curve if a file is named."""
    print(table())
    if len(sys.argv) > 1:
        series = {
            engine.name: [(millions * 1_000_000, engine.ms(millions)) for millions in MILLIONS]
            for engine in ENGINES
        }
        title = "CPU of a hash, computed from up to ten million frames"
        curve.draw(Path(sys.argv[1]), title, series)


if __name__ == "__main__":
    main()

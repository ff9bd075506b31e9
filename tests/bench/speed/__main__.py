"""Measure how fast a registry answers while it grows: over HTTP and in SQL, beside in-memory search.

    make bench-speed [QUICK=1] [OUT=FILE] [EVAL=FOLDER]      (or: python -m tests.bench.speed)

Databases of 0.1, 1 and 10 million frames are filled (pHash and PDQ each, one frame in ten with an SSCD
vector and a face). The media follow the statistics of real ones in shape.json (see generator.py and
fitting.py). Databases are cached in .cache/bench-speed: filling the largest takes an hour, the next run
reuses it. A cached one is migrated to the current schema. The time of that is printed, and whether it
blocked lookups. Another shape or generator, or another `VERSION` of filling.py, fills it again.

Without EVAL the bits that real edits flip are those of shape.json. With EVAL that folder's media are
registered among the others and stay there, and the hashes of edits of them are looked up. Its statistics
are not used: that is `python -m tests.bench.speed.fitting EVAL`.

- QUICK=1 measures only 0.1 million, in three minutes. SIZES='0.1,1' chooses sizes, in millions
- WORKERS=N: the service's processes (2). HMA=URL also queries a Hasher-Matcher-Actioner
- SVG=FILE: where to draw the growth curve (default .cache/bench-speed/growth.svg). OUT=FILE: figures as JSON

CPU is that of all processes of the service, and of all of PostgreSQL, divided by the lookups. If root runs
it, huge pages are reserved for PostgreSQL meanwhile (HUGE_PAGES=off: none). The table says whether it had
them. Run it on an idle machine: figures are medians. `insert_frames_per_s` is of media without vectors,
stored by as many processes as there are cores.
"""

from __future__ import annotations

import argparse
import os
from pathlib import Path
from typing import Final

from tests.bench.speed.run import Chosen, run

SIZES: Final = (0.1, 1.0, 10.0)
LEAST: Final = 0.03
"""Million frames that hold chunks enough to ask about."""


def main() -> None:
    """Read the options and run."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("eval", type=Path, nargs="?", help="folder of the evaluation media")
    quick = os.environ.get("QUICK", "") not in {"", "0"}
    millions = [float(part) for part in os.environ.get("SIZES", "").replace(",", " ").split()]
    if any(million < LEAST for million in millions):
        parser.error(f"SIZES are millions of frames, {LEAST} at least")
    out, svg = os.environ.get("OUT"), os.environ.get("SVG")
    run(
        Chosen(
            material=parser.parse_args().eval,
            sizes=tuple(round(million * 1e6) for million in millions or SIZES[: 1 if quick else None]),
            quick=quick,
            workers=int(os.environ.get("WORKERS") or 2),
            peer=os.environ.get("HMA") or None,
            out=Path(out) if out else None,
            svg=Path(svg) if svg else None,
        )
    )


if __name__ == "__main__":
    main()

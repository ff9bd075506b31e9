"""Measure what Milvus's binary indexes find of what SQL finds, and at what cost.

    python -m tests.bench.speed.database.milvus_scale MILLIONS   (OUT=FILE: figures as JSON)

Codes and questions are those of `tests.bench.speed.faiss_scale`: frames and clips as real edits leave them. A
frame is found if a moment of its medium within the radius is. The server is the package `milvus` 2.3.5, the
last that runs without containers. uv installs it, its client and Python 3.11 in .cache/bench-speed. It
listens on all addresses, so it runs in a network namespace without a way out (`unshare`, Linux). There runs
`milvus_searches.py`.

CPU is the server's alone, in microseconds a hash, for requests of 20 hashes and of one. Milliseconds are
those of a client that sends one hash a request and waits for each.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
from pathlib import Path
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from registry.matching.candidates.model import probes
from tests.bench.speed.cluster import CACHE, ROOT, say
from tests.bench.speed.faiss_scale import FRAMES, OF_A_CLIP, Codes, asked, by_sql, drawn, halves
from tests.bench.speed.shape import Shape

FOLDER: Final = CACHE / "milvus"
PACKAGES: Final = (
    "milvus==2.3.5",
    "pymilvus==2.3.7",
    "marshmallow<4",
    "protobuf<5",
    "setuptools<80",
    "numpy",
)
SEARCHES: Final = Path(__file__).with_name("milvus_searches.py")
ALONE: Final = 'ip link set lo up; exec "$@"'


def installed() -> Path:
    """Return the Python that has the server and its client; install it once."""
    python = FOLDER / "venv" / "bin" / "python"
    if not (FOLDER / "installed").exists():
        own = ROOT / ".uv" / "bin" / "uv"
        uv = str(own) if own.exists() else "uv"
        subprocess.run([uv, "venv", "-q", "--clear", "--python", "3.11", FOLDER / "venv"], check=True)
        subprocess.run([uv, "pip", "install", "-q", "--python", python, *PACKAGES], check=True)
        (FOLDER / "installed").touch()
    return python


def searched(codes: Codes, hashes: NDArray[np.uint8], media: NDArray[np.int32]) -> list[dict[str, Any]]:
    """Return what the server says of each of its searches, `seen` with it: (q,) which media it found."""
    python = installed()
    for name, values in (
        ("codes", codes.hashes),
        ("media", codes.media),
        ("asked", hashes),
        ("wanted", media),
    ):
        np.save(FOLDER / f"{name}.npy", values)
    # As root too, a user namespace keeps the server from everything outside.
    program = ["unshare", "-rn", "sh", "-c", ALONE, "sh", str(python), str(SEARCHES), str(FOLDER)]
    with subprocess.Popen(program, stdout=subprocess.PIPE, text=True) as running:
        rows = []
        for line in running.stdout or ():
            row = json.loads(line)
            print({name: value for name, value in row.items() if name != "seen"}, flush=True)
            rows.append(row)
    if running.returncode:
        raise SystemExit(f"the searches ended with {running.returncode}")
    return rows


def shared(seen: list[int], sql: NDArray[np.bool_]) -> dict[str, float]:
    """Return the shares that Milvus found of the frames and the clips that SQL found."""
    own = np.array(seen, np.bool_)

    def clips(found: NDArray[np.bool_]) -> NDArray[np.bool_]:
        return np.asarray(found[FRAMES:].reshape(-1, OF_A_CLIP).sum(axis=1) >= probes.AGREEING)

    return {
        "frames_vs_sql": round(float(own[:FRAMES][sql[:FRAMES]].mean()), 4),
        "clips_vs_sql": round(float(clips(own)[clips(sql)].mean()), 4),
    }


def main() -> None:
    """Draw, ask SQL, ask Milvus, print."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("millions", type=float)
    shape = Shape.load()
    codes = drawn(parser.parse_args().millions, shape)
    questions = asked(codes, halves(shape)[1])
    sql = by_sql(codes, questions)
    say(f"SQL found {sql[:FRAMES].mean():.5f} of the frames; asking Milvus")
    rows = []
    for row in searched(codes, questions.hashes, questions.media):
        seen = row.pop("seen", None)
        rows.append(row | (shared(seen, sql) if seen else {}))
    print("\n".join(map(str, rows)))
    if out := os.environ.get("OUT"):
        Path(out).write_text(json.dumps(rows, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()

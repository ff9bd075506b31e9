"""Hostile files through a whole `fakeprint up`, and load that hurts.

    make bench-hostile [QUICK=1] [PARTS="files …"] [OUT=FILE]    (or: python -m tests.bench.hostile)

1. `files`: four callers send the corpus of `tests/hostile`, while another looks a good file up again.
   - `files`: how many were sent, all distinct.
   - `worker_deaths`: worker processes that ended, and jobs that were begun again. `api_deaths`: of the API.
   - `internal_errors`: answers of 5xx, jobs and log lines with an error that nobody foresaw.
   - `peak_mb`: most resident memory of any process but PostgreSQL's, sampled every 0.2 s.
   - `longest_cpu_s`: most seconds of CPU of the job of a file under 1 MB.
   - `good_file_p95_s_beside`: the p95 of the good file's answers beside the corpus, divided by that alone, a
     ratio.
   - `outside_connections`: packets to other machines, in a network of its own. It needs root and `ip`.
   - `temp_files_left`: in TMPDIR, and of unfinished uploads.

2. `described`: Schemathesis calls every operation of the API's description, in all phases, as every role.
   - `schemathesis_5xx`: answers of 5xx. Only 503 with a code and Retry-After is a refusal, as described.
   - `schemathesis_schema_violations`: answers whose status, type, headers or body it does not allow.
3. `record`: the record altered in every way that the database's administrator can (`make bench-registry`).
   - `tamper_unseen`: ways that nobody who verifies it has seen.
4. `load`: what hurts.
   - `fair_p99_ratio`: p99 of ten callers beside one at ten times its rate, divided by that alone.
   - Said on standard error: 2,000 slow connections, a query that matches 100,000 entries alike, one
     fake against a million watches (`tests/bench/registry/watches.py`).

QUICK=1 takes a tenth. PARTS chooses parts. OUT=FILE writes the figures as JSON. KEEP=FOLDER keeps the logs.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any, Final

from tests.bench.hostile import described, files, load, network
from tests.bench.hostile.network import Outside
from tests.bench.registry import __main__ as registry

PARTS: Final[dict[str, Callable[[Outside | None, bool], dict[str, Any]]]] = {
    "files": lambda outside, quick: files.measure(outside, share=0.1 if quick else 1.0),
    "described": lambda _, quick: described.measure(quick=quick),
    "record": lambda _outside, _quick: {"tamper_unseen": registry.record()["tamper_unseen"]},
    "load": lambda _, quick: load.measure(quick=quick),
}


def main() -> int:
    """Run the parts, print and write the figures. Return 1 if a part could not be measured."""
    argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    ).parse_args()
    quick = os.environ.get("QUICK", "") not in {"", "0"}
    chosen = os.environ.get("PARTS", "").split() or list(PARTS)
    outside = network.enclosed()
    figures: dict[str, Any] = {}
    failed = False
    for name in chosen:
        print(f"{time.strftime('%H:%M:%S')} {name}", file=sys.stderr, flush=True)
        try:
            found = PARTS[name](outside, quick)
        except (OSError, RuntimeError) as error:
            print(f"{name}: cannot be measured: {error}", file=sys.stderr)
            failed = True
            continue
        print(f"{name}: {json.dumps(found)}", flush=True)
        figures |= found
        if out := os.environ.get("OUT"):
            Path(out).write_text(json.dumps({"figures": figures}, indent=2) + "\n")
    print(json.dumps({"figures": figures}, indent=2))
    return int(failed)


if __name__ == "__main__":
    sys.exit(main())

"""Where media come from, and what registries tell each other, tried and counted.

    make bench-provenance [QUICK=1] [OUT=FILE]    (or: python -m tests.bench.provenance)

1. Manifests of C2PA in every format, signed, altered, copied, expired, and made to do harm: `manifests_read`,
   `manifest_verdicts_right`.
2. Registries that read each other's feeds: `sync_1m_seconds`, `withdrawal_seconds`, `forks_injected`,
   `forks_unseen`.
3. The library `threatexchange`, unmodified, reads a published bank: `threatexchange_client_ok`.

QUICK=1 leaves the figure of a million entries out. OUT=FILE writes the figures as JSON. PostgreSQL runs on a
port of its own and is ended again.
"""

from __future__ import annotations

import argparse
import importlib
import inspect
import json
import os
import sys
import time
from pathlib import Path
from typing import Any, Final

PARTS: Final = {
    "manifests": ("manifests_read", "manifest_verdicts_right"),
    "sync": ("sync_1m_seconds", "withdrawal_seconds", "forks_injected", "forks_unseen"),
    "threatexchange": ("threatexchange_client_ok",),
}
OF_A_MILLION: Final = frozenset({"sync_1m_seconds"})


def main() -> int:
    """Run all, print, write the figures; 1 where a part is missing or says too little."""
    argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    ).parse_args()
    quick = os.environ.get("QUICK", "") not in {"", "0"}
    figures: dict[str, Any] = {}
    missing: list[str] = []
    for part, names in PARTS.items():
        wanted = [name for name in names if not (quick and name in OF_A_MILLION)]
        print(f"{time.strftime('%H:%M:%S')} {part}", file=sys.stderr, flush=True)
        try:
            measure = importlib.import_module(f"tests.bench.provenance.{part}").measure
        except ModuleNotFoundError as error:
            print(f"{part}: cannot be measured: there is no {error.name}", file=sys.stderr)
            missing += wanted
            continue
        takes_quick = "quick" in inspect.signature(measure).parameters
        found = measure(quick=quick) if takes_quick else measure()
        print(f"{part}: {json.dumps(found, default=str)}", flush=True)
        figures |= {name: found[name] for name in wanted if name in found}
        missing += [name for name in wanted if name not in found]
    print(json.dumps({"figures": figures}, indent=2))
    if out := os.environ.get("OUT"):
        Path(out).write_text(json.dumps({"figures": figures}, indent=2) + "\n")
    if missing:
        print(f"not measured: {', '.join(missing)}", file=sys.stderr)
    return int(bool(missing))


if __name__ == "__main__":
    sys.exit(main())

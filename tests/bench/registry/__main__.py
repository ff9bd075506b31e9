"""What organizations that share a registry must be able to rely on, tried and counted.

    make bench-registry [QUICK=1] [OUT=FILE]      (or: python -m tests.bench.registry)

1. Every operation of the API against every role, and every thing of another organization: `routes_checked`,
   `cross_tenant_reads`. `python -m tests.bench.registry.roles` prints the matrix.
2. A million PDQ hashes imported into an empty registry, every index on: `import_1m_seconds`.
3. One fake registered against a million lookups that are watched: `watch_cpu_ms_at_1m`, of PostgreSQL and
of the
   worker together.
4. The record altered in every way that an administrator of the database can: `tamper_attempts`, of which
   `fakeprint verify` did not see `tamper_unseen`.
5. Webhooks to an endpoint that fails, hangs and cuts off, by workers that are killed: `webhooks_lost`.

QUICK=1 imports 50,000 hashes and watches 50,000 lookups, and leaves the figures out that are of a million.
OUT=FILE writes the figures as JSON. It takes about ten minutes; PostgreSQL runs on a port of its own and is
ended again.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
import tempfile
import time
from pathlib import Path
from typing import Any, Final

from registry.app.service.bootstrap import bootstrap
from registry.app.wiring import wire
from registry.core.service import open_service
from registry.core.settings import Settings
from registry.identity.callers.service.keys import authenticate
from tests.bench.registry import hooks, importing, roles, tampering, watches
from tests.support.service import api
from tests.support.service import servers as services

MILLION: Final = 1_000_000
FEW: Final = 50_000


def main() -> None:
    """Run all, print, write the figures."""
    argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    ).parse_args()
    quick = os.environ.get("QUICK", "") not in {"", "0"}
    rows = FEW if quick else MILLION
    figures: dict[str, Any] = {}
    for name, measure in (
        ("roles", _roles),
        ("import", lambda: importing.measure(rows)),
        ("watches", lambda: watches.measure(rows)),
        ("record", record),
        ("webhooks", hooks.measure),
    ):
        print(f"{time.strftime('%H:%M:%S')} {name}", file=sys.stderr, flush=True)
        found = measure()
        print(f"{name}: {json.dumps(found, default=str)}", flush=True)
        figures |= found
    wanted = [
        figure
        for figure in FIGURES
        if figure in figures and not (quick and figure.split("_", 1)[-1] in OF_A_MILLION)
    ]
    chosen = {figure: figures[figure] for figure in wanted}
    print(json.dumps({"figures": chosen}, indent=2))
    if out := os.environ.get("OUT"):
        Path(out).write_text(json.dumps({"figures": chosen}, indent=2) + "\n")


FIGURES: Final = (
    *("routes_checked", "cross_tenant_reads", "import_1m_seconds", "watch_cpu_ms_at_1m"),
    *("tamper_attempts", "tamper_unseen", "webhooks_lost"),
)
OF_A_MILLION: Final = ("1m_seconds", "cpu_ms_at_1m")


def _roles() -> dict[str, int]:
    with (
        services.postgres() as server,
        server.clone() as url,
        tempfile.TemporaryDirectory() as folder,
        api.running(url, Path(folder)) as running,
    ):
        matrix = roles.check(running)
    for failure in matrix.failures:
        print(f"role matrix: {failure}", file=sys.stderr)
    return {"routes_checked": matrix.routes_checked, "cross_tenant_reads": matrix.cross_tenant_reads}


def record() -> dict[str, int]:
    """Alter the record of a new registry in every way, and count what is not seen."""
    with services.postgres() as server, server.clone() as url, tempfile.TemporaryDirectory() as folder:
        wire()
        service = open_service(Settings(database_url=url, data=Path(folder)))
        try:
            key = bootstrap(service)
            assert key
            return tampering.figures(service, authenticate(service, key))
        finally:
            service.close()


if __name__ == "__main__":
    main()

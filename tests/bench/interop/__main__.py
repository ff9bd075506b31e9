"""Run others' own tests and tools against Fakeprint.

    make interop PEERS=FOLDER [OUT=FILE]    (or: python -m tests.bench.interop FOLDER)

`FOLDER` holds the source of Hasher-Matcher-Actioner (`hasher-matcher-actioner/`) and of ROOST Coop's client
of it (`coop/`), which are not part of this repository. Packages of PyPI and npm are installed in
.cache/interop.

1. HMA's own tests over HTTP (`hma_twin.py`): `hma_tests_passed` of `hma_tests_http`. Skipped are those of its
   own functions and tables. Then the same requests to HMA's own server and here (`hma_requests.py`):
   `hma_requests_same` of `hma_requests`.
2. Meta's command line `tx` reads an export, finds a re-encoded picture and a video, and its table is
   imported: `tx_matches` of `tx_expected`.
3. npm's `jsonld` expands an assertion and a status list in safe mode: `jsonld_safe`.
4. `openssl ts -verify` and the registry accept a time stamp whose certificates are not sorted:
   `openssl_verified`.
5. TypeScript checks ClaimReview and MediaReview against Google's types of schema.org (`schema-dts`):
   `schema_org_typed` of `schema_org_reviews`.
6. Coop's own client, run by Node, calls the service without a key, with one, and with a slash too many:
   `coop_calls_ok` of `coop_calls`.
7. The InVID-WeVerify plugin's and Meedan Check's own code ask for fakes (`fact_checkers.py`):
   `fact_check_calls_ok` of `fact_check_calls`, if their source is among the peers.
8. PDQ of stills, and of those in FOLDER/stills, against the library `threatexchange`, in bits:
   `pdq_max_distance_threatexchange` of `pdq_stills`.

OUT=FILE writes the figures as JSON. The service runs on a port of its own and is ended again.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
import time
from pathlib import Path
from typing import Any, Final

from tests.bench.interop import coop, fact_checkers, hma, jsonld, pdq, schema_org, stamps, tx

PARTS: Final = {
    "hma": hma.measure,
    "tx": tx.measure,
    "jsonld": jsonld.measure,
    "stamps": stamps.measure,
    "schema_org": schema_org.measure,
    "coop": coop.measure,
    "fact_checkers": fact_checkers.measure,
    "pdq": pdq.measure,
}


def main() -> int:
    """Run all parts, print and write the figures. Return 1 if a part could not be measured."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("peers", type=Path, help="folder with hasher-matcher-actioner/ and coop/")
    peers: Path = parser.parse_args().peers.resolve()
    figures: dict[str, Any] = {}
    failed = False
    for name, measure in PARTS.items():
        print(f"{time.strftime('%H:%M:%S')} {name}", file=sys.stderr, flush=True)
        try:
            found = measure(peers)
        except (OSError, RuntimeError) as error:
            print(f"{name}: cannot be measured: {error}", file=sys.stderr)
            failed = True
            continue
        print(f"{name}: {json.dumps(found)}", flush=True)
        figures |= found
    print(json.dumps({"figures": figures}, indent=2))
    if out := os.environ.get("OUT"):
        Path(out).write_text(json.dumps({"figures": figures}, indent=2) + "\n")
    return int(failed)


if __name__ == "__main__":
    sys.exit(main())

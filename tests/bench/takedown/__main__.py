"""Run a takedown of 500 URLs from registration to evidence bundle, while services are killed.

    make bench-takedown [EVAL=FOLDER] [QUICK=1] [OUT=FILE]      (or: python -m tests.bench.takedown)

The scenario runs on `fakeprint up` with its real workers, and with 12 platforms on this machine: six
receive notices by an API, four by mail, two have a form. Their receipts are counted.

- `notices_sent`: notices that arrived by API or mail, and letters that were printed and handed over
- `sent_twice`: places, or ids of messages, for which more than one arrived. Repeats under one id at an API
  that follows Standard Webhooks are counted apart (`told_again_under_one_id`)
- `wrongly_sent`: notices about places that show no fake
- `breaches_raised`: missed legal deadlines reported to the lawyers' webhook; the scenario has two
- `bundle_tamper_unseen`: alterations of bundles that the check missed
- `verify_seconds`: time of `fakeprint verify` on the campaign's bundle
- `urls_in_seconds_10k`: wall time of `fakeprint takedown add` with 10,000 addresses

EVAL names a folder as for the other benches: the fake is then a pair of `deepfake_pairs`. Otherwise it is
made from photographs of scikit-image. QUICK=1: 120 rows, no 10,000 addresses, fewer kills, shorter waits
between attempts. OUT=FILE writes the figures as JSON. The exit status is 1 if a result is wrong; stderr
says which. LOGS=1 shows the service's logs when it stops.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
from pathlib import Path
from typing import Final

from tests.bench.takedown.run import run
from tests.bench.takedown.scenario import Scenario

FIGURES: Final[tuple[str, ...]] = (
    *("urls_in_seconds_10k", "notices_sent", "sent_twice", "wrongly_sent", "breaches_raised"),
    *("bundle_tamper_unseen", "verify_seconds"),
)


def main() -> None:
    """Run, print, write the figures."""
    argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    ).parse_args()
    quick = os.environ.get("QUICK", "") not in {"", "0"}
    response = os.environ.get("EVAL")
    story = run(Path(response) if response else None, short=quick)
    _print(story)
    chosen = {figure: story.figures[figure] for figure in FIGURES if figure in story.figures}
    chosen |= {name: value for name, value in story.figures.items() if name not in chosen}
    chosen["scenario_seconds"] = story.seconds["in all"]
    print(json.dumps({"figures": chosen}, indent=2))
    if out := os.environ.get("OUT"):
        Path(out).write_text(json.dumps({"figures": chosen}, indent=2) + "\n")
    for item in story.wrong:
        print(f"WRONG {item}", file=sys.stderr)
    sys.exit(1 if story.wrong else 0)


def _print(story: Scenario) -> None:
    width = max(map(len, story.seconds))
    for name, seconds in story.seconds.items():
        print(f"{name:{width}}  {seconds:8.2f} s")
    print()


if __name__ == "__main__":
    main()

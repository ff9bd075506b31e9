"""One fake in 500 places, from its registration to the file for the judge, on a service that is killed on the
way; and what lists and bundles cost.

    make bench-takedown [EVAL=FOLDER] [QUICK=1] [OUT=FILE]      (or: python -m tests.bench.takedown)

The scenario runs on `fakeprint up` with its real workers, and with 12 platforms on this machine: six take
notices by an API, four by mail, two have a form. What they got is counted there. `notices_sent`: notices that
arrived, by API or by mail, and letters that were printed and handed over; `sent_twice`: places, or ids of
messages, to which more than one came, what an API that keeps to Standard Webhooks is told again under one id
left out (`told_again_under_one_id`); `wrongly_sent`: notices about places that show no fake;
`breaches_raised`: what the lawyers' webhook was told of terms that a law sets, which the scenario lets end
twice; `bundle_tamper_unseen`: alterations of bundles that a check did not see; `verify_seconds`: `fakeprint
verify` of the campaign's bundle; `urls_in_seconds_10k`: `fakeprint takedown add` of 10,000 addresses, wall.

EVAL names a folder as the other benches use it: the fake is then a pair of `deepfake_pairs`; else it is made
from photographs of scikit-image. QUICK=1: 120 rows, without the 10,000 addresses, fewer
kills, waits between attempts shortened. OUT=FILE writes the figures as JSON. The exit status is 1 where
anything came out otherwise than it must; what, is on stderr. LOGS=1 shows the service's logs when it stops.
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
    given = os.environ.get("EVAL")
    story = run(Path(given) if given else None, short=quick)
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

"""Look up the same clips by every interface, and count answers that contradict a fuller interface.

    make bench-doors EVAL=FOLDER [QUICK=1] [OUT=FILE]      (or: python -m tests.bench.doors FOLDER)

`FAKES` fakes of `deepfake_pairs` are registered by upload with their originals, in a `fakeprint up` of
this run. Each is of another group, chosen by a fixed seed. Six copies of each fake are looked up:
messenger, crop 10 %, a caption bar of 40 pixels, mirror, black bars, the middle four seconds. Two copies
of each original are looked up too: messenger, crop 10 %. Copies hold the first `SECONDS` of their source.
The interfaces are:

- `lookup`: `fakeprint lookup`, which sends a fingerprint document with faces
- `upload`: `fakeprint lookup --upload`, which sends the file: the fullest interface
- `document`: `fakeprint hash`, and the document sent to `POST /v1/lookups`
- `document faces`: the same with `fakeprint hash --faces`
- `browser`: the page "Look up" in Chromium. A signed-in person chooses the file, presses the button and reads
  the answer. Its next step is a button on the page of the answer
- `browser faces`: the same, with "Compare faces too" ticked
- `python`: the first example in the documentation of `fakeprint`

An answer is wrong in three cases. Its verdict is not that of `upload` for the same clip and it has no
`next_step`. Or both say `known_fake` and name no entry in common. Or it calls a copy of an original
`known_fake`.

- `doors_wrong`: wrong answers
- `doors_failed`: clips for which an interface gave an error instead of an answer
- `originals_known_fake`: wrong answers that accuse an original
- `browser_found`: of the copies of fakes for which `lookup` names the right entry as `known_fake` or
  `related`, the share for which the browser without faces names it too
- `browser_found_verdict`: the share for which it says `known_fake` or `related`, for any entry
- `browser_faces_found`, `browser_faces_found_verdict`: the same with faces
- `browser_faces_known`: of the copies that `lookup` calls `known_fake` by the right entry, the share that the
  browser with faces calls so too
- `browser_60s_720p_s`: seconds from the press of the button to the answer, for the minute of 720p of
  `tests.bench.console`, without faces. The median of three runs after the commands, each in a new browser
- `browser_60s_720p_cpu_s`: CPU seconds of all of Chromium's processes in such a run
- `load`: the machine's load of one minute at the end; on a busy machine the seconds say little

Progress, the table of interfaces and each wrong answer go to standard error. The exit status is 1 if
`doors_wrong` is not 0, `browser_found` is below .95 or `browser_60s_720p_s` is above 20. QUICK=1: four
fakes.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
from pathlib import Path
from typing import Final

from tests.bench.doors import judging
from tests.bench.doors.run import run

FOUND: Final = 0.95
SECONDS: Final = 20.0


def main() -> None:
    """Run, print, write the figures."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("folder", type=Path, help="folder of the evaluation media")
    folder: Path = parser.parse_args().folder
    quick = os.environ.get("QUICK", "") not in {"", "0"}
    cases, answers_by_door, seconds = run(folder, quick=quick)
    judging.show(cases, answers_by_door)
    figures = {**judging.figures(cases, answers_by_door), **seconds}
    print(json.dumps({"figures": figures}, indent=2))
    if out := os.environ.get("OUT"):
        Path(out).write_text(json.dumps({"figures": figures}, indent=2) + "\n")
    missed = {
        "doors_wrong": figures["doors_wrong"] > 0,
        "browser_found": figures["browser_found"] < FOUND,
        "browser_60s_720p_s": figures["browser_60s_720p_s"] > SECONDS,
    }
    for name in (name for name, so in missed.items() if so):
        print(f"WRONG {name}: {figures[name]}", file=sys.stderr)
    sys.exit(1 if any(missed.values()) else 0)


if __name__ == "__main__":
    main()

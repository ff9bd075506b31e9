"""Measure the console in Debian's Chromium: weight and speed of pages, and fingerprinting a minute of video.

    make bench-console [EVAL=FOLDER] [OUT=FILE]      (or: python -m tests.bench.console [FOLDER])

Pages. Each of `pages.MAIN` is opened in a new browser, with an empty cache, and then used: folded parts are
opened, a word is typed, Tab is pressed. A table is printed, the heaviest page first.

- `page_NAME_bytes`: bytes received, headers included, as Chromium counts them. Face models and
  WebAssembly are left out: they are loaded only when a file is looked up
- `page_NAME_requests`: requests of the page, all it loads later included
- `page_NAME_paint_ms`: from the navigation to the first contentful paint
- `page_NAME_interaction_ms`: from the slowest key or click to the next paint (Event Timing, in steps of 8 ms;
  what takes less than 16 ms is reported as 16)
- `page_bytes_max`, `page_requests_max`, `page_interaction_ms_max`: of the worst page

Hashing. The clip is 60 s of 720p H.264: six seconds of each of ten clips of EVAL, or of scikit-image's
photographs without a folder. A signed-in person chooses it on the page "Look up", each time in a new browser.

- `browser_clip60_seconds`: wall time from the press of the button to the answer, the worst of `RUNS` runs
- `browser_clip60_best_seconds`: the same, the best run
- `browser_hashing_x_real_time`: seconds of video fingerprinted a second, in the best run
- `browser_clip60_frames`: different pictures in the document that was sent
- `browser_clip60_cpu_seconds`: CPU of all of Chromium's processes in that time
- `browser_pdq_distance_max`, `…_median`: bits of 256 by which PDQ differs from Python's of the same picture.
  Hashes of quality 50 or more are compared (`browser_pdq_compared`), with the nearest picture within 50 ms
- `browser_phash_distance_max`: the same for pHash
- `browser_clip60_faces_seconds`: one run with faces, loading of the models included
- `browser_faces`, `python_faces`, `browser_face_cosine_median`, `…_min`: faces found, and the similarity of
  their vectors to Python's
- `browser_media_bytes_sent`: bytes of request bodies that are neither the form's token nor a fingerprint
  document that the service can read, and bytes of the clip in any body; counted by the DevTools protocol
- `load_before`: the machine's load of one minute; on a busy machine times say little

The exit status is 1 if a run takes longer than `MOST_SECONDS`, if anything but a document was sent, or if a
page is heavier than `MOST_BYTES`.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
import tempfile
from pathlib import Path
from typing import Final

from tests.bench.accuracy.media import material, minute
from tests.bench.console.run import run
from tests.bench.speed import fingerprint

MOST_SECONDS: Final = 30.0
MOST_BYTES: Final = 200_000


def main() -> None:
    """Run, print, write the figures."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("folder", type=Path, nargs="?", help="evaluation media, as other benches take them")
    folder: Path | None = parser.parse_args().folder
    with tempfile.TemporaryDirectory() as scratch:
        if folder is None:
            clip = fingerprint.made(Path(scratch) / "minute.mp4")
        else:
            clip = minute.made(material.read(folder, quick=False).sources)
        figures = run(clip)
    print(json.dumps({"figures": figures}, indent=2))
    if out := os.environ.get("OUT"):
        Path(out).write_text(json.dumps({"figures": figures}, indent=2) + "\n")
    wrong = [name for name in ("browser_media_bytes_sent",) if figures[name]]
    wrong += [name for name in ("browser_clip60_seconds",) if figures[name] > MOST_SECONDS]
    wrong += [name for name in ("page_bytes_max",) if figures[name] > MOST_BYTES]
    for item in wrong:
        print(f"WRONG {item}: {figures[item]}", file=sys.stderr)
    sys.exit(1 if wrong else 0)


if __name__ == "__main__":
    main()

"""Compare pages with their reference images.

    make visual [OUT=FOLDER] [ACCEPT=1] [NAMES="design-light …"]

A page with fixed contents is shot in Debian's Chromium. It is compared with its reference, `NAME.webp` in
`tests/browser/visual/references`. OUT (default: `.cache/visual`) gets the pictures of now, those with the
differences in red, and `index.html`, which shows them side by side. The status is 1 if a picture differs or
lacks a reference.

ACCEPT=1 makes the pictures of now the references. Look at `index.html` first, and commit the references with
the change that made them differ.

`references/made-by.txt` names the build of Chromium that made the references. Another build may draw letters
otherwise. Then the run says so.
"""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import Final

from PIL import Image
from playwright.sync_api import sync_playwright

from tests.browser.conftest import ARGUMENTS, CHROMIUM
from tests.browser.screenshots import serving
from tests.browser.visual.comparing import MOST_CELLS, MOST_FAINT, compare
from tests.browser.visual.pages import PICTURES, shots
from tests.browser.visual.report import Row, write

REFERENCES: Final = Path(__file__).parent / "references"
MADE_BY: Final = REFERENCES / "made-by.txt"
ROOT: Final = Path(__file__).parents[3]


def main() -> int:
    """The exit status."""
    names = os.environ.get("NAMES", "").split()
    if unknown := set(names) - {picture.name for picture in PICTURES}:
        print(f"no such pictures: {', '.join(sorted(unknown))}", file=sys.stderr)
        return 2
    chosen = tuple(picture for picture in PICTURES if not names or picture.name in names)
    accepts = os.environ.get("ACCEPT", "") not in {"", "0"}
    folder = Path(os.environ.get("OUT") or ROOT / ".cache" / "visual")
    folder.mkdir(parents=True, exist_ok=True)
    rows = []
    with serving() as console, sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=ARGUMENTS)
        build = f"Chromium {browser.version}"
        for picture, now in shots(console, browser, chosen):
            rows.append(_compared(picture.name, now, folder))
            if accepts:
                REFERENCES.mkdir(exist_ok=True)
                now.save(REFERENCES / f"{picture.name}.webp", lossless=True, method=6)
        browser.close()
    print(f"report: {write(folder, rows)}")
    if accepts:
        MADE_BY.write_text(f"{build}\n")
        return 0
    differing = [row for row in rows if row.differs]
    if differing and MADE_BY.is_file() and MADE_BY.read_text().strip() != build:
        print(f"the references were made by {MADE_BY.read_text().strip()}; this is {build}")
    return 1 if differing else 0


def _compared(name: str, now: Image.Image, folder: Path) -> Row:
    now.save(folder / f"{name}.now.png")
    reference = REFERENCES / f"{name}.webp"
    if not reference.is_file():
        row = Row(name, differs=True, text="no reference")
    else:
        with Image.open(reference) as opened:
            opened.convert("RGB").save(folder / f"{name}.reference.png")
            difference = compare(opened, now)
        difference.marked.save(folder / f"{name}.difference.png")
        text = (
            f"{difference.cells} cells differ, {difference.faint} a little" if difference.faint else "equal"
        )
        if difference.sizes:
            text += ", {0[0]}×{0[1]} became {1[0]}×{1[1]}".format(*difference.sizes)
        if difference.box:
            text += f", in {difference.box}"
        row = Row(name, differs=bool(difference), text=text)
    print(
        f"{'DIFFERS' if row.differs else 'ok':<8}{name}: {row.text} (at most {MOST_CELLS}, {MOST_FAINT})",
        flush=True,
    )
    return row


if __name__ == "__main__":
    sys.exit(main())

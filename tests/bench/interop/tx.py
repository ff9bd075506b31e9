"""Meta's command line `tx` and its library, both ways."""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path
from subprocess import CompletedProcess

from PIL import Image

from tests.bench.interop.tools import ran
from tests.support.media import clips as media
from tests.support.service import stack

TX = Path(sys.executable).with_name("tx")
ENOUGH = 3
"""Pictures in the list: `tx` 1.2.17 finds nothing in a stored PDQ index of a single hash."""


def measure(_peers: Path) -> dict[str, int]:
    """Return how many of the expected matches `tx` reports, and how many signals come back by its table."""
    with stack.running() as started, tempfile.TemporaryDirectory() as temporary:
        folder = Path(temporary)

        def tx(*words: object) -> CompletedProcess[str]:
            return ran(TX, *words, HOME=temporary)

        pictures = []
        for number, name in enumerate(("chelsea", "coffee", "astronaut")[:ENOUGH]):
            picture = folder / f"{number}.png"
            Image.fromarray(media.view(media.photograph(name), 640, 480, 0.7)).save(picture)
            pictures.append(picture)
        clip = media.clip(folder / "clip.mp4", "rocket", seconds=4, size=(320, 240))
        started.fakeprint("register", *pictures, clip)
        started.fakeprint("export", "--format", "text", "-o", folder / "list.txt")
        tx("config", "collab", "edit", "local_file", "--create", "Fakes", "--filename", folder / "list.txt")
        tx("fetch")
        found = 0
        for picture in pictures:
            copy = picture.with_suffix(".jpg")
            Image.open(picture).resize((500, 375)).convert("RGB").save(copy, quality=60)
            found += "pdq" in tx("match", "photo", copy).stdout
        found += "video_md5" in tx("match", "video", clip).stdout
        (folder / "dataset.csv").write_text(tx("dataset", "--print-signals", "--csv").stdout)
        started.fakeprint("admin", "bank", "add", "returned")
        imported = started.fakeprint("import", folder / "dataset.csv", "--bank", "returned")
        found += f"{ENOUGH + 2} new" in imported.stdout
    return {"tx_matches": found, "tx_expected": ENOUGH + 2}

"""Clusters outside their data folder (see `location`) whose data folder is gone. They are reported, not
removed."""

from __future__ import annotations

import os
import shlex
import stat
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Final

from registry.app.embedded import binaries, leftovers

MAX_NOTE_BYTES: Final = 4096


def warnings() -> Iterator[str]:
    """Yield a warning for each, with the command that removes it."""
    for cluster in sorted(binaries.SYSTEM_FOLDER.glob("cluster-*")):
        linked = origin(cluster)
        # A link to another cluster belongs to a new data folder in the same place.
        if linked is None or not (cluster / "data").is_dir() or _leads(linked, cluster):
            continue
        if not any(leftovers.running(cluster / "data")):
            yield (
                f"Warning: {cluster} holds the database of {_printable(linked.parent)}, which is gone. "
                f"Unless that was only moved or unmounted, remove it: rm -rf {shlex.quote(str(cluster))}"
            )


def origin(cluster: Path) -> Path | None:
    """Return the link that the file `origin` of the cluster names, or None.

    The folder belongs to `nobody`, so only a regular file with an absolute path is accepted.
    """
    try:
        handle = os.open(cluster / "origin", os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC)
        with os.fdopen(handle, "rb") as file:
            if not stat.S_ISREG(os.fstat(handle).st_mode):
                return None
            text = os.fsdecode(file.read(MAX_NOTE_BYTES)).removesuffix("\n")
    except OSError:
        return None
    return Path(text) if text.startswith("/") and "\0" not in text else None


def _leads(link: Path, cluster: Path) -> bool:
    with suppress(OSError, RuntimeError):
        return link.resolve() == cluster.resolve()
    return False


def _printable(path: Path) -> str:
    """Return the path without characters that control a terminal."""
    return "".join(letter if letter.isprintable() else "?" for letter in str(path))
